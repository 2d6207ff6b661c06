"""Sparse matrix times sparse vector in 16-bit fixed point, column by column.

The matrix is compressed by columns: `row[e]` and `code[e]` for `e` in `column_start[j] .. column_start[j + 1]` are
the stored weights of column j, and `codebook[code[e]]` is a weight's value. Columns are added in ascending order, and
each addition saturates: `b_i <- saturate(b_i + round(w_ij * a_j / 2**shift))` (EIE, sections III and IV).

With block scales a weight is the product of an element and of its scale's significand, the shift is the scale's, and
on the way out a sum is multiplied by the significand of the tensor's scale.
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


def multiply_scaled(
    column_start: np.ndarray,
    row: np.ndarray,
    code: np.ndarray,
    codebook: np.ndarray,
    activation: np.ndarray,
    scales: tuple[np.ndarray, np.ndarray, np.ndarray, int],
    multiplier: int,
    outputs: int,
    relu: bool,
    initial: np.ndarray | None = None,
) -> np.ndarray:
    """As `multiply`, with a scale for each block of weights: int16 [outputs].

    codebook: int32 [levels], elements of at most 24 bits. scales: significands, int32 [column groups, pes, row groups]
    of at most 11 bits, shifts to the right, int16 of that shape, -14 .. 62, the group of each column, int32 [columns],
    and how many rows of a PE share a scale. multiplier: of sums, 2**14 .. 2**15 - 1, over 2**15; 0: none.
    """
    accumulator = np.zeros(outputs, np.int64) if initial is None else initial.astype(np.int64)
    significand, shift, group, rows = scales
    accumulate_scaled(column_start, row, code, codebook, activation, significand, shift, group, rows, accumulator)
    if multiplier:
        accumulator = round_shift(accumulator * multiplier, 15)
    if relu:
        np.maximum(accumulator, 0, out=accumulator)
    return accumulator.astype(np.int16)


@njit(cache=True)
def accumulate_scaled(  # type: ignore[no-untyped-def]
    column_start, row, code, codebook, activation, significand, shift, group, rows, accumulator
):
    """Add every column with a non-zero activation to `accumulator`, int64 [outputs], in place; see `multiply_scaled`.

    column_start int64 [columns + 1]; row uint32 and code uint8 [stored weights]; codebook int32 [levels]; activation
    int16 [columns].
    """
    pes = significand.shape[1]
    for j in range(activation.size):
        a = np.int64(activation[j])
        if a == 0:
            continue
        for e in range(np.uint64(column_start[j]), np.uint64(column_start[j + 1])):
            i = np.int64(row[e])
            pe, place = i % pes, i // pes // rows
            weight = np.int64(codebook[code[e]]) * significand[group[j], pe, place]
            product = shift_round(weight * a, np.int64(shift[group[j], pe, place]))
            accumulator[i] = saturate(accumulator[i] + product)


@njit(cache=True)
def shift_round(value, shift):  # type: ignore[no-untyped-def]
    """`value / 2**shift`, an int64 scalar, rounded as `round_shift`; a negative shift, from -14 on, is to the left."""
    if shift >= 0:
        return round_shift(value, shift)
    return value << -shift
