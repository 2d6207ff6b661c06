"""What each unit did in each cycle, as letters."""

import numpy as np


class TraceRecorder:
    """Records what several units do, cycle by cycle: each cycle of each unit gets exactly one letter."""

    def __init__(self, units: int):
        self._runs: list[list[tuple[str, int]]] = [[] for _ in range(units)]
        self._end = [0] * units

    def fill(self, unit: int, letter: str, until: float) -> None:
        """`unit` did `letter` from the end of its record up to the cycle before `until`.

        RuntimeError where that cycle has a letter already.
        """
        length = int(until) - self._end[unit]
        if length < 0:
            raise RuntimeError(f"unit {unit} is recorded until cycle {self._end[unit]}, and again from {until} on")
        if length:
            self._runs[unit].append((letter, length))
            self._end[unit] += length

    def count(self, letters: str, units: range) -> np.ndarray:
        """The cycles, int64 [units], that each of `units` spent on any of `letters`."""
        spent = [sum(n for letter, n in self._runs[unit] if letter in letters) for unit in units]
        return np.array(spent, np.int64)

    def letters(self, cycles: int) -> np.ndarray:
        """The first `cycles` cycles as uint8 [unit, cycle]; every unit must be recorded at least that far."""
        rows = ["".join(letter * n for letter, n in runs)[:cycles] for runs in self._runs]
        return np.array([np.frombuffer(row.encode(), np.uint8) for row in rows]).reshape(len(rows), cycles)


def show(trace: np.ndarray) -> str:
    """A trace, uint8 [units, cycles], as text: a line per unit, a letter per cycle."""
    return "\n".join(bytes(row).decode() for row in trace)
