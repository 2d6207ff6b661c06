"""The slack of PEs over time: how close to the critical path the work of each PE is, interval by interval."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

NEVER = np.iinfo(np.int64).max
"""The slack of what does not work."""
TIMES, LINES = 80, 128
"""At most as many intervals of time, and lines of PEs."""


class SlackMap(NamedTuple):
    """The least slack of the work that begins in an interval of time on neighbouring PEs.

    A PE is in line `pe * lines // pes`, a cycle in interval `cycle * times // cycles`.
    """

    least: np.ndarray  # int64 [times, lines]; NEVER where no work begins
    cycles: int  # of the run
    pes: int

    def add(self, part: np.ndarray, first: int, cycles: int, more: int = 0) -> None:
        """Enter the map of a part of the run, int64 [any number of times, lines], which takes `cycles` from `first` on.

        Work near the end of an interval of the part may be entered an interval early. more: slack that it has here in
        addition.
        """
        if not self.cycles:
            return
        begin = first + np.arange(len(part)) * cycles // len(part)
        place = np.minimum(begin * len(self.least) // self.cycles, len(self.least) - 1)
        np.minimum.at(self.least, place, np.where(part == NEVER, NEVER, np.minimum(part, NEVER - more - 1) + more))

    def to_dict(self) -> dict[str, Any]:
        """All of it, as JSON can hold it: slack by time, then by line; None where no work begins."""
        least = [[None if one == NEVER else one for one in row] for row in self.least.tolist()]
        return {"cycles": self.cycles, "pes": self.pes, "least": least}


def empty_map(cycles: int, pes: int) -> SlackMap:
    """A map of a run of `cycles` on `pes` PEs, without any work."""
    return SlackMap(empty_part(cycles, pes), cycles, pes)


def empty_part(cycles: int, pes: int) -> np.ndarray:
    """A map of `cycles` of a run, int64 [times, lines], without any work."""
    return np.full((max(1, min(TIMES, cycles)), min(LINES, pes)), NEVER)
