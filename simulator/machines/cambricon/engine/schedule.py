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


class State(NamedTuple):
    """Of all units, changed as time goes on."""

    done: np.ndarray  # int64 [selectors]: the number of the next job to end
    until: np.ndarray  # int64 [selectors]: the cycle after the running job; NEVER: none runs
    asked: np.ndarray  # int64 [selectors + 2]: transfers that were asked for; of NBout, chunks
    seen: np.ndarray  # int64 [selectors + 2]: those that the port sees
    served: np.ndarray  # int64 [selectors + 2]: those that are there
    rest: np.ndarray  # int64 [selectors + 2]: chunks left of the first that is not there


def schedule(arch: Arch, streams: Streams, cycles: np.ndarray, trace_cycles: int) -> Schedule:
    """Run all jobs, which take `cycles`, int64 [jobs]; the trace holds the first `trace_cycles` cycles or fewer."""
    jobs, many = streams.jobs, arch.selectors
    spent, trace = np.zeros((many + 1, 4), np.int64), np.zeros((many + 1, trace_cycles), np.uint8)
    loaded, arrived = (np.full(one.size, NEVER, np.int64) for one in (jobs.load_chunks, streams.content_chunks))
    state = State(
        jobs.start[:-1].copy(), np.full(many, NEVER, np.int64), *(np.zeros(many + 2, np.int64) for _ in "1234")
    )
    for part in (state.asked, state.seen, state.served):
        part[:many] = jobs.load_start[:-1]
    end, granted = _run(
        *(cycles, jobs.start, jobs.content, jobs.load, jobs.load_start, jobs.load_chunks, jobs.writes),
        *(streams.content_chunks, arch.sb_slots, arch.chunks_per_cycle),
        *(state, loaded, arrived, spent, trace, LETTERS),
    )
    return Schedule(int(end), spent, int(granted), trace[:, : int(end)])


@njit(cache=True, nogil=True)
def _run(  # type: ignore[no-untyped-def]
    cycles,
    start,
    content,
    load,
    load_start,
    chunks,
    writes,
    content_chunks,
    slots,
    most,
    state,
    loaded,
    arrived,
    spent,
    trace,
    letters,
):
    """Run to the end; return the cycles and the chunks that were granted, two int64.

    cycles, content, load, writes: int64 [jobs]; start, load_start: int64 [selectors + 1]; chunks: int64 [loads];
    content_chunks: int64 [contents]; slots: of SB; most: chunks of a cycle; state, loaded (int64 [loads]), arrived (int64 [contents]), spent and trace: written; letters: uint8 [6].
    """
    now, granted, turn, many = 0, 0, 0, state.done.size
    for _ in range(2 * (cycles.sum() + chunks.sum() + writes.sum() + content_chunks.sum()) + 4 * cycles.size + 8):
        busy = _edge(
            now,
            cycles,
            start,
            content,
            load,
            load_start,
            writes,
            content_chunks.size,
            slots,
            state,
            loaded,
            arrived,
        )
        if not busy:
            break
        waiting, count = False, 0
        for unit in range(many + 2):
            waiting |= state.asked[unit] > state.served[unit]
        if waiting:
            count, turn = _grant(now, turn, chunks, content_chunks, most, state, loaded, arrived)
        state.seen[:] = state.asked
        following = now + 1 if waiting else state.until.min()
        _record(now, following, count, start, load, state, loaded, spent, trace, letters)
        now, granted = following, granted + count
    return now, granted


@njit(cache=True, nogil=True)
def _edge(now, cycles, start, content, load, load_start, writes, contents, slots, state, loaded, arrived):  # type: ignore[no-untyped-def]
    """End jobs, ask for what has room and begin jobs in cycle `now`; return whether anything is left to do.

    All arrays as in `_run`; contents: how many NBin gets.
    """
    left, needed = state.asked[-1] > state.served[-1], contents
    for s in range(state.done.size):
        if state.until[s] == now:
            state.asked[-1] += writes[state.done[s]]
            state.until[s] = NEVER
            state.done[s] += 1
        job = state.done[s]
        state.asked[s] = load_start[s + 1]
        if job < start[s + 1]:
            state.asked[s] = min(load_start[s + 1], load[job] + slots)
            needed = min(needed, content[job])
            left = True
    state.asked[-2] = min(contents, needed + HALVES)
    for s in range(state.done.size):
        job = state.done[s]
        if state.until[s] == NEVER and job < start[s + 1] and loaded[load[job]] <= now and arrived[content[job]] <= now:
            state.until[s] = now + cycles[job]
    return left or state.asked[-1] > state.served[-1]


@njit(cache=True, nogil=True)
def _grant(now, turn, chunks, content_chunks, most, state, loaded, arrived):  # type: ignore[no-untyped-def]
    """Grant chunks, to NBin first, then in turn; return how many, and whose turn is next, two int64.

    All arrays as in `_run`.
    """
    size, passed, left = state.asked.size, 0, most
    while left and state.seen[-2] > state.served[-2]:
        _grant_one(now, size - 2, chunks, content_chunks, state, loaded, arrived)
        left -= 1
    while left and passed < size:
        unit = turn
        turn = (turn + 1) % size
        if state.seen[unit] == state.served[unit]:
            passed += 1
            continue
        _grant_one(now, unit, chunks, content_chunks, state, loaded, arrived)
        passed, left = 0, left - 1
    return most - left, turn


@njit(cache=True, nogil=True)
def _grant_one(now, unit, chunks, content_chunks, state, loaded, arrived):  # type: ignore[no-untyped-def]
    """Grant a chunk to a unit that the port sees. All arrays as in `_run`."""
    number, size = state.served[unit], state.asked.size
    if unit == size - 1:
        state.served[unit] += 1
        return
    if state.rest[unit] == 0:
        state.rest[unit] = content_chunks[number] if unit == size - 2 else chunks[number]
    state.rest[unit] -= 1
    if state.rest[unit] == 0:
        state.served[unit] += 1
        if unit == size - 2:
            arrived[number] = now + 1
        else:
            loaded[number] = now + 1


@njit(cache=True, nogil=True)
def _record(now, following, count, start, load, state, loaded, spent, trace, letters):  # type: ignore[no-untyped-def]
    """Add the cycles now .. following - 1 to `spent` and `trace`; count: chunks granted. All arrays as in `_run`."""
    many, stop = state.done.size, min(following, trace.shape[1])
    for s in range(many):
        job = state.done[s]
        if job == start[s + 1]:
            why = 3
        elif state.until[s] != NEVER:
            why = 0
        else:
            why = 1 if loaded[load[job]] > now else 2
        spent[s, why] += following - now
        for cycle in range(now, stop):
            trace[s, cycle] = letters[why]
    why = int(count == 0)
    spent[many, why] += following - now
    for cycle in range(now, stop):
        trace[many, cycle] = letters[4 + why]
