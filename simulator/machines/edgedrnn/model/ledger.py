"""The records of EdgeDRNN's model: events, and the cycles of each unit."""

from collections import Counter

import numpy as np

from simulator.core.trace import TraceRecorder
from simulator.machines.edgedrnn.arch import (
    ENCODER,
    MEMORY,
    PES,
    Arch,
    Counts,
    EncoderLetter,
    MemoryLetter,
    PeLetter,
    Reasons,
)

OF_PES = frozenset(
    {
        *("entries", "padding", "multiplies", "accumulator_reads", "accumulator_writes"),
        *("table_lookups", "element_multiplies", "element_additions", "state_reads", "state_writes"),
    }
)
"""Events that are counted for each PE."""
LETTERS = (EncoderLetter, MemoryLetter, PeLetter)


class Ledger:
    """Records events by name and unit, and what each unit does in the rows of a timeline."""

    def __init__(self, arch: Arch):
        self.pes = arch.pes
        self.events = {name: Counter[int]() for name in Counts._fields}
        self.timeline = TraceRecorder(len(LETTERS))
        self.ends = [0] * len(LETTERS)

    def record(self, event: str, times: int = 1, pe: int = 0) -> None:
        """Count an event, of a PE where PEs do it."""
        self.events[event][pe] += times

    def fill(self, unit: int, letter: str, until: float) -> None:
        """A unit did `letter` from the end of its record up to the cycle before `until`; nothing, if it ends later."""
        if until > self.ends[unit]:
            self.timeline.fill(unit, letter, until)
            self.ends[unit] = int(until)

    def counts(self) -> Counts:
        """The events as arrays."""
        return Counts(
            **{
                name: np.array([times[k] for k in range(self.pes if name in OF_PES else 1)], np.int64)
                for name, times in self.events.items()
            }
        )

    def reasons(self) -> Reasons:
        """The cycles of each unit by reason, in the order of its letters."""
        found = [
            self.timeline.count(letter, range(unit, unit + 1))
            for unit in (ENCODER, MEMORY, PES)
            for letter in LETTERS[unit]
        ]
        return Reasons(*found)
