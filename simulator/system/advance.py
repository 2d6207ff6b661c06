"""A step of stages in time: exactly what the schedule of all its programs takes, by adding up where that is exact.

Where all chips compute as long as each other, and each exchange ends on all of them at once, every exchange begins and
ends with no message on the way. Then it takes what it takes alone, whenever it begins.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from simulator.system.engine import run_engine
from simulator.system.exchanges import FASTEST, Alone, choose, intervals_alone
from simulator.system.network import Network
from simulator.system.schedule import MOST_PS, Schedule
from simulator.system.stages import Stage, waits, whole_schedule
from simulator.system.system_run import (
    COMPUTE,
    IDLE,
    NO_INTERVALS,
    REASONS,
    RECEIVE_WAIT,
    SystemRun,
    check_waits,
    merge_intervals,
)
from workloads.division import Exchange
from workloads.errors import refuse

Run = Callable[[Schedule, Network], SystemRun]
MOST_STEPS = 1 << 22
"""Of all programs, where they are run event by event: that takes seconds, and a gigabyte."""


class Timed(NamedTuple):
    """When each stage begins and ends, and each of its exchanges; in ps, where all chips are together."""

    begin: list[int]
    end: list[int]
    exchanges: list[tuple[int, int, Alone, Exchange]]  # begin, end, what
    time: int


def run_stages(
    stages: Sequence[Stage], network: Network, overlap: bool, wanted: str = FASTEST, *, intervals: bool = True
) -> SystemRun:
    """A step; its units are the chips, with overlap first those that compute, then those that exchange.

    intervals: False leaves them out where times can be added up. InputError where a collective does not fit the chips,
    or the step takes too long for 64 bits.
    """
    check_messages(stages)
    timed = add_up(stages, network, overlap, wanted)
    if timed is None:
        check_steps(stages, network, wanted)
        return run_engine(whole_schedule(stages, network, overlap, wanted), network)
    rows = _intervals(timed, network, overlap, wanted) if intervals else NO_INTERVALS
    return _as_run(stages, timed, network, overlap)._replace(intervals=rows)


def check_messages(stages: Sequence[Stage]) -> None:
    """InputError where all-to-alls of uneven shares have more messages than run in a reasonable time."""
    messages = sum(len(stage.exchange.shares) ** 2 for stage in stages if stage.exchange is not None)
    if 2 * messages > MOST_STEPS:
        refuse("step", f"its all-to-alls have {messages:,} messages", f"at most {MOST_STEPS // 2:,}, with fewer chips")


def check_steps(stages: Sequence[Stage], network: Network, wanted: str = FASTEST) -> None:
    """InputError where the programs of a step are too long to be run event by event."""
    steps = sum(choose(one.exchange, network, wanted).steps for one in stages if one.exchange is not None)
    if steps > MOST_STEPS:
        what = f"its programs have {steps:,} sends, receives and additions"
        refuse("step", what, f"at most {MOST_STEPS:,}, with fewer chips or another collective")


def add_up(stages: Sequence[Stage], network: Network, overlap: bool, wanted: str = FASTEST) -> Timed | None:
    """The times of stages and exchanges; None where chips differ. InputError as in `run_stages`."""
    alone = [None if stage.exchange is None else choose(stage.exchange, network, wanted) for stage in stages]
    if any(len(set(stage.ps)) > 1 for stage in stages) or any(one and not one.together for one in alone):
        return None
    if sum(stage.ps[0] for stage in stages) + sum(one.run.time_ps for one in alone if one) > MOST_PS:
        refuse("step", "its steps take more than 2^61 ps one after another", "less")
    timed = Timed([], [], [], 0)
    now = 0
    for stage, one, ended in zip(stages, alone, waits(stages), strict=False):
        if ended:
            now = max(now, timed.exchanges[ended - 1][1])
        timed.begin.append(now)
        now += stage.ps[0]
        timed.end.append(now)
        if one is not None:
            begin = max(now, timed.exchanges[-1][1]) if timed.exchanges else now
            assert stage.exchange is not None
            timed.exchanges.append((begin, begin + one.run.time_ps, one, stage.exchange))
            now = now if overlap else timed.exchanges[-1][1]
    return timed._replace(time=max([now, *(one[1] for one in timed.exchanges[-1:])]))


def _as_run(stages: Sequence[Stage], timed: Timed, network: Network, overlap: bool) -> SystemRun:
    """The sums over all stages, without intervals. InputError where messages wait too long in all."""
    chips, channels = network.chips, len(network.channels)
    spent = np.zeros((chips, len(REASONS)), np.int64)
    received = np.zeros(chips, np.int64)
    moved = np.zeros((3, channels), np.int64)
    for _, _, one, _ in timed.exchanges:
        spent += one.run.spent_ps
        received += one.run.received_bytes
        moved += np.stack([one.run.channel_bytes, one.run.channel_busy_ps, one.run.channel_wait_ps])
        check_waits(moved[2])
    computed = sum(stage.ps[0] for stage in stages)
    if not overlap:
        spent[:, COMPUTE] += computed
    else:
        last = timed.exchanges[-1][1] if timed.exchanges else 0
        spent[:, RECEIVE_WAIT] += last - spent.sum(axis=1)
        spent[:, IDLE] += timed.time - last
        first = np.zeros_like(spent)
        first[:, COMPUTE], first[:, RECEIVE_WAIT] = computed, timed.time - computed
        spent, received = np.concatenate([first, spent]), np.concatenate([np.zeros_like(received), received])
        received += len(timed.exchanges)  # a signal each way for each exchange
    return SystemRun(timed.time, spent, received, moved[0], moved[1], moved[2], NO_INTERVALS)


def _intervals(timed: Timed, network: Network, overlap: bool, wanted: str) -> np.ndarray:
    """int64 [intervals, 4] of all units; what is between two pieces is waiting."""
    chips = network.chips
    first = chips if overlap else 0
    parts = [_rows(range(chips), begin, end, COMPUTE) for begin, end in zip(timed.begin, timed.end, strict=True)]
    for begin, _, _, exchange in timed.exchanges:
        parts.append(intervals_alone(exchange, network, wanted) + np.array([first, begin, begin, 0]))
    if overlap:
        edges = [0, *(edge for pair in zip(timed.begin, timed.end, strict=True) for edge in pair), timed.time]
        parts += [_rows(range(chips), *gap, RECEIVE_WAIT) for gap in zip(edges[::2], edges[1::2], strict=True)]
        edges = [0, *(edge for begin, end, *_ in timed.exchanges for edge in (begin, end))]
        units = range(chips, 2 * chips)
        parts += [_rows(units, *gap, RECEIVE_WAIT) for gap in zip(edges[:-1:2], edges[1::2], strict=True)]
        parts.append(_rows(units, edges[-1], timed.time, IDLE))
    return merge_intervals(np.concatenate(parts)) if parts else NO_INTERVALS


def _rows(units: range, begin: int, end: int, reason: int) -> np.ndarray:
    """int64 [units, 4]: the same interval of each."""
    return np.array([(unit, begin, end, reason) for unit in units], np.int64).reshape(-1, 4)
