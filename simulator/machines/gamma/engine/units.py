"""The scheduler and the PEs of the compiled engine. numbers, state: see `engine.state`; now: the cycle."""

from numba import njit

from simulator.machines.gamma.engine.state import (
    ADDITIONS,
    AT,
    DEEPEST,
    END,
    FIRST,
    FIRST_LINE,
    FULL,
    GIVEN,
    GRANTED,
    HEAD,
    HELD,
    HERE,
    LEAF,
    LEFT,
    LINE_OF,
    LINES,
    MADE,
    MERGED,
    MERGES,
    MULTIPLIES,
    NEEDED,
    OUT,
    OUTPUT_ELEMENTS,
    PARENT,
    PARTIAL,
    PARTIAL_ELEMENTS,
    PENDING,
    POPPED,
    READY_HEAD,
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
def schedule(numbers, state, now, seen):  # type: ignore[no-untyped-def]
    """Give a task to each PE with a free slot, first to those with the fewest. seen: ready tasks before this cycle.

    state: int64 [shapes of `State`].
    """
    here = min(state.one[HERE] * numbers.elements, numbers.a_elements)
    for level in range(numbers.slots):
        for pe in range(numbers.pes):
            if state.pe[pe, HELD] != level or state.pe[pe, GIVEN] == now:
                continue
            task = choose(numbers, state, seen, here)
            if task == NONE:
                return
            slot = pe * numbers.slots + (state.pe[pe, HEAD] + level) % numbers.slots
            state.pe[pe, HELD] += 1
            state.pe[pe, GIVEN] = now
            give(numbers, state, now, slot, task)


@njit(cache=True)
def choose(numbers, state, seen, here):  # type: ignore[no-untyped-def]
    """The next task whose elements of A are among the first `here`, or NONE. state: int64 [shapes of `State`]."""
    one = state.one
    if one[READY_HEAD] < seen and state.task[state.ready[one[READY_HEAD]], NEEDED] <= here:
        one[READY_HEAD] += 1
        return state.ready[one[READY_HEAD] - 1]
    if one[LEAF] < numbers.leaves and state.task[state.leaves[one[LEAF]], NEEDED] <= here:
        one[LEAF] += 1
        return state.leaves[one[LEAF] - 1]
    return NONE


@njit(cache=True)
def give(numbers, state, now, slot, task):  # type: ignore[no-untyped-def]
    """Fill a slot with a task: its terms, the lines to read first, the keys of first elements.

    state: int64 [shapes of `State`].
    """
    first = state.task[task, FIRST]
    count = state.task[task + 1, FIRST] - first
    state.slot[slot] = 0
    state.slot[slot, TASK_OF], state.slot[slot, SINCE], state.slot[slot, PENDING] = task, now, count
    state.term[slot] = 0
    for term in range(count):
        set_term(numbers, state, slot, term, first + term)
        state.slot[slot, DEEPEST] = max(state.slot[slot, DEEPEST], state.term[slot, term, LINES])
    for depth in range(numbers.way_lines):
        for term in range(count):
            if state.term[slot, term, LINES] > depth:
                want(state, slot, term)


@njit(cache=True)
def set_term(numbers, state, slot, term, number):  # type: ignore[no-untyped-def]
    """number: of the term among all.

    state: int64 [shapes of `State`].
    """
    one, row, child = state.term[slot, term], state.terms[number, 0], state.terms[number, 1]
    one[PARTIAL] = child != NONE
    if child != NONE:
        begin, size = state.task[child, ROOM], state.task[child, MADE]
        one[FIRST_LINE], one[LEFT], one[LINES] = (
            state.task[child, LINE_OF],
            numbers.elements,
            -(-size // numbers.elements),
        )
        column = state.pool[begin]
    else:
        begin, size = state.starts[row], state.starts[row + 1] - state.starts[row]
        one[FIRST_LINE], one[LEFT] = begin // numbers.elements, numbers.elements - begin % numbers.elements
        one[LINES] = (begin + size - 1) // numbers.elements - one[FIRST_LINE] + 1
        column = state.columns[begin]
    one[AT], one[END] = begin, begin + size
    heap, at = state.heap[slot], state.slot[slot, SIZE]
    heap[at] = column << SHIFT | term
    state.slot[slot, SIZE] += 1
    while at and heap[at] < heap[(at - 1) // 2]:
        heap[at], heap[(at - 1) // 2] = heap[(at - 1) // 2], heap[at]
        at = (at - 1) // 2


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
