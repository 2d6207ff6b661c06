"""Where a run's cycles come from, as a machine declares it: its mechanisms, and what decides when a run ends."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from simulator.core.slack_map import SlackMap

SIMULATED, COUNTED = "simulated", "counted"
"""How a step of a stack is found: the engine runs again, or a formula of what the layout has."""


class Case(NamedTuple):
    """A run with none, some or all of a machine's mechanisms made ideal."""

    arch: Any
    layer: Any  # the compressed layer, for mechanisms that need another layout
    passes: tuple[Any, ...]
    cycles: int
    counts: Any  # a named tuple of int64 arrays: the machine's `counts_type`
    shared: dict[str, Any]  # what one mechanism computed and later ones use, by name

    def keep_counts(self, counts: Any, *names: str) -> Any:
        """`counts` with these events as this case has them: what a mechanism's absence would not change."""
        return counts._replace(**{name: getattr(self.counts, name) for name in names})


class Mechanism(NamedTuple):
    """A reason why a run takes longer than its work over all units, and what the run would be without it."""

    name: str
    about: str  # what costs these cycles
    ideal: str  # what it is replaced by
    how: str  # SIMULATED or COUNTED
    idealise: Callable[[Case], Case]  # of the case in which all mechanisms before it are ideal
    alone: bool = False  # whether `idealise` takes the run as it is, too


class PathSpan(NamedTuple):
    """Consecutive cycles of a run that one thing decides."""

    begin: int
    cycles: int
    what: str  # as `entries`, `broadcast`, `memory`
    unit: str  # as `PE 3`; "": the machine has one


class Unit(NamedTuple):
    """A unit or a limit that may decide when a run ends.

    slack: the cycles by which any of its steps, alone, may take longer without a longer run. free: the run's cycles if
    it were not there; None: not known.
    """

    name: str
    slack: int
    free: int | None
    means: str = ""  # what `free` takes away, a phrase


class CriticalPath(NamedTuple):
    """Why a run ends when it does: its cycles, from the first to the last, each with what decides it."""

    spans: tuple[PathSpan, ...]  # without gaps
    units: tuple[Unit, ...]
    slack: SlackMap | None = None  # of PEs over time; None: not known

    def cycles_by(self) -> Mapping[tuple[str, str], int]:
        """Cycles of the path by what decides them and by unit, the most first."""
        found: dict[tuple[str, str], int] = {}
        for span in self.spans:
            found[span.what, span.unit] = found.get((span.what, span.unit), 0) + span.cycles
        return dict(sorted(found.items(), key=lambda item: -item[1]))


def join_spans(spans: Sequence[tuple[int, int, str, str]]) -> tuple[PathSpan, ...]:
    """Spans in the order of time; neighbours of the same unit and reason become one, and empty ones are left out."""
    found: list[tuple[int, int, str, str]] = []
    last: tuple[str, str] | None = None
    for begin, cycles, what, unit in spans:
        if not cycles:
            continue
        if (what, unit) == last:
            found[-1] = (found[-1][0], found[-1][1] + cycles, what, unit)
        else:
            found.append((begin, cycles, what, unit))
            last = what, unit
    return tuple(PathSpan(*span) for span in found)


class Rearrangement(NamedTuple):
    """The same layer in another order, which a machine runs faster or slower and whose output holds the same bits."""

    name: str
    about: str
    layer: Any  # a compressed layer
    order: Any  # int64 [outputs]: its output i is the given layer's output order[i]
    bound: int  # cycles that no order goes below


class Repruning(NamedTuple):
    """The same layer with fewer weights, which a machine runs faster or slower and whose output is another one."""

    name: str
    about: str
    layer: Any  # a compressed layer
    removed: int
    weights: int  # of the given layer


def critical_pes(pe_slack: np.ndarray, path: Iterable[PathSpan]) -> list[int]:
    """The PEs without slack, those first that have most of the path. pe_slack: int64 [pes].

    A PE may be on the path and have slack: when it takes a column out of its queue, the broadcast goes on, however long
    the PE then works on that column.
    """
    shares = dict.fromkeys(np.flatnonzero(pe_slack == 0).tolist(), 0)
    for span in path:
        pe = int(span.unit.removeprefix("PE ")) if span.unit else -1
        if pe in shares:
            shares[pe] += span.cycles
    return sorted(shares, key=lambda pe: (-shares[pe], pe))
