"""An LSTM in 16-bit fixed point, several voices at once, as ESE computes it (section 4).

A time step multiplies the sparse matrices with x and with y of the step before, and passes the sums through the gates:

    i = sigmoid(Wix x + Wir y + Wic . c + bi)      f likewise
    g = sigmoid or tanh(Wcx x + Wcr y + bc)        c' = f . c + i . g
    o = sigmoid(Wox x + Wor y + Woc . c' + bo)     m = o . tanh(c')        y' = Wym m, or m

Number formats: the sum of a matrix product is exact, as in a 48-bit accumulator, and is rounded and saturated to 16
bits once. i . g is rounded to c's format and saturates before f . c is added. A gate's terms are added exactly; their
sum saturates. Sigmoid and tanh are tables of 2**n points, evenly spaced from the lowest word on, read at the nearest
point; their values, and m, have 15 fraction bits.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from kernels_ref.fixed_point import LOWEST, WORD_BITS, round_shift, saturate

UNIT_BITS = WORD_BITS - 1
"""Fraction bits of values between -1 and 1: gates, tanh, m."""
GATES = "iofc"


class ColumnMatrix(NamedTuple):
    """A sparse matrix stored by columns; `shift` converts a sum of products to the format of its result."""

    start: np.ndarray  # int64 [inputs + 1]
    row: np.ndarray  # uint32 [stored]
    word: np.ndarray  # int16 [stored]
    outputs: int
    shift: int


class Formats(NamedTuple):
    """Right shifts between number formats; negative ones shift to the left."""

    peephole: int  # of peephole . c to the gates' sums
    product: int  # of i . g to c
    cell: int  # of c to tanh's argument


def run(
    matrices: dict[str, ColumnMatrix],
    bias: np.ndarray,
    peephole: np.ndarray,
    sigmoid: np.ndarray,
    tanh: np.ndarray,
    cell_gate: np.ndarray,
    formats: Formats,
    activation: np.ndarray,
) -> np.ndarray:
    """Return the outputs of a sequence that starts with y = c = 0, int16 [voices, steps, outputs].

    matrices: by name, W + gate + x or r, gates as in `GATES`; and Wym where there is a projection. bias int16 [4,
    cells]; peephole int16 [3, cells] (i, o, f), zeros where there is none; sigmoid, tanh int16 [2**n]: the tables;
    cell_gate: that of the two which the cell gate uses; activation int16 [voices, steps, inputs].
    """
    voices, steps, _ = activation.shape
    cells = bias.shape[1]
    outputs = matrices["Wym"].outputs if "Wym" in matrices else cells
    c, y = np.zeros((cells, voices), np.int32), np.zeros((outputs, voices), np.int32)
    output = []
    for t in range(steps):
        x = np.ascontiguousarray(activation[:, t].T, np.int32)
        sums = np.empty((4, cells, voices), np.int32)
        for q, gate in enumerate(GATES):
            sums[q] = multiply(matrices[f"W{gate}x"], x) + multiply(matrices[f"W{gate}r"], y)
        m = np.empty((cells, voices), np.int32)
        update_cells(sums, bias, peephole, sigmoid, tanh, cell_gate, formats, c, m)
        y = multiply(matrices["Wym"], m) if "Wym" in matrices else m
        output.append(y.T.astype(np.int16))
    return np.stack(output, axis=1)


def multiply(matrix: ColumnMatrix, vectors: np.ndarray) -> np.ndarray:
    """A matrix times a vector for each voice, int32 [inputs, voices] -> int32 [outputs, voices]."""
    total = np.zeros((matrix.outputs, vectors.shape[1]), np.int64)
    accumulate(matrix.start, matrix.row, matrix.word, vectors, total)
    result = np.empty(total.shape, np.int32)
    rescale_all(total, matrix.shift, result)
    return result


@njit(cache=True)
def accumulate(start, row, word, vectors, total):  # type: ignore[no-untyped-def]
    """Add every stored weight's products to `total`, int64 [outputs, voices], in place.

    start int64 [inputs + 1]; row uint32 [stored]; word int16 [stored]; vectors int32 [inputs, voices].
    """
    for j in range(vectors.shape[0]):
        if not vectors[j].any():
            continue
        for e in range(start[j], start[j + 1]):
            weight, into = np.int64(word[e]), total[row[e]]
            for v in range(vectors.shape[1]):
                into[v] += weight * vectors[j, v]


@njit(cache=True)
def rescale_all(total, shift, result):  # type: ignore[no-untyped-def]
    """`rescale` every element of `total`, int64 [outputs, voices], into `result`, int32 [outputs, voices]."""
    for r in range(total.shape[0]):
        for v in range(total.shape[1]):
            result[r, v] = rescale(total[r, v], shift)


@njit(cache=True)
def update_cells(sums, bias, peephole, sigmoid, tanh, cell_gate, formats, c, m):  # type: ignore[no-untyped-def]
    """Compute the new cell state `c` (in place) and `m`, int32 [cells, voices], from the sums of the products.

    sums int32 [4, cells, voices]; bias int16 [4, cells]; peephole int16 [3, cells]; sigmoid, tanh, cell_gate
    int16 [2**n]; formats: a `Formats`.
    """
    for j in range(c.shape[0]):
        for v in range(c.shape[1]):
            old = c[j, v]
            i = look_up(sigmoid, sums[0, j, v] + bias[0, j] + rescale(peephole[0, j] * old, formats.peephole))
            f = look_up(sigmoid, sums[2, j, v] + bias[2, j] + rescale(peephole[2, j] * old, formats.peephole))
            g = look_up(cell_gate, sums[3, j, v] + bias[3, j])
            c[j, v] = saturate(round_shift(f * old, UNIT_BITS) + rescale(i * g, formats.product))
            new = c[j, v]
            o = look_up(sigmoid, sums[1, j, v] + bias[1, j] + rescale(peephole[1, j] * new, formats.peephole))
            m[j, v] = saturate(round_shift(o * look_up(tanh, rescale(new, formats.cell)), UNIT_BITS))


@njit(cache=True)
def look_up(table, argument):  # type: ignore[no-untyped-def]
    """The value of a table, int16 [2**n], at the point nearest to `argument`, which saturates to 16 bits first.

    int64.
    """
    point = round_shift(np.int64(saturate(argument) - LOWEST) * table.size, WORD_BITS)
    return np.int64(table[min(point, table.size - 1)])


@njit(cache=True)
def rescale(value, shift):  # type: ignore[no-untyped-def]
    """`value / 2**shift`, saturated to 16 bits: int64 scalars; shift: -16 .. 62, rounding where it is positive."""
    value = np.int64(value)
    return saturate(round_shift(value, shift) if shift >= 0 else saturate(value) << -shift)
