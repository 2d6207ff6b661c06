"""The selection unit: its parameters, its events, and the reasons for its cycles."""

from enum import StrEnum
from typing import Annotated, NamedTuple

import numpy as np
from annotated_types import Interval


class Arch(NamedTuple):
    """All parameters that decide cycles and counts."""

    lanes: Annotated[int, Interval(ge=1, le=1024)]  # elements of a beat, which the stream takes in a cycle
    beat_slots: Annotated[int, Interval(ge=1, le=1024)]  # beats between the memory and the stream
    sample_slots: Annotated[int, Interval(ge=1, le=1024)]  # samples between the stream and the queue
    insert_cycles: Annotated[int, Interval(ge=1, le=64)]  # of a sample on its way into the queue
    queue_entries: Annotated[int, Interval(ge=1, le=1 << 20)]  # greatest samples that the queue holds
    candidate_entries: Annotated[int, Interval(ge=1, le=1 << 28)]  # elements that passed, with their places
    bins: Annotated[int, Interval(ge=2, le=1 << 16)]  # of the histogram of a digit of magnitudes; a power of two
    dram_bytes_per_cycle: Annotated[int, Interval(ge=1, le=1 << 16)]  # read and written together
    value_bits: Annotated[int, Interval(ge=32, le=32)]  # the kernel's numbers
    run_bits: Annotated[int, Interval(ge=16, le=16)]  # the kernel's runs of zeros

    @property
    def digit_bits(self) -> int:
        """Bits of a digit of magnitudes."""
        return self.bins.bit_length() - 1

    def transfer_cycles(self, size: int) -> int:
        """Cycles of the memory for `size` bytes."""
        return -(-size // self.dram_bytes_per_cycle)


class Counts(NamedTuple):
    """How often each event happened: int64 [1] each."""

    momentum_multiplies: np.ndarray  # of velocities
    additions: np.ndarray  # two for each element
    comparisons: np.ndarray  # of an element's magnitude with the threshold, in each pass
    stream_cycles: np.ndarray  # in which the lanes take a beat, or the samples or candidates of one
    sample_pushes: np.ndarray  # magnitudes on their way to the queue
    sample_pops: np.ndarray  # by the queue
    queue_comparisons: np.ndarray  # of a sample with each of the greatest that the layer asks for
    candidate_writes: np.ndarray  # of elements that passed, with their places
    candidate_reads: np.ndarray  # of them, for each digit and when they are sent
    bin_updates: np.ndarray  # of candidates whose greater digits are those of the rank
    bin_reads: np.ndarray  # from the greatest on, until the rank is found
    pairs: np.ndarray  # of a value and a run, with those that cut runs
    cuts: np.ndarray  # of them, stored zeros
    dram_read_bytes: np.ndarray  # gradient, velocity and residual; the residual again in each pass
    dram_write_bytes: np.ndarray  # velocity and residual, and zeros in place of what was sent


class Reasons(NamedTuple):
    """Cycles of each unit by reason: int64 [1]; the reasons of a unit add up to the run's cycles."""

    transfer: np.ndarray  # memory: a beat comes; in the first pass, one goes back, too
    slots_full: np.ndarray  # memory: no slot for the next beat
    zero_write: np.ndarray  # memory: zeros in place of what is sent
    memory_idle: np.ndarray  # memory: all beats of a pass are there, or nothing is sent
    accumulate: np.ndarray  # stream: the first pass
    compare: np.ndarray  # stream: a pass with a threshold
    starved: np.ndarray  # stream: waits for a beat
    samples_full: np.ndarray  # stream: no slot for a sample
    stream_idle: np.ndarray  # stream: the queue or the encoder works on
    insert: np.ndarray  # queue: a sample takes its place
    queue_idle: np.ndarray  # queue: no sample
    rank: np.ndarray  # encoder: a candidate goes into the histogram of a digit
    find_bin: np.ndarray  # encoder: a bin is added up, the greatest first
    left_out: np.ndarray  # encoder: a candidate is not among the greatest
    cut: np.ndarray  # encoder: a stored zero in a long run
    emit: np.ndarray  # encoder: a pair
    encoder_idle: np.ndarray  # encoder: thresholds are not decided yet


REASON_UNITS = {
    "memory": ("transfer", "slots_full", "zero_write", "memory_idle"),
    "PE": ("accumulate", "compare", "starved", "samples_full", "stream_idle"),
    "queue": ("insert", "queue_idle"),
    "encoder": ("rank", "find_bin", "left_out", "cut", "emit", "encoder_idle"),
}
"""The reasons of each kind of unit, which add up to all cycles of its units."""
MEMORY, STREAM, QUEUE, ENCODER = range(4)
"""Rows of the trace."""


class MemoryLetter(StrEnum):
    """Letters of the memory in the trace."""

    TRANSFER = "t"
    FULL = "f"
    ZEROS = "0"
    IDLE = "."


class StreamLetter(StrEnum):
    """Letters of the stream of lanes."""

    ACCUMULATE = "a"
    COMPARE = "c"
    STARVED = "w"
    FULL = "f"
    IDLE = "."


class QueueLetter(StrEnum):
    """Letters of the queue of samples."""

    INSERT = "i"
    IDLE = "."


class EncoderLetter(StrEnum):
    """Letters of the encoder."""

    RANK = "r"
    FIND = "b"
    LEAVE = "x"
    CUT = "z"
    EMIT = "e"
    IDLE = "."


LETTERS = MemoryLetter, StreamLetter, QueueLetter, EncoderLetter
"""Of the rows of the trace, each in the order of its unit's reasons."""
WORD = 4
"""Bytes of a number."""
READ, WRITTEN = 3 * WORD, 2 * WORD
"""Bytes of an element in the first pass: gradient, velocity, residual; velocity and residual."""
ADDITIONS = 2
LONGEST = (1 << 16) - 1
"""Zeros that a run's 16 bits count."""
MAGNITUDE_BITS = 31
ADAPTATIONS = 10
"""A threshold is lowered this often at most."""
LOWERED = np.float32(0.8)


def too_few(passed: int, count: int) -> bool:
    """Whether fewer than 0.8 of what is wanted passed."""
    return 10 * passed < 8 * count


def too_many(passed: int, count: int) -> bool:
    """Whether more than 1.3 of what is wanted passed."""
    return 10 * passed > 13 * count


def digits(arch: Arch) -> list[tuple[int, int]]:
    """The digits of a magnitude, the greatest first: the place of its lowest bit, and its bits."""
    lowest = range((MAGNITUDE_BITS - 1) // arch.digit_bits * arch.digit_bits, -1, -arch.digit_bits)
    return [(low, min(arch.digit_bits, MAGNITUDE_BITS - low)) for low in lowest]


def emit_cycles(arch: Arch) -> int:
    """Cycles of a pair: zeros go to the memory in place of the element's velocity and residual."""
    return arch.transfer_cycles(WRITTEN)
