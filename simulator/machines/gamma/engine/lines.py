"""The lines of the FiberCache and the bytes of DRAM, of the compiled engine. numbers, state: see `engine.state`."""

from numba import njit

from simulator.machines.gamma.engine.state import (
    ACCESSES,
    AGE,
    ARRIVAL,
    B_BYTES,
    CONFLICTS,
    DIRTY,
    DRAM_FREE,
    FIRST_LINE,
    MADE,
    MISSES,
    PARTIAL,
    PARTIAL_BYTES,
    PRIORITY,
    SPILLS,
    TASK_OF,
)
from simulator.machines.gamma.engine.state import FIRST as FIRST_TERM
from simulator.machines.gamma.layout import NONE


@njit(cache=True, inline="always")
def move(numbers, state, now, elements, event):  # type: ignore[no-untyped-def]
    """Let DRAM move elements, an event of `one`; returns the cycle in which they arrive.

    state: int64 [shapes of `State`].
    """
    one = state.one
    one[event] += elements * numbers.bits // 8
    one[DRAM_FREE] = max(one[DRAM_FREE], now * numbers.rate) + 1000 * elements * numbers.bits
    return -(-one[DRAM_FREE] // numbers.rate) + numbers.dram_latency


@njit(cache=True)
def take(one, taken, now, line):  # type: ignore[no-untyped-def]
    """Whether the bank of a line is free in this cycle; then it is taken. one: int64 [ONES]; taken: int64 [banks]."""
    bank = line % taken.size
    if taken[bank] == now:
        one[CONFLICTS] += 1
        return False
    taken[bank] = now
    one[ACCESSES] += 1
    return True


@njit(cache=True)
def find(numbers, tags, line):  # type: ignore[no-untyped-def]
    """The set of a line, and its way in `tags`, int64 [banks x sets, ways]; NONE: it is not there."""
    row = line % numbers.banks * numbers.sets + line // numbers.banks % numbers.sets
    for way in range(tags.shape[1]):
        if tags[row, way] == line:
            return row, way
    return row, NONE


@njit(cache=True)
def place(numbers, state, now, line, arrival, priority, dirty):  # type: ignore[no-untyped-def]
    """Give a line a way: a free one, or that of fewest reads to come and least recent use. dirty: its elements, or 0.

    state: int64 [shapes of `State`].
    """
    cache, tags, best = state.cache, state.tags, 0
    row = line % numbers.banks * numbers.sets + line // numbers.banks % numbers.sets
    for way in range(tags.shape[1]):
        if tags[row, way] == NONE:
            best = way
            break
        less = cache[row, way, PRIORITY] - cache[row, best, PRIORITY]
        if less < 0 or (less == 0 and cache[row, way, AGE] < cache[row, best, AGE]):
            best = way
    if tags[row, best] != NONE and cache[row, best, DIRTY]:
        state.one[SPILLS] += 1
        move(numbers, state, now, cache[row, best, DIRTY], PARTIAL_BYTES)
    tags[row, best], cache[row, best, PRIORITY] = line, priority
    cache[row, best, AGE], cache[row, best, ARRIVAL] = state.one[ACCESSES], arrival
    cache[row, best, DIRTY] = dirty


@njit(cache=True)
def load(numbers, state, now, slot, term, depth):  # type: ignore[no-untyped-def]
    """Get a term's line from DRAM; depth: its number among the term's. Returns its arrival.

    state: int64 [shapes of `State`].
    """
    state.one[MISSES] += 1
    if state.term[slot, term, PARTIAL]:
        child = state.terms[state.task[state.slot[slot, TASK_OF], FIRST_TERM] + term, 1]
        elements = min(numbers.elements, state.task[child, MADE] - depth * numbers.elements)
        return move(numbers, state, now, elements, PARTIAL_BYTES)
    before = (state.term[slot, term, FIRST_LINE] + depth) * numbers.elements
    return move(numbers, state, now, min(numbers.elements, numbers.b_elements - before), B_BYTES)
