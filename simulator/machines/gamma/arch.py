"""GAMMA: its parameters, its events, and the reasons for its cycles."""

from enum import StrEnum
from typing import Annotated, NamedTuple

import numpy as np
from annotated_types import Interval

Count = Annotated[int, Interval(ge=1, le=1 << 12)]
Bytes = Annotated[int, Interval(ge=1, le=64)]


class Arch(NamedTuple):
    """All parameters that decide cycles and counts."""

    pes: Annotated[int, Interval(ge=1, le=1024)]  # each with a merger and a multiplier
    radix: Annotated[int, Interval(ge=2, le=1024)]  # rows of B, or partial rows, that a merger takes
    task_slots: Annotated[int, Interval(ge=1, le=16)]  # tasks of a PE: one is merged, the lines of the others are read
    way_lines: Annotated[int, Interval(ge=1, le=64)]  # lines that a PE holds for each row that it merges
    write_lines: Annotated[int, Interval(ge=2, le=1024)]  # finished lines of a PE that wait to be written
    cache_bytes: Annotated[int, Interval(ge=1, le=1 << 30)]  # of the FiberCache
    cache_ways: Count  # of a set
    cache_banks: Count  # each serves one access in a cycle
    cache_latency: Annotated[int, Interval(ge=1, le=256)]  # cycles from a read to its line
    line_bytes: Annotated[int, Interval(ge=1, le=4096)]  # of a line of the FiberCache: whole elements, and a rest
    coordinate_bytes: Bytes  # of an element's column
    value_bytes: Bytes  # of an element's value
    lines_ahead: Annotated[int, Interval(ge=0, le=1 << 20)]  # of A, that are read before a task needs them
    dram_bits_per_kcycle: Annotated[int, Interval(ge=1, le=1 << 50)]  # that DRAM moves in a thousand cycles
    dram_latency: Annotated[int, Interval(ge=1, le=1 << 16)]  # cycles from a line's transfer to its arrival

    @property
    def element_bytes(self) -> int:
        """Of a column and its value."""
        return self.coordinate_bytes + self.value_bytes

    @property
    def line_elements(self) -> int:
        """Elements of a line."""
        return self.line_bytes // self.element_bytes

    @property
    def sets(self) -> int:
        """Of each bank of the FiberCache."""
        return self.cache_bytes // (self.cache_ways * self.cache_banks * self.line_bytes)


class Counts(NamedTuple):
    """How often each event happened: int64 [pes], or [1] for the FiberCache and DRAM."""

    multiplies: np.ndarray  # elements of B that are scaled by an element of A
    merges: np.ndarray  # elements that a merger takes: of B, and of partial rows
    additions: np.ndarray  # to an element of the same column
    partial_elements: np.ndarray  # of partial rows that a PE puts out
    output_elements: np.ndarray  # of finished rows that a PE puts out
    cache_fetches: np.ndarray  # lines that are asked for before they are read
    cache_reads: np.ndarray  # lines of B for a PE
    cache_consumes: np.ndarray  # lines of partial rows for a PE, which leave the FiberCache
    cache_writes: np.ndarray  # lines of partial rows
    cache_misses: np.ndarray  # lines that fetches, reads and consumes did not find
    bank_conflicts: np.ndarray  # accesses that found their bank taken in a cycle
    spills: np.ndarray  # lines of partial rows that leave the FiberCache for DRAM
    a_elements: np.ndarray  # that are read
    dram_a_bytes: np.ndarray  # elements of A, once
    dram_b_bytes: np.ndarray  # elements of lines of B that the FiberCache did not have
    dram_partial_bytes: np.ndarray  # of partial rows, to DRAM and back
    dram_output_bytes: np.ndarray  # elements of finished rows


class Reasons(NamedTuple):
    """Cycles of each unit by reason: int64 [pes], then [1]; the reasons of a unit add up to the run's cycles."""

    merge: np.ndarray  # PE: an element goes through the merger
    line_wait: np.ndarray  # PE: the next line of a row is not here
    write_wait: np.ndarray  # PE: finished lines wait to be written
    no_task: np.ndarray  # PE
    access: np.ndarray  # FiberCache: banks serve accesses, and none waits for its bank
    conflict: np.ndarray  # FiberCache: an access waits for its bank
    cache_idle: np.ndarray  # FiberCache
    move: np.ndarray  # DRAM: bytes are moved
    memory_idle: np.ndarray  # DRAM


REASON_UNITS = {
    "PE": ("merge", "line_wait", "write_wait", "no_task"),
    "cache": ("access", "conflict", "cache_idle"),
    "memory": ("move", "memory_idle"),
}
"""The reasons of each kind of unit, which add up to all cycles of its units."""


class PeLetter(StrEnum):
    """Letters of a PE in the trace."""

    MERGE = "m"
    LINE_WAIT = "w"
    WRITE_WAIT = "o"
    NO_TASK = "."


class CacheLetter(StrEnum):
    """Letters of the FiberCache, the last row but one."""

    ACCESS = "a"
    CONFLICT = "c"
    IDLE = "."


class MemoryLetter(StrEnum):
    """Letters of DRAM, the last row."""

    MOVE = "d"
    IDLE = "."
