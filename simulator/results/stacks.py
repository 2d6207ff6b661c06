"""Records of where cycles and energy come from: a run's cycle stack, critical path, and what single changes bring."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from workloads.document_types import Document

if TYPE_CHECKING:
    from simulator.core.mechanisms import CriticalPath

WORK = "work"
"""The first part of a stack: what is left when every mechanism is ideal."""


class StackPart(NamedTuple):
    """A part of a run's cycles: the work, or what a mechanism adds to it; negative where it takes cycles away.

    alone: what the run, as it is, would gain without this mechanism only; None: not simulated, or counted by a formula
    that holds only after those before it.
    """

    name: str
    about: str
    ideal: str  # what the mechanism is replaced by
    how: str
    cycles: int
    energy_pj: float | None  # None: not priced
    alone: int | None = None

    @property
    def interaction(self) -> int | None:
        """Cycles that it takes only because of, or in spite of, the mechanisms made ideal before it; None: not known.

        Positive: some of its cycles are hidden while those are there. Negative: it and they are gained once.
        """
        return None if self.alone is None else self.cycles - self.alone

    def to_dict(self) -> Document:
        """All of it, as JSON can hold it."""
        return {**self._asdict(), "interaction": self.interaction}


class CycleStack(NamedTuple):
    """A run's cycles by what takes them: the work first, then the mechanisms, the last made ideal first.

    The cycles of the parts add up to the run's, exactly.
    """

    parts: tuple[StackPart, ...]
    runs: int  # of the engine or a part of it, the run itself among them

    @property
    def cycles(self) -> int:
        """Of the run."""
        return sum(part.cycles for part in self.parts)

    @property
    def energy_pj(self) -> float | None:
        """Of the run; None: not priced."""
        found = [part.energy_pj for part in self.parts]
        return None if None in found else math.fsum(one for one in found if one is not None)

    def part(self, name: str) -> StackPart:
        """The part of a mechanism. KeyError where there is none."""
        for part in self.parts:
            if part.name == name:
                return part
        raise KeyError(name)

    def to_dict(self) -> Document:
        """All of it, as JSON can hold it."""
        return {"cycles": self.cycles, "energy_pj": self.energy_pj, "parts": [part.to_dict() for part in self.parts]}


def add_stacks(stacks: Sequence[CycleStack]) -> CycleStack:
    """The sums of the stacks of several layers on one machine."""
    parts = []
    for same in zip(*(one.parts for one in stacks), strict=True):
        energies = [part.energy_pj for part in same]
        whole = None if None in energies else math.fsum(one for one in energies if one is not None)
        alone = [part.alone for part in same]
        gained = None if None in alone else sum(one for one in alone if one is not None)
        parts.append(same[0]._replace(cycles=sum(part.cycles for part in same), energy_pj=whole, alone=gained))
    return CycleStack(tuple(parts), sum(one.runs for one in stacks))


class FreeUnit(NamedTuple):
    """A unit or limit, its slack, and the run without it."""

    name: str
    means: str
    path_cycles: int  # of the critical path that it takes itself
    slack: int
    free_cycles: int | None  # of the run without it; None: not known
    simulated: int | None  # the same by another run of the engine; None: not run

    def to_dict(self) -> Document:
        """All of it, as JSON can hold it."""
        return dict(self._asdict())


class PathResult(NamedTuple):
    """A critical path in numbers: its cycles by what decides them, and the units."""

    path: CriticalPath
    units: tuple[FreeUnit, ...]

    def rows(self) -> list[tuple[str, str, int]]:
        """What decides cycles, in which unit, and how many, the most first."""
        return [(what, unit, cycles) for (what, unit), cycles in self.path.cycles_by().items()]

    def to_dict(self) -> Document:
        """All of it but the single spans, as JSON can hold it."""
        return {
            "path": [{"what": what, "unit": unit, "cycles": cycles} for what, unit, cycles in self.rows()],
            "units": [unit.to_dict() for unit in self.units],
            "slack": None if self.path.slack is None else self.path.slack.to_dict(),
        }
