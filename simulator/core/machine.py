"""What a machine reports of a run: tracks of its trace, queues, tables."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    pass


class Track(NamedTuple):
    """A row of a trace: which unit it tells of, and what its letters mean.

    kind: of the unit, a key of the machine's REASON_UNITS. working: letters of cycles in which the unit does its work,
    which are what its utilisation counts.
    """

    kind: str
    name: str
    letters: type[StrEnum]
    working: str


class Queue(NamedTuple):
    """When a queue's items came and went: int64 arrays of cycles, each in ascending order.

    What is pushed in cycle t is there from t + 1 on, and what is popped in t takes its slot until then.
    """

    name: str
    slots: int
    pushes: np.ndarray
    pops: np.ndarray

    def held(self, cycles: np.ndarray) -> np.ndarray:
        """How many slots are in use when each of `cycles` begins, int64."""
        return np.searchsorted(self.pushes, cycles) - np.searchsorted(self.pops, cycles)


class Table(NamedTuple):
    """More that a machine tells of a run."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
