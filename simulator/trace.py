"""What each unit did in each cycle, as letters."""

from enum import StrEnum
from typing import NamedTuple

import numpy as np


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


class Timeline:
    """The story of several units, written while it happens. Each cycle of each unit has exactly one letter."""

    def __init__(self, units: int):
        self._runs: list[list[tuple[str, int]]] = [[] for _ in range(units)]
        self._end = [0] * units

    def fill(self, unit: int, letter: str, until: float) -> None:
        """`unit` did `letter` from where its story stood up to the cycle before `until`."""
        length = int(until) - self._end[unit]
        if length < 0:
            raise RuntimeError(f"unit {unit} is told until cycle {self._end[unit]}, and again from {until} on")
        if length:
            self._runs[unit].append((letter, length))
            self._end[unit] += length

    def count(self, letters: str, units: range) -> np.ndarray:
        """The cycles, int64 [units], that each of `units` spent on any of `letters`."""
        spent = [sum(n for letter, n in self._runs[unit] if letter in letters) for unit in units]
        return np.array(spent, np.int64)

    def letters(self, cycles: int) -> np.ndarray:
        """The first `cycles` cycles as uint8 [unit, cycle]; every unit must be told at least so far."""
        rows = ["".join(letter * n for letter, n in runs)[:cycles] for runs in self._runs]
        return np.array([np.frombuffer(row.encode(), np.uint8) for row in rows]).reshape(len(rows), cycles)


def show(trace: np.ndarray) -> str:
    """A trace as text: a line per unit, a letter per cycle."""
    return "\n".join(bytes(row).decode() for row in trace)
