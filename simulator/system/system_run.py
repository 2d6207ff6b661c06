"""What a run of a schedule reports: times, reasons, bytes."""

from typing import NamedTuple

import numpy as np

from workloads.errors import refuse

MOST_WAIT_PS = 1 << 61
"""Of all messages of a channel together: runs count no further, and are refused."""
REASONS = "compute", "send", "receive wait", "idle"
"""Why a chip's time passes, in the order of `SystemRun.spent_ps`.

send: it can do nothing until a message arrives or all is sent, and bytes of its own have not all left; receive wait:
the same, and all have left; idle: it is done, others are not.
"""
COMPUTE, SEND, RECEIVE_WAIT, IDLE = range(4)


NO_INTERVALS = np.zeros((0, 4), np.int64)


class SystemRun(NamedTuple):
    """A run of a schedule on a network. Times in ps. A unit is a chip, or a part of one that has several."""

    time_ps: int
    spent_ps: np.ndarray  # int64 [units, reasons]; each row sums to time_ps
    received_bytes: np.ndarray  # int64 [units], signals too
    channel_bytes: np.ndarray  # int64 [channels]
    channel_busy_ps: np.ndarray  # int64 [channels]
    channel_wait_ps: np.ndarray  # int64 [channels], sum over the messages that waited for the channel
    intervals: np.ndarray  # int64 [intervals, 4]: unit, begin, end, reason; by unit and begin, neighbours differ


def spent_by_reason(intervals: np.ndarray, chips: int) -> np.ndarray:
    """Time of each chip by reason, int64 [chips, reasons], out of intervals, int64 [intervals, 4]."""
    spent = np.zeros((chips, len(REASONS)), np.int64)
    np.add.at(spent, (intervals[:, 0], intervals[:, 3]), intervals[:, 2] - intervals[:, 1])
    return spent


def merge_intervals(intervals: np.ndarray) -> np.ndarray:
    """int64 [intervals, 4] (chip, begin, end, reason) by chip and time: neighbours of one reason become one.

    Empty intervals are left out.
    """
    kept = intervals[intervals[:, 2] > intervals[:, 1]]
    kept = kept[np.lexsort((kept[:, 1], kept[:, 0]))]
    new = np.ones(len(kept), bool)
    new[1:] = (kept[1:, 0] != kept[:-1, 0]) | (kept[1:, 3] != kept[:-1, 3])
    merged = kept[new]
    if len(kept):
        merged[:, 2] = kept[np.append(np.flatnonzero(new)[1:] - 1, len(kept) - 1), 2]
    return merged


def check_waits(waits: np.ndarray) -> None:
    """InputError where the messages of a channel waited for MOST_WAIT_PS; waits: int64 [channels], in ps."""
    if waits.max(initial=0) >= MOST_WAIT_PS:
        refuse("system", "the messages of a link wait for 2^61 ps or more in all", "fewer bytes, or faster links")


def link_pj(run: SystemRun, pj_per_bit: float) -> float:
    """The energy of all links: each bit pays on each channel that it passes."""
    return int(run.channel_bytes.sum()) * 8 * pj_per_bit
