"""The scheduler of the compiled engine. numbers, state: see `engine.state`; now: the cycle."""

from numba import njit

from simulator.machines.gamma.engine.merger import want
from simulator.machines.gamma.engine.state import (
    AT,
    DEEPEST,
    END,
    FIRST,
    FIRST_LINE,
    GIVEN,
    HEAD,
    HELD,
    HERE,
    LEAF,
    LEFT,
    LINE_OF,
    LINES,
    MADE,
    NEEDED,
    PARTIAL,
    PENDING,
    READY_HEAD,
    ROOM,
    SHIFT,
    SINCE,
    SIZE,
    TASK_OF,
)
from simulator.machines.gamma.layout import NONE


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
