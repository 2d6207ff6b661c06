"""The FiberCache and DRAM of the compiled engine: lines of A, then what each PE asks for, another one first each cycle.

numbers, state: see `engine.state`; now: the cycle.
"""

from numba import njit

from simulator.machines.gamma.engine.lines import find, load, move, place, take
from simulator.machines.gamma.engine.state import (
    A_BYTES,
    A_ELEMENTS,
    ACCESSES,
    AGE,
    ARRIVAL,
    ASKED,
    CHILDREN,
    CONSUMES,
    DEEPEST,
    DEPTH,
    DONE,
    FETCHES,
    FIRST_LINE,
    GRANTED,
    HEAD,
    HELD,
    HERE,
    LEAF,
    LINE_OF,
    LINES,
    NEEDED,
    OUTPUT_BYTES,
    PARENT,
    PARTIAL,
    PENDING,
    POPPED,
    PRIORITY,
    READS,
    READY_TAIL,
    STALL,
    TERM,
    USED,
    WANT_HEAD,
    WANT_TAIL,
    WAY,
    WRITE_HEAD,
    WRITE_TAIL,
    WRITES,
)
from simulator.machines.gamma.layout import NONE

SERVED, LATE = 1, 2
"""Bits: an access was served, one waits for its bank."""


@njit(cache=True)
def step_memory(numbers, state, now):  # type: ignore[no-untyped-def]
    """A cycle; returns bits of what happened.

    state: int64 [shapes of `State`].
    """
    stream(numbers, state, now)
    found = 0
    pe = now % numbers.pes - 1
    for _ in range(numbers.pes):
        pe = pe + 1 if pe + 1 < numbers.pes else 0
        if state.pe[pe, WRITE_HEAD] < state.pe[pe, WRITE_TAIL] or state.pe[pe, HELD]:
            found |= serve(numbers, state, now, pe)
    return found


@njit(cache=True)
def stream(numbers, state, now):  # type: ignore[no-untyped-def]
    """Ask for a line of A, as many ahead of the next leaf as there may be.

    state: int64 [shapes of `State`].
    """
    one, arrival = state.one, state.arrival
    while one[HERE] < one[ASKED] and arrival[one[HERE]] <= now:
        one[HERE] += 1
    if one[ASKED] == numbers.a_lines:
        return
    limit = numbers.a_lines
    if one[LEAF] < numbers.leaves:
        needed = state.task[state.leaves[one[LEAF]], NEEDED]
        limit = min(limit, -(-needed // numbers.elements) + numbers.ahead)
    if one[ASKED] < limit:
        elements = min(numbers.elements, numbers.a_elements - one[ASKED] * numbers.elements)
        arrival[one[ASKED]] = move(numbers, state, now, elements, A_BYTES)
        one[A_ELEMENTS] += elements
        one[ASKED] += 1


@njit(cache=True, inline="always")
def serve(numbers, state, now, pe):  # type: ignore[no-untyped-def]
    """A finished line to DRAM; a read, or else a partial line to the FiberCache; a fetch. Returns bits.

    state: int64 [shapes of `State`].
    """
    found, reading, fetching = 0, False, False
    writing = state.pe[pe, WRITE_HEAD] < state.pe[pe, WRITE_TAIL]
    at = state.pe[pe, WRITE_HEAD] % numbers.write_lines
    if writing and state.task[state.writes[pe, at, 0], PARENT] == NONE:
        move(numbers, state, now, state.writes[pe, at, 2], OUTPUT_BYTES)
        pop(state, now, pe, at)
        writing = False
    slot = pe * numbers.slots + state.pe[pe, HEAD]
    for _ in range(state.pe[pe, HELD]):
        if not reading and state.slot[slot, WANT_HEAD] < state.slot[slot, WANT_TAIL]:
            reading = True
            found |= read(numbers, state, now, slot)
        slot = slot + 1 if slot + 1 < (pe + 1) * numbers.slots else pe * numbers.slots
    if writing and not reading:
        found |= write(numbers, state, now, pe, at)
    slot = pe * numbers.slots + state.pe[pe, HEAD]
    for _ in range(state.pe[pe, HELD]):
        if not fetching and state.slot[slot, DEPTH] < state.slot[slot, DEEPEST] and seek(state, slot):
            fetching = True
            found |= fetch(numbers, state, now, slot)
        slot = slot + 1 if slot + 1 < (pe + 1) * numbers.slots else pe * numbers.slots
    return found


@njit(cache=True)
def write(numbers, state, now, pe, at):  # type: ignore[no-untyped-def]
    """A line of a partial row, at a place of the PE's waiting lines, to the FiberCache. Returns bits.

    state: int64 [shapes of `State`].
    """
    line = state.task[state.writes[pe, at, 0], LINE_OF] + state.writes[pe, at, 1]
    if not take(state.one, state.taken, now, line):
        return LATE
    state.one[WRITES] += 1
    place(numbers, state, now, line, now, 1, state.writes[pe, at, 2])
    pop(state, now, pe, at)
    return SERVED


@njit(cache=True)
def pop(state, now, pe, at):  # type: ignore[no-untyped-def]
    """A finished line leaves its PE; with a task's last line the task is done.

    state: int64 [shapes of `State`].
    """
    state.pe[pe, WRITE_HEAD] += 1
    state.pe[pe, POPPED] = now
    if state.writes[pe, at, 3]:
        state.one[DONE] += 1
        parent = state.task[state.writes[pe, at, 0], PARENT]
        if parent != NONE:
            state.task[parent, CHILDREN] -= 1
            if state.task[parent, CHILDREN] == 0:
                state.ready[state.one[READY_TAIL]] = parent
                state.one[READY_TAIL] += 1


@njit(cache=True)
def read(numbers, state, now, slot):  # type: ignore[no-untyped-def]
    """The next line that a slot wants. Returns bits.

    state: int64 [shapes of `State`].
    """
    term = state.wants[slot, state.slot[slot, WANT_HEAD] % state.wants.shape[1]]
    depth, partial = state.term[slot, term, GRANTED], state.term[slot, term, PARTIAL]
    line = state.term[slot, term, FIRST_LINE] + depth
    if not take(state.one, state.taken, now, line):
        return LATE
    state.one[CONSUMES if partial else READS] += 1
    row, way = find(numbers, state.tags, line)
    ready = now + numbers.latency
    if way == NONE:
        arrival = load(numbers, state, now, slot, term, depth)
        ready = max(ready, arrival)
        if not partial:
            place(numbers, state, now, line, arrival, 0, 0)
    else:
        ready = max(ready, state.cache[row, way, ARRIVAL])
        state.cache[row, way, PRIORITY] = max(0, state.cache[row, way, PRIORITY] - 1)
        state.cache[row, way, AGE] = state.one[ACCESSES]
        if partial:
            state.tags[row, way] = NONE
    state.term[slot, term, TERM + depth % numbers.way_lines] = ready
    if depth == state.term[slot, term, USED]:
        state.slot[slot, PENDING] -= 1
        state.slot[slot, STALL] = max(state.slot[slot, STALL], ready)
    state.term[slot, term, GRANTED] += 1
    state.slot[slot, WANT_HEAD] += 1
    return SERVED


@njit(cache=True)
def seek(state, slot):  # type: ignore[no-untyped-def]
    """Whether a slot has a line to fetch that is neither fetched nor read; then it is the next one.

    state: int64 [shapes of `State`].
    """
    depth, term = state.slot[slot, DEPTH], state.slot[slot, WAY]
    while depth < state.slot[slot, DEEPEST]:
        while term < state.term.shape[1]:
            if state.term[slot, term, LINES] > depth and state.term[slot, term, GRANTED] <= depth:
                state.slot[slot, DEPTH], state.slot[slot, WAY] = depth, term
                return True
            term += 1
        term = 0
        depth += 1
    state.slot[slot, DEPTH], state.slot[slot, WAY] = depth, term
    return False


@njit(cache=True)
def fetch(numbers, state, now, slot):  # type: ignore[no-untyped-def]
    """The next line to fetch. Returns bits.

    state: int64 [shapes of `State`].
    """
    term, depth = state.slot[slot, WAY], state.slot[slot, DEPTH]
    line = state.term[slot, term, FIRST_LINE] + depth
    if not take(state.one, state.taken, now, line):
        return LATE
    state.one[FETCHES] += 1
    row, way = find(numbers, state.tags, line)
    if way == NONE:
        arrival = load(numbers, state, now, slot, term, depth)
        place(numbers, state, now, line, arrival, 1, 0)
    else:
        state.cache[row, way, PRIORITY] += 1
        state.cache[row, way, AGE] = state.one[ACCESSES]
    state.slot[slot, WAY] += 1
    return SERVED
