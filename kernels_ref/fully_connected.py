"""Sparse matrix times sparse vector in 16-bit fixed point, column by column.

The matrix is compressed by columns: `row[e]` and `code[e]` for `e` in `column_start[j] .. column_start[j + 1]` are
the stored weights of column j, and `codebook[code[e]]` is a weight's value. Columns are added in ascending order, and
each addition saturates: `b_i <- saturate(b_i + round(w_ij * a_j / 2**shift))` (EIE, sections III and IV).
"""

import numpy as np
from numba import njit

from kernels_ref.fixed_point import round_shift, saturate


def multiply(
    column_start: np.ndarray,
    row: np.ndarray,
    code: np.ndarray,
    codebook: np.ndarray,
    activation: np.ndarray,
    shift: int,
    outputs: int,
    relu: bool,
    initial: np.ndarray | None = None,
) -> np.ndarray:
    """Return the output vector, int16 [outputs].

    column_start int64 [columns + 1]; row uint32 and code uint8 [stored weights]; codebook int16 [levels];
    activation int16 [columns] (a bias is one more column, whose activation is 1.0); shift: 0 .. 30.
    initial: int16 [outputs], what sums begin with, in the format of the output; None: zeros.
    """
    accumulator = np.zeros(outputs, np.int32) if initial is None else initial.astype(np.int32)
    accumulate(column_start, row, code, codebook, activation, np.int32(shift), accumulator)
    if relu:
        np.maximum(accumulator, 0, out=accumulator)
    return accumulator.astype(np.int16)


@njit(cache=True)
def accumulate(column_start, row, code, codebook, activation, shift, accumulator):  # type: ignore[no-untyped-def]
    """Add every column with a non-zero activation to `accumulator`, int32 [outputs], in place.

    column_start int64 [columns + 1]; row uint32 and code uint8 [stored weights]; codebook int16 [levels]; activation
    int16 [columns]; shift int32.
    """
    for j in range(activation.size):
        a = np.int32(activation[j])
        if a == 0:
            continue
        for e in range(np.uint64(column_start[j]), np.uint64(column_start[j + 1])):
            product = round_shift(np.int32(codebook[code[e]]) * a, shift)
            accumulator[row[e]] = saturate(accumulator[row[e]] + product)
