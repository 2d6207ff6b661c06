"""The queues of a PE's accumulator banks, compiled: their lengths, LANES banks at a time.

Lengths are 16-bit numbers and LANES is a constant, so that loops over the banks become vector operations.
"""

import numpy as np
from numba import njit

LANES = 32
QUAD = 4
"""How many activations of a vector are added at a time."""


@njit(cache=True, nogil=True)
def add_activations(row, offsets, queue, new, mask):  # type: ignore[no-untyped-def]
    """Add the products of the activations after the first QUAD to `new`; return the longest queue that would result.

    row uint16 [2 * banks + lanes * LANES]: a vector of weights, see `round.count_by_bank`; offsets int32 [activations];
    queue, new, mask uint16 [lanes, LANES].
    """
    worst = np.uint16(0)
    for lane in range(queue.shape[0]):
        held, fresh, real = queue[lane], new[lane], mask[lane]
        for t in offsets[QUAD:]:
            r = row[t + lane * LANES : t + (lane + 1) * LANES]
            for b in range(LANES):
                fresh[b] = np.uint16(fresh[b] + np.uint16(r[b] & real[b]))
        for b in range(LANES):
            worst = max(worst, np.uint16(held[b] + fresh[b]))
    return worst


@njit(cache=True, nogil=True)
def push_over_cycles(queue, new, depth):  # type: ignore[no-untyped-def]
    """Push the products `new`, as many per cycle as fit, while every bank takes one; return the cycles after the first.

    queue, new uint16 [lanes, LANES]: lengths of the queues and products to push, changed in place; depth uint16.
    """
    cycles, left = -1, np.uint16(1)
    while left > 0:
        left = np.uint16(0)
        for lane in range(queue.shape[0]):
            held, fresh = queue[lane], new[lane]
            for b in range(LANES):
                taken = min(fresh[b], np.uint16(depth - held[b]))
                held[b] = np.uint16(max(held[b], np.uint16(1)) - np.uint16(1) + taken)
                fresh[b] = np.uint16(fresh[b] - taken)
                left = max(left, fresh[b])
        cycles += 1
    return cycles


@njit(cache=True, nogil=True)
def drain(queue, cycles):  # type: ignore[no-untyped-def]
    """Drain `queue`, uint16 [lanes, LANES], for a number of cycles without new products, in place."""
    gone = np.uint16(min(cycles, (1 << 16) - 1))
    for lane in range(queue.shape[0]):
        held = queue[lane]
        for b in range(LANES):
            held[b] = np.uint16(max(held[b], gone) - gone)
