"""The PEs of the compiled engine. numbers, state: see `engine.state`; now: the cycle."""

from numba import njit

from simulator.machines.gamma.engine.state import (
    ADDITIONS,
    AT,
    END,
    FIRST,
    FULL,
    GRANTED,
    HEAD,
    HELD,
    LEFT,
    LINES,
    MADE,
    MERGED,
    MERGES,
    MULTIPLIES,
    OUT,
    OUTPUT_ELEMENTS,
    PARENT,
    PARTIAL,
    PARTIAL_ELEMENTS,
    PENDING,
    POPPED,
    ROOM,
    SHIFT,
    SINCE,
    SIZE,
    STALL,
    TASK_OF,
    TERM,
    USED,
    WAITING,
    WANT_TAIL,
    WANTED,
    WRITE_HEAD,
    WRITE_TAIL,
)
from simulator.machines.gamma.layout import NONE

MASK = (1 << SHIFT) - 1


@njit(cache=True)
def want(state, slot, term):  # type: ignore[no-untyped-def]
    """Ask for another line of a term.

    state: int64 [shapes of `State`].
    """
    state.wants[slot, state.slot[slot, WANT_TAIL] % state.wants.shape[1]] = term
    state.slot[slot, WANT_TAIL] += 1
    state.term[slot, term, WANTED] += 1


@njit(cache=True, inline="always")
def step_pe(numbers, state, now, pe):  # type: ignore[no-untyped-def]
    """A cycle of a PE with a task; returns what it did, a place of its cycles, or NONE.

    state: int64 [shapes of `State`].
    """
    slot = pe * numbers.slots + state.pe[pe, HEAD]
    if state.slot[slot, SINCE] == now:
        return NONE
    if state.slot[slot, PENDING] > 0 or state.slot[slot, STALL] > now:
        return WAITING
    held = state.pe[pe, WRITE_TAIL] - state.pe[pe, WRITE_HEAD] + (state.pe[pe, POPPED] == now)
    if held > numbers.write_lines - 2:
        return FULL
    merge(numbers, state, pe, slot)
    if state.slot[slot, SIZE] == 0:
        task, out = state.slot[slot, TASK_OF], state.slot[slot, OUT]
        line = (out - 1) // numbers.elements
        put(numbers, state, pe, task, line, out - line * numbers.elements, 1)
        state.task[task, MADE] = out
        state.pe[pe, OUTPUT_ELEMENTS if state.task[task, PARENT] == NONE else PARTIAL_ELEMENTS] += out
        state.pe[pe, HEAD] = (state.pe[pe, HEAD] + 1) % numbers.slots
        state.pe[pe, HELD] -= 1
    return MERGED


@njit(cache=True, inline="always")
def merge(numbers, state, pe, slot):  # type: ignore[no-untyped-def]
    """Take the element of the least column, and of the first term among several.

    state: int64 [shapes of `State`].
    """
    key = state.heap[slot, 0]
    term, column, task = key & MASK, key >> SHIFT, state.slot[slot, TASK_OF]
    at, out = state.term[slot, term, AT], state.slot[slot, OUT]
    if state.term[slot, term, PARTIAL]:
        value = state.sums[at]
    else:
        value = state.scale[state.task[task, FIRST] + term] * state.values[at]
        state.pe[pe, MULTIPLIES] += 1
    state.pe[pe, MERGES] += 1
    last = state.task[task, ROOM] + out - 1
    if out and state.pool[last] == column:
        state.sums[last] += value
        state.pe[pe, ADDITIONS] += 1
    else:
        if out and out % numbers.elements == 0:
            put(numbers, state, pe, task, out // numbers.elements - 1, numbers.elements, 0)
        state.pool[last + 1], state.sums[last + 1] = column, value
        state.slot[slot, OUT] = out + 1
    advance(numbers, state, slot, term, at + 1)


@njit(cache=True)
def put(numbers, state, pe, task, line, elements, last):  # type: ignore[no-untyped-def]
    """A line waits to be written. last: 1 for the last one of its task.

    state: int64 [shapes of `State`].
    """
    at = state.pe[pe, WRITE_TAIL] % numbers.write_lines
    state.writes[pe, at, 0], state.writes[pe, at, 1] = task, line
    state.writes[pe, at, 2], state.writes[pe, at, 3] = elements, last
    state.pe[pe, WRITE_TAIL] += 1


@njit(cache=True, inline="always")
def advance(numbers, state, slot, term, at):  # type: ignore[no-untyped-def]
    """A term's next element, at its place, perhaps of its next line, takes its place in the heap.

    state: int64 [shapes of `State`].
    """
    state.term[slot, term, AT] = at
    state.term[slot, term, LEFT] -= 1
    if at == state.term[slot, term, END]:
        state.slot[slot, SIZE] -= 1
        key = state.heap[slot, state.slot[slot, SIZE]]
    else:
        column = state.pool[at] if state.term[slot, term, PARTIAL] else state.columns[at]
        key = column << SHIFT | term
        if state.term[slot, term, LEFT] == 0:
            turn(numbers, state, slot, term)
    sink(state.heap, slot, state.slot[slot, SIZE], key)


@njit(cache=True)
def turn(numbers, state, slot, term):  # type: ignore[no-untyped-def]
    """The next line of a term begins.

    state: int64 [shapes of `State`].
    """
    state.term[slot, term, LEFT] = numbers.elements
    state.term[slot, term, USED] += 1
    used = state.term[slot, term, USED]
    if state.term[slot, term, GRANTED] > used:
        ready = state.term[slot, term, TERM + used % numbers.way_lines]
        state.slot[slot, STALL] = max(state.slot[slot, STALL], ready)
    else:
        state.slot[slot, PENDING] += 1
    if state.term[slot, term, WANTED] < state.term[slot, term, LINES]:
        want(state, slot, term)


@njit(cache=True)
def sink(heap, slot, size, key):  # type: ignore[no-untyped-def]
    """Put a key in place of the first of a heap, int64 [slots, radix], with `size` keys, and let it sink."""
    at = 0
    while True:
        least = 2 * at + 1
        if least >= size:
            break
        if least + 1 < size and heap[slot, least + 1] < heap[slot, least]:
            least += 1
        if heap[slot, least] >= key:
            break
        heap[slot, at] = heap[slot, least]
        at = least
    heap[slot, at] = key
