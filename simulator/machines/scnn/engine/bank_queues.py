"""The queues before a PE's accumulator banks, compiled: all banks at once, their lengths in registers."""

from typing import NamedTuple

import numpy as np
from numba import njit

from simulator.machines.scnn.arch import Arch, PeLetter
from simulator.machines.scnn.engine.bank_vectors import LANES, add, any_set, load, rarely, smaller, splat, subtract
from simulator.machines.scnn.engine.operand_vectors import QUAD

STALL, STARVED = (np.int64(ord(one)) for one in (PeLetter.BANK_STALL, PeLetter.STARVED))


class BankQueues(NamedTuple):
    """The queues of all PEs.

    Lengths are bytes where a byte holds the products of a step, and their saturating sum with a length is above the
    depth whenever it should be: for up to 255 multipliers, and depths up to 254. Otherwise they are uint16.

    The last lane may have more numbers than there are banks. Number banks + b gets some of bank b's products, never
    more (see `count_by_bank`), so its queue is never longer, and no result depends on it.
    """

    lanes: tuple[int, ...]  # see `LANES`: an element for each LANES banks or part of them
    depth: int  # products that the queue of a bank holds
    held: np.ndarray  # uint8 or uint16 [pes, lanes * LANES]: the lengths of the queues


def empty_queues(arch: Arch) -> BankQueues:
    """The queues at the beginning of a round."""
    kind = np.uint8 if arch.queue_depth < 255 and arch.multipliers <= 255 else np.uint16
    lanes = (0,) * -(-arch.banks // LANES)
    return BankQueues(lanes, arch.queue_depth, np.zeros((arch.pes, len(lanes) * LANES), kind))


@njit(cache=True, nogil=True, inline="always")
def run_steps(lanes, limit, held, rows, offset, span, usable, late, now, last, trace, pe):  # type: ignore[no-untyped-def]
    """Simulate all steps of one PE with a part of a block: each vector of activations with each vector of weights.

    Returns the queues after the last step, the cycle after it, and the cycles without weights. lanes, limit: of
    `BankQueues`, the depth. held: the PE's queues, a vector uint8 or uint16 [banks]. rows uint8 or uint16 [vectors,
    ...]: see `count_by_bank`. offset: of `ActivationBlocks`, whose vectors span[0] .. span[1] - 1 are the PE's. usable,
    late int64 [vectors]: see `latest_lead`. now: the first cycle. last int64 [vectors]: raised to the last cycle in
    which a vector of weights is used. trace uint8 [pes + 1, cycles or 0].
    """
    vectors, depth = rows.shape[0], splat(limit, held)
    waited, step, steps = 0, 0, vectors * (span[1] - span[0])
    before = steps - vectors  # steps that do not use a vector of weights for the last time
    while step < steps:
        if step < vectors and usable[step] > now:
            draw(trace, pe, now, usable[step], STARVED)
            held = subtract(held, splat(usable[step] - now, held))
            waited += usable[step] - now
            now = usable[step]
        start = step
        stop = steps if step >= vectors or late[step] <= now - step else next_wait(usable, step, now)
        step, held, products = _run_free(lanes, rows, offset, span[0], step, stop, held, depth)
        begin, end = max(start, before) - before, min(step + 1, steps) - before
        if begin < end:
            _note_use(last[begin:end], now - start + before + begin)
        now += step - start
        if step < stop:
            held, cycles = _push_over_cycles(held, products, depth)
            draw(trace, pe, now + 1, now + cycles, STALL)
            step += 1
            now += cycles
    return held, now, waited


@njit(cache=True, nogil=True, inline="always")
def _run_free(lanes, rows, offset, first, step, stop, held, depth):  # type: ignore[no-untyped-def]
    """Simulate steps `step` .. stop - 1 of one cycle each, up to the first whose products do not all fit the queues.

    Returns its number or `stop`, the queues before it, and its products. `first` is the index of the vector of
    activations of step 0; held and depth: vectors uint8 or uint16 [banks]; other arguments as in `run_steps`.
    """
    (vectors, pitch), one, products = rows.shape, splat(1, held), held
    a, v = first, step
    while v >= vectors:
        a, v = a + 1, v - vectors
    while step < stop:
        t0, t1, t2, t3 = offset[a, 0], offset[a, 1], offset[a, 2], offset[a, 3]
        until, at = min(stop, step + vectors - v), v * pitch
        while step < until:
            left = add(load(rows, at + t0, lanes), load(rows, at + t1, lanes))
            products = add(left, add(load(rows, at + t2, lanes), load(rows, at + t3, lanes)))
            if rarely(offset.shape[1] > QUAD):
                for i in range(QUAD, offset.shape[1]):
                    products = add(products, load(rows, at + offset[a, i], lanes))
            if rarely(any_set(subtract(add(held, products), depth))):
                return step, held, products
            held = add(subtract(held, one), products)
            step += 1
            at += pitch
        a, v = a + 1, 0
    return step, held, products


@njit(cache=True, nogil=True, inline="always")
def _push_over_cycles(held, products, depth):  # type: ignore[no-untyped-def]
    """Push products, as many per cycle as fit, while every bank takes one; return the queues, and the cycles.

    All are vectors, uint8 or uint16 [banks].
    """
    cycles, one, room = 1, splat(1, held), subtract(depth, held)
    while any_set(subtract(products, room)):
        taken = smaller(products, room)
        held, products = add(subtract(held, one), taken), subtract(products, taken)
        room = subtract(depth, held)
        cycles += 1
    return add(subtract(held, one), products), cycles


@njit(cache=True, nogil=True, inline="always")
def _note_use(last, now):  # type: ignore[no-untyped-def]
    """Raise the last uses of vectors of weights, int64 [vectors], that are used in cycles `now`, now + 1, ..."""
    for v in range(last.size):
        last[v] = max(last[v], now + v)


@njit(cache=True, nogil=True)
def latest_lead(usable):  # type: ignore[no-untyped-def]
    """The greatest usable[w] - w of all vectors of weights w from v on, for each v; both int64 [vectors].

    `usable` is the first cycle in which a vector can be used. A PE that uses vector v in cycle `now`, and one further
    vector in each cycle, waits for none of them if this is at most now - v.
    """
    late = usable - np.arange(usable.size)
    for v in range(usable.size - 2, -1, -1):
        late[v] = max(late[v], late[v + 1])
    return late


@njit(cache=True, nogil=True)
def next_wait(usable, v, now):  # type: ignore[no-untyped-def]
    """The first vector that a PE waits for if it uses vector v in cycle `now`, and one further vector in each cycle.

    usable int64 [vectors]: the first cycle in which each can be used; the result is their number if it waits for none.
    """
    for w in range(v + 1, usable.size):
        if usable[w] - w > now - v:
            return w
    return usable.size


@njit(cache=True, nogil=True)
def draw(trace, unit, begin, end, letter):  # type: ignore[no-untyped-def]
    """Write a letter for a unit's cycles begin .. end - 1 into the trace, uint8 [units, cycles or 0]."""
    if trace.size and end > begin:
        trace[unit, begin:end] = letter
