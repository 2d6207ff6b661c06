"""Which points of a store are on a Pareto front, and which take no part in it."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from simulator.results.fit import FITS
from simulator.results.pareto import front_by_group
from simulator.results.text import counted
from workloads.document_types import Document
from workloads.errors import refuse

AREA = "area_mm2"


class Front(NamedTuple):
    """The points that nothing beats, by id, and sentences about those that were left out."""

    ids: list[str]
    notes: tuple[str, ...]


class Objectives(NamedTuple):
    """What a front is about: columns where less is better, and columns where more is."""

    minimise: tuple[str, ...]
    maximise: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.minimise, *self.maximise)

    def costs(self, row: Document) -> list[float]:
        """A row's objectives such that less is better."""
        return [*(row[name] for name in self.minimise), *(-row[name] for name in self.maximise)]


def find_front(where: object, rows: Iterable[Document], wanted: Objectives, by: Sequence[str], every: bool) -> Front:
    """The front of each group of equal `by`; every: points that do not fit their machine take part too.

    Points that failed take no part. InputError about `where` where points are there and each lacks an objective.
    """
    ids, costs, groups = [], [], []
    misfits, lacking = 0, dict.fromkeys(wanted.names, 0)
    for row in rows:
        if row.get("error") is not None:
            continue
        missing = [name for name in wanted.names if not is_number(row.get(name))]
        if missing:
            lacking[missing[0]] += 1
        elif not every and not row[FITS]:
            misfits += 1
        else:
            ids.append(row["id"])
            costs.append(wanted.costs(row))
            groups.append(tuple(row.get(name) for name in by))
    for name, count in lacking.items():
        if count and not ids and not misfits:
            refuse(where, f"none of its points has {name}{_why(name)}", "a column that points have")
    best = front_by_group(np.array(costs, np.float64).reshape(len(ids), len(wanted.names)), groups)
    notes = [
        f"left out: {counted(count, 'point')} without {name}{_why(name)}" for name, count in lacking.items() if count
    ]
    if misfits:
        found = counted(misfits, "point that does not fit its machine", "points that do not fit their machine")
        notes.append(f"left out: {found}; --all takes them too")
    return Front([one for one, stays in zip(ids, best, strict=True) if stays], tuple(notes))


def is_number(value: object) -> bool:
    """Whether a cell is a number."""
    return isinstance(value, int | float)


def _why(name: str) -> str:
    return ", as their configurations give no area" if name == AREA else ""
