"""Camera features pooled into the cells of a bird's-eye view, in 16-bit fixed point.

Each ray of a camera has a weight for each of some depths, and a context of some channels; a point of the ray is their
outer product. The rule, in this order:

1. the product of weight and context is rounded to a word of 16 bits, as a cloud of points holds it, and saturates;
2. the words of all points in a cell are added exactly;
3. the sum is rounded once and saturates to 16 bits.

Exact sums do not depend on the order of the points: a sum over an interval of sorted points is the difference of two
prefix sums. In floating point it is not, as a prefix sum over a million points loses the last digits.
"""

import numpy as np
from numba import njit

from kernels_ref.fixed_point import HIGHEST, LOWEST, round_shift, saturate


def pool(depth: np.ndarray, context: np.ndarray, cell: np.ndarray, cloud_shift: int, shift: int) -> np.ndarray:
    """Return the words of all cells with a point, int16 [cells, channels], in ascending order of the cells.

    depth: int16 [rays, depths]; context: int16 [rays, channels]; cell: int32 [rays x depths], below 0 where a point is
    in none; shifts: 0 .. 30 and 0 .. 62.
    """
    hit, row = np.unique(cell[cell >= 0], return_inverse=True)
    rows = np.full(cell.size, -1, np.int64)
    rows[cell >= 0] = row
    sums = np.zeros((hit.size, context.shape[1]), np.int64)
    _add(depth, context, rows.reshape(depth.shape), cloud_shift, sums)
    return finish(sums, shift)


def finish(sums: np.ndarray, shift: int) -> np.ndarray:
    """Exact sums, int64 [cells, channels], as words, int16 of that shape."""
    return np.clip(round_shift(sums, shift), LOWEST, HIGHEST).astype(np.int16)


@njit(cache=True)
def cloud_word(weight, value, cloud_shift):  # type: ignore[no-untyped-def]
    """The word of a point and channel, an int64: weight and value are int16 scalars."""
    return saturate(round_shift(np.int64(weight) * np.int64(value), cloud_shift))


@njit(cache=True)
def _add(depth, context, row, cloud_shift, sums):  # type: ignore[no-untyped-def]
    """Add the words of each point to its cell's sums, int64 [cells, channels].

    depth: int16 [rays, depths]; context: int16 [rays, channels]; row: int64 [rays, depths], of sums, or below 0.
    """
    for ray in range(depth.shape[0]):
        for place in range(depth.shape[1]):
            to, weight = row[ray, place], depth[ray, place]
            if to >= 0:
                for channel in range(context.shape[1]):
                    sums[to, channel] += cloud_word(weight, context[ray, channel], cloud_shift)
