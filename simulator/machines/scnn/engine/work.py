"""How much work a round is for each PE, compiled: what does not depend on time."""

import numpy as np
from numba import njit

STEPS, VECTORS, ENTRIES, MULTIPLIES = range(4)
"""Rows of the result of `count_work`: steps, vectors of activations that are read, pairs of stored operands, and pairs
without a zero."""


@njit(cache=True, nogil=True)
def count_work(sizes, weights, inputs, first_weights, first_rows):  # type: ignore[no-untyped-def]
    """The work of a round's blocks, int64 [4, pes]. The arguments are those of `round.simulate_round`."""
    work = np.zeros((4, sizes.pes), np.int64)
    for phase in range(first_weights.size):
        for c in range(sizes.channels):
            begin, end = weights.start[first_weights[phase] + c], weights.start[first_weights[phase] + c + 1]
            vectors = -(-(end - begin) // sizes.weights)
            parts, nonzero = -(-vectors // sizes.fifo), np.count_nonzero(weights.value[begin:end])
            first = (first_rows[phase] + c) * sizes.pes
            for pe in range(sizes.pes):
                read = inputs.first[first + pe + 1] - inputs.first[first + pe]
                work[STEPS, pe] += vectors * read
                work[VECTORS, pe] += parts * read
                work[ENTRIES, pe] += (end - begin) * inputs.entries[first + pe]
                work[MULTIPLIES, pe] += nonzero * inputs.nonzero[first + pe]
    return work
