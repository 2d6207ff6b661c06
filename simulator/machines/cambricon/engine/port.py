"""Selectors, SB, NBin, NBout and the memory port, a cycle after the other while the port or DRAM works."""

from typing import NamedTuple

import numpy as np
from numba import njit

from simulator.machines.cambricon.arch import HALVES
from simulator.machines.cambricon.engine.memory import advance_to, ask, collect

NEVER = np.int64(1 << 62)


class Work(NamedTuple):
    """What is to be done: the jobs with their cycles, and what the port moves for them; see `Jobs`."""

    cycles: np.ndarray  # int64 [jobs]
    start: np.ndarray  # int64 [selectors + 1]
    content: np.ndarray  # int64 [jobs]
    content_needed: np.ndarray  # int64 [jobs]: the first that this job or a later one of its selector reads
    load: np.ndarray  # int64 [jobs]
    load_needed: np.ndarray  # int64 [jobs]: likewise
    load_start: np.ndarray  # int64 [selectors + 1]
    chunks: np.ndarray  # int64 [loads]
    writes: np.ndarray  # int64 [jobs]
    content_chunks: np.ndarray  # int64 [contents]
    slots: int  # of SB
    most: int  # chunks of a cycle


class State(NamedTuple):
    """Of all units, changed as time goes on. Of SB, NBin and NBout: numbers of transfers, in their order."""

    done: np.ndarray  # int64 [selectors]: the number of the next job to end
    until: np.ndarray  # int64 [selectors]: the cycle after the running job; NEVER: none runs
    asked: np.ndarray  # int64 [selectors + 2]: transfers that were asked for
    seen: np.ndarray  # int64 [selectors + 2]: those that the port sees
    granted: np.ndarray  # int64 [selectors + 2]: those whose chunks all were granted
    ended: np.ndarray  # int64 [selectors + 2]: those whose end is known
    rest: np.ndarray  # int64 [selectors + 2]: chunks left of the first that is not granted; 0: none of it was
    there: np.ndarray  # int64 [selectors + 2]: the first cycle in which all that has ended is there
    sent: np.ndarray  # int64 [jobs]: whose outputs each transfer of NBout is
    begun: np.ndarray  # int64 [jobs]: the first cycle of each that runs or has ended
    loaded: np.ndarray  # int64 [loads]: the first cycle in which each is there; NEVER: not known
    arrived: np.ndarray  # int64 [contents]: likewise


@njit(cache=True, nogil=True)
def run_all(work, state, memory, spent, trace, letters):  # type: ignore[no-untyped-def]
    """Run to the end; return the cycles and the chunks that were granted, two int64.

    work: `Work`; state: `State` and memory: `Memory`, changed; spent: int64 [selectors + 1, 4] and trace: uint8
    [selectors + 1, cycles], written; letters: uint8 [6].
    """
    now, granted, turn = 0, 0, 0
    while _edge(now, work, state):
        waiting, count = _waits(state.asked, state.granted), 0
        if waiting:
            count, turn = _grant(now, turn, work, state, memory)
        state.seen[:] = state.asked
        following = now + 1
        if not waiting and not _waits(state.granted, state.ended) and state.there.max() <= now:
            following = state.until.min()
        _record(now, following, count, work, state, spent, trace, letters)
        now, granted = following, granted + count
        if memory.has:
            advance_to(memory, now)
            _collect(work, state, memory)
    return now, granted


@njit(cache=True, nogil=True)
def _waits(many, few):  # type: ignore[no-untyped-def]
    """Whether there are more of anything in `many` than in `few`, int64 [units] each."""
    return (many > few).any()


@njit(cache=True, nogil=True)
def _edge(now, work, state):  # type: ignore[no-untyped-def]
    """End jobs, ask for what has room and begin jobs in cycle `now`, an int64; return whether anything is left to do.

    work: `Work` and state: `State`, changed, of arrays int64 [jobs], [selectors] and so on.
    """
    left, needed = False, work.content_chunks.size
    for s in range(state.done.size):
        if state.until[s] == now:
            if work.writes[state.done[s]]:
                state.sent[state.asked[-1]] = state.done[s]
                state.asked[-1] += 1
            state.until[s] = NEVER
            state.done[s] += 1
        job = state.done[s]
        state.asked[s] = work.load_start[s + 1]
        if job < work.start[s + 1]:
            state.asked[s] = min(work.load_start[s + 1], work.load_needed[job] + work.slots)
            needed = min(needed, work.content_needed[job])
            left = True
    state.asked[-2] = min(work.content_chunks.size, needed + HALVES)
    for s in range(state.done.size):
        job = state.done[s]
        if state.until[s] != NEVER or job == work.start[s + 1]:
            continue
        if state.loaded[work.load[job]] <= now and state.arrived[work.content[job]] <= now:
            state.begun[job], state.until[s] = now, now + work.cycles[job]
    return left or state.asked[-1] > state.ended[-1] or state.there[-1] > now


@njit(cache=True, nogil=True)
def _grant(now, turn, work, state, memory):  # type: ignore[no-untyped-def]
    """Grant chunks, to NBin first, then in turn; return how many, and whose turn is next, two int64.

    now, turn: int64; work: `Work`; state: `State` and memory: `Memory`, changed, of arrays int64 [jobs] and so on.
    """
    size, passed, left = state.asked.size, 0, work.most
    while left and state.seen[-2] > state.granted[-2]:
        _grant_one(now, size - 2, work, state, memory)
        left -= 1
    while left and passed < size:
        unit = turn
        turn = (turn + 1) % size
        if state.seen[unit] == state.granted[unit]:
            passed += 1
            continue
        _grant_one(now, unit, work, state, memory)
        passed, left = 0, left - 1
    return work.most - left, turn


@njit(cache=True, nogil=True)
def _grant_one(now, unit, work, state, memory):  # type: ignore[no-untyped-def]
    """Grant a chunk to a unit, an int64, that the port sees. As in `_grant`: int64 [jobs] and so on."""
    chunks, transfer = _next(unit, state.granted[unit], work, state)
    if state.rest[unit] == 0:
        state.rest[unit] = chunks
    state.rest[unit] -= 1
    if memory.has:
        ask(memory, now, unit, transfer, np.int64(unit == state.asked.size - 1), chunks - state.rest[unit], chunks)
    if state.rest[unit] == 0:
        state.granted[unit] += 1
        if not memory.has:
            _end(unit, now + 1, state)


@njit(cache=True, nogil=True)
def _next(unit, number, work, state):  # type: ignore[no-untyped-def]
    """Chunks of a unit's transfer, and its number among loads, contents and outputs of jobs, two int64.

    unit, number: int64; work: `Work` and state: `State`, of arrays int64 [jobs], [selectors] and so on.
    """
    if unit < state.done.size:
        return work.chunks[number], number
    if unit == state.done.size:
        return work.content_chunks[number], work.chunks.size + number
    job = state.sent[number]
    return work.writes[job], work.chunks.size + work.content_chunks.size + job


@njit(cache=True, nogil=True)
def _collect(work, state, memory):  # type: ignore[no-untyped-def]
    """End transfers whose lines are all known; as in `_grant`: int64 [jobs] and so on."""
    for unit in range(state.asked.size):
        while state.ended[unit] < state.granted[unit]:
            _, transfer = _next(unit, state.ended[unit], work, state)
            known, state.there[unit] = collect(memory, unit, transfer, state.there[unit])
            if not known:
                break
            _end(unit, state.there[unit], state)


@njit(cache=True, nogil=True)
def _end(unit, cycle, state):  # type: ignore[no-untyped-def]
    """A unit's next transfer is there from a cycle on, both int64; state: `State`, changed, of arrays int64 [units]."""
    number = state.ended[unit]
    if unit < state.done.size:
        state.loaded[number] = cycle
    elif unit == state.done.size:
        state.arrived[number] = cycle
    state.ended[unit] += 1
    state.there[unit] = cycle


@njit(cache=True, nogil=True)
def _record(now, following, count, work, state, spent, trace, letters):  # type: ignore[no-untyped-def]
    """Add the cycles now .. following - 1 to `spent` and `trace`; count: chunks granted.

    spent: int64 [selectors + 1, 4]; all else as in `run_all`.
    """
    many, stop = state.done.size, min(following, trace.shape[1])
    for s in range(many):
        job = state.done[s]
        if job == work.start[s + 1]:
            why = 3
        elif state.until[s] != NEVER:
            why = 0
        else:
            why = 1 if state.loaded[work.load[job]] > now else 2
        spent[s, why] += following - now
        for cycle in range(now, stop):
            trace[s, cycle] = letters[why]
    why = int(count == 0)
    spent[many, why] += following - now
    for cycle in range(now, stop):
        trace[many, cycle] = letters[4 + why]
