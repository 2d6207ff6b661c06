"""When jobs run: selectors, SB, NBin, NBout and the memory port, a cycle after the other while the port works."""

from typing import NamedTuple

import numpy as np
from numba import njit

from simulator.machines.cambricon.arch import HALVES, Arch, PortLetter, SelectorLetter
from simulator.machines.cambricon.layout.streams import Streams

NEVER = np.int64(1 << 62)
LETTERS = np.array([ord(one) for one in (*SelectorLetter, *PortLetter)], np.uint8)


class Schedule(NamedTuple):
    """The cycles of a run, and what each unit did in them."""

    cycles: int
    spent: np.ndarray  # int64 [selectors + 1, 4]: by letter, in the order of SelectorLetter or PortLetter
    granted: int  # chunks
    trace: np.ndarray  # uint8 [selectors + 1, cycles traced]
    begun: np.ndarray  # int64 [jobs]: the first cycle of each
    loaded: np.ndarray  # int64 [loads]: the first cycle in which each is there
    arrived: np.ndarray  # int64 [contents]: likewise


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
    """Of all units, changed as time goes on."""

    done: np.ndarray  # int64 [selectors]: the number of the next job to end
    until: np.ndarray  # int64 [selectors]: the cycle after the running job; NEVER: none runs
    asked: np.ndarray  # int64 [selectors + 2]: transfers that were asked for; of NBout, chunks
    seen: np.ndarray  # int64 [selectors + 2]: those that the port sees
    served: np.ndarray  # int64 [selectors + 2]: those that are there
    rest: np.ndarray  # int64 [selectors + 2]: chunks left of the first that is not there
    begun: np.ndarray  # int64 [jobs]: the first cycle of each that runs or has ended
    loaded: np.ndarray  # int64 [loads]: the first cycle in which each is there; NEVER: not yet
    arrived: np.ndarray  # int64 [contents]: likewise


def schedule(arch: Arch, streams: Streams, cycles: np.ndarray, trace_cycles: int) -> Schedule:
    """Run all jobs, which take `cycles`, int64 [jobs]; the trace holds the first `trace_cycles` cycles or fewer."""
    jobs, many = streams.jobs, arch.selectors
    spent, trace = np.zeros((many + 1, 4), np.int64), np.zeros((many + 1, trace_cycles), np.uint8)
    loaded, arrived = (np.full(one.size, NEVER, np.int64) for one in (jobs.load_chunks, streams.content_chunks))
    state = State(
        done=jobs.start[:-1].copy(),
        until=np.full(many, NEVER, np.int64),
        asked=np.zeros(many + 2, np.int64),
        seen=np.zeros(many + 2, np.int64),
        served=np.zeros(many + 2, np.int64),
        rest=np.zeros(many + 2, np.int64),
        begun=np.zeros(cycles.size, np.int64),
        loaded=loaded,
        arrived=arrived,
    )
    for part in (state.asked, state.seen, state.served):
        part[:many] = jobs.load_start[:-1]
    work = Work(
        cycles=cycles,
        start=jobs.start,
        content=jobs.content,
        content_needed=first_needed(jobs.start, jobs.content),
        load=jobs.load,
        load_needed=first_needed(jobs.start, jobs.load),
        load_start=jobs.load_start,
        chunks=jobs.load_chunks,
        writes=jobs.writes,
        content_chunks=streams.content_chunks,
        slots=arch.sb_slots,
        most=arch.chunks_per_cycle,
    )
    end, granted = _run(work, state, spent, trace, LETTERS)
    return Schedule(int(end), spent, int(granted), trace[:, : int(end)], state.begun, loaded, arrived)


def first_needed(start: np.ndarray, what: np.ndarray) -> np.ndarray:
    """The least of `what`, int64 [jobs], from each job to the last of its selector; start: int64 [selectors + 1]."""
    found = np.empty_like(what)
    for first, end in zip(start[:-1].tolist(), start[1:].tolist(), strict=True):
        found[first:end] = np.minimum.accumulate(what[first:end][::-1])[::-1]
    return found


@njit(cache=True, nogil=True)
def _run(work, state, spent, trace, letters):  # type: ignore[no-untyped-def]
    """Run to the end; return the cycles and the chunks that were granted, two int64.

    work: `Work`; state: `State`, changed; spent: int64 [selectors + 1, 4] and trace: uint8 [selectors + 1, cycles],
    written; letters: uint8 [6]. No run takes more rounds than there are chunks, jobs and cycles to ask for them.
    """
    now, granted, turn = 0, 0, 0
    moved = work.chunks.sum() + work.writes.sum() + work.content_chunks.sum()
    for _ in range(2 * moved + 4 * work.cycles.size + 8):
        if not _edge(now, work, state):
            break
        waiting, count = False, 0
        for unit in range(state.asked.size):
            waiting |= state.asked[unit] > state.served[unit]
        if waiting:
            count, turn = _grant(now, turn, work, state)
        state.seen[:] = state.asked
        following = now + 1 if waiting else state.until.min()
        _record(now, following, count, work, state, spent, trace, letters)
        now, granted = following, granted + count
    return now, granted


@njit(cache=True, nogil=True)
def _edge(now, work, state):  # type: ignore[no-untyped-def]
    """End jobs, ask for what has room and begin jobs in cycle `now`, an int64; return whether anything is left to do.

    work: `Work` and state: `State`, changed, of arrays int64 [jobs], [selectors] and so on.
    """
    left, needed = False, work.content_chunks.size
    for s in range(state.done.size):
        if state.until[s] == now:
            state.asked[-1] += work.writes[state.done[s]]
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
    return left or state.asked[-1] > state.served[-1]


@njit(cache=True, nogil=True)
def _grant(now, turn, work, state):  # type: ignore[no-untyped-def]
    """Grant chunks, to NBin first, then in turn; return how many, and whose turn is next, two int64.

    now, turn: int64; work: `Work` and state: `State`, changed, of arrays int64 [jobs], [selectors] and so on.
    """
    size, passed, left = state.asked.size, 0, work.most
    while left and state.seen[-2] > state.served[-2]:
        _grant_one(now, size - 2, work, state)
        left -= 1
    while left and passed < size:
        unit = turn
        turn = (turn + 1) % size
        if state.seen[unit] == state.served[unit]:
            passed += 1
            continue
        _grant_one(now, unit, work, state)
        passed, left = 0, left - 1
    return work.most - left, turn


@njit(cache=True, nogil=True)
def _grant_one(now, unit, work, state):  # type: ignore[no-untyped-def]
    """Grant a chunk to a unit, an int64, that the port sees. As in `_grant`: int64 [jobs] and so on."""
    number, size = state.served[unit], state.asked.size
    if unit == size - 1:
        state.served[unit] += 1
        return
    if state.rest[unit] == 0:
        state.rest[unit] = work.content_chunks[number] if unit == size - 2 else work.chunks[number]
    state.rest[unit] -= 1
    if state.rest[unit] == 0:
        state.served[unit] += 1
        if unit == size - 2:
            state.arrived[number] = now + 1
        else:
            state.loaded[number] = now + 1


@njit(cache=True, nogil=True)
def _record(now, following, count, work, state, spent, trace, letters):  # type: ignore[no-untyped-def]
    """Add the cycles now .. following - 1 to `spent` and `trace`; count: chunks granted.

    spent: int64 [selectors + 1, 4]; all else as in `_run`.
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
