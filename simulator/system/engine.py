"""The system to be run: compiled, equal to the model in every picosecond, byte and reason.

Events wait in one heap and are taken by time. Whatever a unit does at a time comes before the messages that reach a
channel at that time, and these come by unit and number; so a channel can be given to a message at once.
"""

from heapq import heappop, heappush
from typing import NamedTuple

import numpy as np
from numba import njit

from simulator.system.deadlock import SystemDeadlockError, describe_deadlock
from simulator.system.network import Network, check_network
from simulator.system.schedule import Schedule, check_schedule
from simulator.system.steps import COMPUTES, REDUCES, SENDS, SIGNALS, Steps, flatten
from simulator.system.system_run import (
    COMPUTE,
    IDLE,
    MOST_WAIT_PS,
    RECEIVE_WAIT,
    SEND,
    SystemRun,
    check_waits,
    merge_intervals,
    spent_by_reason,
)

AT_CHIP, AT_CHANNEL = range(2)
"""An event of a chip (it begins to go on, or a message has arrived); a message that reaches a channel."""
NOBODY = -1
Event = tuple[int, int, int, int, int, int]
"""Time, AT_CHIP, the chip, the source of the message or NOBODY, 0, 0; or time, AT_CHANNEL, and of the message its chip,
its number, its hop and the step that sends it."""


class State(NamedTuple):
    """Of units (chips, or parts of them) and channels; each array is int64."""

    place: np.ndarray  # [units]: the step that it is at
    waits_for: np.ndarray  # [units]: the source that it waits for, or NOBODY
    since: np.ndarray  # [units]: when its last interval ended
    leaves: np.ndarray  # [units]: when all that it has sent by now has left
    sends: np.ndarray  # [units]
    inbox: np.ndarray  # [units, units]: messages that have arrived, by target and source
    received: np.ndarray  # [units]: bytes
    free: np.ndarray  # [channels]: when it can begin the next message
    moved: np.ndarray  # [channels]: bytes
    busy: np.ndarray  # [channels]
    wait: np.ndarray  # [channels], MOST_WAIT_PS at most
    intervals: np.ndarray  # [most intervals, 4]: unit, begin, end, reason
    used: np.ndarray  # [1]: intervals so far


@njit(cache=True)
def _spend(state: State, chip: int, end: int, reason: int) -> None:
    """Close the interval of a chip that ends at `end`; both are scalars, as is the reason."""
    row = state.used[0]
    state.intervals[row, 0] = chip
    state.intervals[row, 1] = state.since[chip]
    state.intervals[row, 2] = end
    state.intervals[row, 3] = reason
    state.used[0] = row + 1
    state.since[chip] = end


@njit(cache=True)
def _wait_until(state: State, chip: int, end: int, then: int) -> None:
    """A chip could do nothing until `end`: it sends until all has left, and `then` is the reason; all scalars."""
    left = min(state.leaves[chip], end)
    if left > state.since[chip]:
        _spend(state, chip, left, SEND)
    if end > state.since[chip]:
        _spend(state, chip, end, then)


@njit(cache=True)
def _go_on(steps: Steps, state: State, heap: list[Event], chip: int, now: int) -> None:
    """Do the steps of a chip from `now` until one takes time. heap: a list of events, six integers each; scalars."""
    while state.place[chip] < steps.begin[chip + 1]:
        step = state.place[chip]
        kind = steps.kind[step]
        if kind in (COMPUTES, REDUCES):
            state.place[chip] = step + 1
            if steps.ps[step] > 0:
                end = now + steps.ps[step]
                _spend(state, chip, end, COMPUTE)
                heappush(heap, (end, AT_CHIP, chip, NOBODY, 0, 0))
                return
        elif kind == SENDS:
            heappush(heap, (now, AT_CHANNEL, chip, state.sends[chip], 0, step))
            state.sends[chip] += 1
            state.place[chip] = step + 1
        elif kind == SIGNALS:
            heappush(heap, (now, AT_CHIP, steps.peer[step], chip, 0, 0))
            state.place[chip] = step + 1
        else:
            source = steps.peer[step]
            if state.inbox[chip, source] == 0:
                state.waits_for[chip] = source
                return
            state.inbox[chip, source] -= 1
            state.received[chip] += steps.size[step]
            state.place[chip] = step + 1


@njit(cache=True)
def _pass(steps: Steps, state: State, heap: list[Event], event: Event, latency: int) -> None:
    """Give the channel of a hop to a message. heap: a list of events, six integers each; latency: a scalar in ps."""
    now, _, chip, number, hop, step = event
    first, last = steps.route_begin[steps.route[step]], steps.route_begin[steps.route[step] + 1]
    channel, ps = steps.hops[first + hop], steps.ps[step]
    begin = max(now, state.free[channel])
    state.free[channel] = begin + ps
    state.moved[channel] += steps.size[step]
    state.busy[channel] += ps
    state.wait[channel] = min(MOST_WAIT_PS, state.wait[channel] + begin - now)
    if hop == 0:
        state.leaves[chip] = max(state.leaves[chip], begin + ps)
    if first + hop + 1 < last:
        heappush(heap, (begin + latency, AT_CHANNEL, chip, number, hop + 1, step))
    else:
        heappush(heap, (begin + latency + ps, AT_CHIP, steps.peer[step], chip, 0, 0))


@njit(cache=True)
def _run(steps: Steps, state: State, latency: int) -> None:
    """Run all events; a scalar latency in ps. Fills `state`; a chip that can never go on is left at its place."""
    chips = len(state.place)
    heap = [(0, AT_CHIP, chip, NOBODY, 0, 0) for chip in range(chips)]
    while len(heap) > 0:
        event = heappop(heap)
        now, kind, chip, source = event[0], event[1], event[2], event[3]
        if kind == AT_CHANNEL:
            _pass(steps, state, heap, event, latency)
        elif source == NOBODY:
            _go_on(steps, state, heap, chip, now)
        else:
            state.inbox[chip, source] += 1
            if state.waits_for[chip] == source:
                state.waits_for[chip] = NOBODY
                _wait_until(state, chip, now, RECEIVE_WAIT)
                _go_on(steps, state, heap, chip, now)


def run_engine(schedule: Schedule, network: Network) -> SystemRun:
    """Run a schedule on a network.

    InputError where they do not fit (see `check_network`, `check_schedule`) or messages wait too long in all (see
    `check_waits`), SystemDeadlockError where no chip can ever go on.
    """
    check_network("system", network)
    check_schedule(schedule, network)
    steps = flatten(schedule, network)
    state = _run_all(steps, network)
    if np.any(state.place < steps.begin[1:]):
        targets, sources = np.nonzero(state.inbox)
        pairs = zip(sources.tolist(), targets.tolist(), strict=True)
        waiting = {pair: int(state.inbox[pair[1], pair[0]]) for pair in pairs}
        raise SystemDeadlockError(describe_deadlock(schedule, (state.place - steps.begin[:-1]).tolist(), waiting))
    return _finish(state)


def run_steps(steps: Steps, network: Network) -> tuple[SystemRun, np.ndarray]:
    """Run flattened steps that are known to fit the network and to end: the run, and when each unit's program ended.

    The latter is int64 [units], in ps.
    """
    state = _run_all(steps, network)
    ends = state.since.copy()
    return _finish(state), ends


def _run_all(steps: Steps, network: Network) -> State:
    state = _begin(steps, len(network.channels))
    _run(steps, state, network.link.latency_ps)
    return state


def _finish(state: State) -> SystemRun:
    """Each unit's time until all have ended, and the counts. InputError where messages waited too long in all."""
    check_waits(state.wait)
    time = int(max(state.since.max(initial=0), state.leaves.max(initial=0)))
    for chip in range(len(state.place)):
        _wait_until(state, chip, time, IDLE)
    intervals = state.intervals[: state.used[0]]
    spent = spent_by_reason(intervals, len(state.place))
    counts = state.received, state.moved, state.busy, state.wait
    return SystemRun(time, spent, *counts, merge_intervals(intervals))


def _begin(steps: Steps, channels: int) -> State:
    chips, most = len(steps.begin) - 1, 2 * (len(steps.kind) + len(steps.begin))

    def zeros(*shape: int) -> np.ndarray:
        return np.zeros(shape, np.int64)

    return State(
        place=steps.begin[:-1].copy(),
        waits_for=np.full(chips, NOBODY, np.int64),
        since=zeros(chips),
        leaves=zeros(chips),
        sends=zeros(chips),
        inbox=zeros(chips, chips),
        received=zeros(chips),
        free=zeros(channels),
        moved=zeros(channels),
        busy=zeros(channels),
        wait=zeros(channels),
        intervals=zeros(most, 4),
        used=zeros(1),
    )
