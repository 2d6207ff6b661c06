"""What a search found: its trials in the order in which they were asked for, and their front."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulator.results.files import StoredFile
from simulator.results.hypervolume import growth, reference_point
from simulator.results.pareto import front
from simulator.results.search_frames import KIND
from simulator.results.text import counted
from simulator.sweeps.explore.goals import REFUSED, Goals, Verdict, costs_of
from workloads.document_types import Document

if TYPE_CHECKING:
    from os import PathLike

    import pandas as pd
    from matplotlib.figure import Figure

NEAR = 0.98
"""Of the last hypervolume: when it was reached is said."""
WHY, ON_FRONT, SHARE = "left_out", "front", "hypervolume"
"""Columns of trials: why one takes no part, whether it is on the front, the front so far as a share of the last."""


class Exploration(NamedTuple):
    """A search: what was asked, and a row for each trial, numbered from 1."""

    about: Document  # machine, workload, objectives, limits, values of keys, seed
    trials: tuple[Document, ...]
    reference: dict[str, float]  # by objective; empty where no point takes part
    run: int = 0  # simulations of this call; the other points were in the store
    stopped: bool = False  # before all trials were done
    notes: Mapping[str, int] = MappingProxyType({})  # sentences of the points that were run, and how many have them

    @property
    def front(self) -> tuple[Document, ...]:
        """The trials that no other one beats, by the first objective; of equal ones all stay."""
        first = (*self.about["minimise"], *self.about["maximise"])[0]
        sign = 1 if self.about["minimise"] else -1
        return tuple(sorted((row for row in self.trials if row[ON_FRONT]), key=lambda row: sign * row[first]))

    @property
    def left_out(self) -> int:
        """How many trials take no part: the machine refuses them, they do not fit, or are beyond a limit."""
        return sum(row[WHY] is not None for row in self.trials)

    @property
    def sentences(self) -> tuple[str, ...]:
        """How much was tried, what takes no part and why, and when the front was found."""
        tried = f"{counted(len(self.trials), 'trial')} of {counted(self.about['points'], 'point')}"
        reasons = Counter(str(row[WHY]).partition(":")[0] for row in self.trials if row[WHY] is not None)
        out = [f"left out: {counted(count, 'trial')}, {why}" for why, count in sorted(reasons.items())]
        out += [f"the first that is refused: {row[WHY].partition(': ')[2]}" for row in self.trials if _refused(row)][:1]
        if ignored := self.about.get("area_ignores"):
            out.append(f"area_mm2 does not follow {', '.join(ignored)}: it is that of the configuration")
        if not self.front:
            return (f"{tried}: none takes part", *out)
        near = next(row["trial"] for row in self.trials if row[SHARE] >= NEAR)
        grown = f"{NEAR:.0%} of its hypervolume after {counted(near, 'trial')}"
        return (f"{tried}: {counted(len(self.front), 'trial')} on the front, {grown}", *out)

    def distinct(self) -> pd.DataFrame:
        """The front with one row for trials of equal objectives, the first, and how many there are in `equal`."""
        import pandas as pd

        objectives = [*self.about["minimise"], *self.about["maximise"]]
        limited = [name for name in self.about.get("limited", ()) if name in self.front[0]]
        frame = pd.DataFrame(self.front)
        groups = frame.groupby(objectives, sort=False)["trial"]
        frame = frame.assign(equal=groups.transform("size"))[frame["trial"] == groups.transform("min")]
        names = dict.fromkeys(("trial", *self.about["keys"], *objectives, *limited, "equal"))
        return frame[list(names)].reset_index(drop=True)

    def to_dict(self) -> Document:
        """As JSON can hold it; `plot` and `report` read it again."""
        counts = {"run": self.run, "stopped": self.stopped, "notes": dict(self.notes)}
        return {KIND: self.about, "reference": self.reference, **counts, "trials": list(self.trials)}

    def to_frame(self) -> pd.DataFrame:
        """A row for each trial."""
        import pandas as pd

        return pd.DataFrame(self.trials)

    def plot(self, kind: str = KIND) -> Figure:
        """The front, and how it grew. InputError where no trial takes part."""
        from simulator.display.pictures import draw

        return draw(self._stored(), kind)

    def save(self, path: str | PathLike[str]) -> None:
        """Write it to a .json, .csv or .html file, whole or not at all. InputError where that cannot be."""
        from simulator.display.files import write_as

        write_as(path, self.to_dict, self.to_frame, self._stored)

    def __repr__(self) -> str:
        """The front as a table, see `distinct`."""
        return self.distinct().to_string(index=False) if self.front else self.sentences[0]

    def _repr_html_(self) -> str:
        return str(self.distinct().to_html(index=False)) if self.front else self.sentences[0]

    def _stored(self) -> StoredFile:
        return StoredFile(Path(KIND), KIND, self.to_dict())


def _refused(row: Document) -> bool:
    return str(row[WHY]).startswith(f"{REFUSED}: ")


def make_trials(
    goals: Goals, settings: list[Document], rows: list[Document], verdicts: list[Verdict]
) -> tuple[tuple[Document, ...], dict[str, float]]:
    """The rows of trials out of their settings, their rows of a store and verdicts; and the reference point.

    Each has its figures of the objectives and of limits, and what `WHY`, `ON_FRONT` and `SHARE` name.
    """
    names = goals.objectives.names
    costs = costs_of(verdicts, len(names))
    some = np.isfinite(costs).all(axis=1)
    best = np.zeros(len(costs), bool)
    best[some] = front(costs[some])
    shares, reference = np.zeros(len(costs)), {}
    if some.any():
        point = reference_point(costs[some])
        grown = growth(costs, point)
        shares = grown / grown[-1]
        signs = [1] * len(goals.objectives.minimise) + [-1] * len(goals.objectives.maximise)
        reference = {name: float(sign * value) for name, sign, value in zip(names, signs, point, strict=True)}
    trials = []
    for place, (chosen, row, verdict) in enumerate(zip(settings, rows, verdicts, strict=True)):
        found = {name: row.get(name) for name in (*names, *goals.limited)}
        ends = {WHY: verdict.why, ON_FRONT: bool(best[place]), SHARE: float(shares[place])}
        trials.append({"trial": place + 1, **chosen, **found, **ends})
    return tuple(trials), reference
