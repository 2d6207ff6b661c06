"""A machine for BEV pooling: its parameters, its events, and the reasons for its cycles."""

from enum import StrEnum
from typing import Annotated, NamedTuple

import numpy as np
from annotated_types import Interval

Flag = Annotated[int, Interval(ge=0, le=1)]
CLOUD, KEYS, SORT, FETCH, ADD, SCAN, SUBTRACT = range(7)
"""Steps of a run, see `simulator.machines.bevpool.layout`."""


class Arch(NamedTuple):
    """All parameters that decide cycles and counts."""

    lanes: Annotated[int, Interval(ge=1, le=1 << 14)]  # each adds up a cell of its own
    channels: Annotated[int, Interval(ge=1, le=1 << 12)]  # of a point that a lane takes in a cycle
    ranks: Flag  # 1: which points are in a cell is known before; 0: they are sorted in the run, with prefix sums
    fused: Flag  # 1: lanes multiply weights and contexts; 0: the cloud of all points goes through DRAM
    by_length: Flag  # 1: cells with as many points are taken together; 0: in the order of the view
    sort_width: Annotated[int, Interval(ge=1, le=1 << 16)]  # keys that are merged in a cycle
    value_bits: Annotated[int, Interval(ge=16, le=16)]  # the kernel's word
    sum_bits: Annotated[int, Interval(ge=48, le=48)]  # sums of words are exact
    rank_bits: Annotated[int, Interval(ge=1, le=256)]  # of a point in the table of ranks
    key_bits: Annotated[int, Interval(ge=1, le=256)]  # of a point that is sorted: its cell and its number
    feature_buffer_bytes: Annotated[int, Interval(ge=0, le=1 << 40)]  # for the weights and contexts of all rays
    dram_bits_per_kcycle: Annotated[int, Interval(ge=1, le=1 << 40)]  # in a thousand cycles


class Counts(NamedTuple):
    """How often each event happened: int64 [lanes], or [1] for the merger, the buffer and DRAM."""

    lane_steps: np.ndarray  # cycles in which a lane works
    multiplies: np.ndarray  # of a weight and a channel of a context
    additions: np.ndarray  # of a word to a sum, and of sums to each other
    keys: np.ndarray  # points whose cell is computed
    merged_keys: np.ndarray  # that pass the merger
    buffer_reads: np.ndarray  # weights and channels
    output_writes: np.ndarray  # finished numbers
    dram_feature_bytes: np.ndarray  # weights and contexts
    dram_cloud_bytes: np.ndarray  # the words of points, written and read
    dram_rank_bytes: np.ndarray  # ranks, or keys, written and read
    dram_sum_bytes: np.ndarray  # prefix sums, written and read
    dram_output_bytes: np.ndarray  # words of cells


class Reasons(NamedTuple):
    """Cycles of each unit by reason: int64 [lanes] and [1]; the reasons of a unit add up to the run's cycles."""

    add: np.ndarray  # lane: multiplies, adds, or computes a point's cell
    barrier: np.ndarray  # lane: other lanes still work on the step
    merge: np.ndarray  # lane: keys are sorted
    memory_wait: np.ndarray  # lane: DRAM still works on the step
    transfer: np.ndarray  # DRAM
    memory_idle: np.ndarray  # DRAM


REASON_UNITS = {"PE": ("add", "barrier", "merge", "memory_wait"), "memory": ("transfer", "memory_idle")}
"""The reasons of each kind of unit, which add up to all cycles of its units; a PE is a lane."""


class LaneLetter(StrEnum):
    """Letters of a lane in the trace."""

    ADD = "a"
    BARRIER = "b"
    MERGE = "s"
    MEMORY_WAIT = "w"


class MemoryLetter(StrEnum):
    """Letters of DRAM, the last row of the trace."""

    TRANSFER = "f"
    IDLE = "."


def passes_of(arch: Arch, channels: int) -> int:
    """Cycles of a lane for a point."""
    return -(-channels // arch.channels)


def cycles_of(arch: Arch, bits: int) -> int:
    """In which DRAM moves these bits."""
    return -(-1000 * bits // arch.dram_bits_per_kcycle)
