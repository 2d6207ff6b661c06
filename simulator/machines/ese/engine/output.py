"""ESE's outputs, computed for all voices together: matrix products from the entries of the streams, then the gates."""

import numpy as np
from numba import njit

from simulator.machines.ese.layout.streams import DistributedMatrix, Streams

LOWEST, HIGHEST = np.int64(-(1 << 15)), np.int64((1 << 15) - 1)
HALF = np.int64(1 << 15)
"""Half of the 2**16 words: it rounds an index of a table."""
UNIT_BITS = 15
"""Fraction bits of gates, tanh and m."""


def compute_outputs(streams: Streams) -> np.ndarray:
    """The outputs of all voices and time steps, int16 [voices, steps, outputs]."""
    layer, matrices = streams.layer, streams.matrices
    voices, steps, _ = streams.activation.shape
    output = np.empty((voices, steps, layer.outputs), np.int16)
    cell, m = np.zeros((2, layer.cells, voices), np.int64)
    y = np.zeros((layer.outputs, voices), np.int64)
    peephole = np.zeros((3, layer.cells), np.int16) if layer.peephole is None else layer.peephole
    cell_table = layer.tanh if layer.cell_gate == "tanh" else layer.sigmoid
    shifts = layer.peephole_shift, 2 * UNIT_BITS - layer.cell_bits, layer.cell_bits - layer.tanh_bits
    for t in range(steps):
        x = streams.activation[:, t].T.astype(np.int64)
        sums = tuple(_multiply(matrices[f"W{gate}x"], x) + _multiply(matrices[f"W{gate}r"], y) for gate in "iofc")
        _update_cells(sums, layer.bias, peephole, layer.sigmoid, cell_table, layer.tanh, shifts, cell, m)
        y = _multiply(matrices["Wym"], m) if "Wym" in matrices else m.copy()
        output[:, t] = y.T
    return output


def _multiply(matrix: DistributedMatrix, vectors: np.ndarray) -> np.ndarray:
    """The rounded products with vectors, int64 [inputs, voices]: int64 [outputs, voices]."""
    total = np.zeros((matrix.outputs, vectors.shape[1]), np.int64)
    _accumulate(matrix.start, matrix.row, matrix.word, np.ascontiguousarray(vectors, np.int32), total)
    _rescale_all(total.reshape(-1), matrix.shift)
    return total


@njit(cache=True, nogil=True)
def _accumulate(start, row, word, vectors, total):  # type: ignore[no-untyped-def]
    """Add the products of all entries to `total`, int64 [outputs, voices]; padding, a word of 0, is skipped.

    start int64 [columns + 1]; row uint32 and word int16 [entries]; vectors int32 [columns, voices].
    """
    voices = vectors.shape[1]
    for j in range(vectors.shape[0]):
        vector = vectors[j]
        if not vector.any():
            continue
        for e in range(start[j], start[j + 1]):
            if word[e] == 0:
                continue
            sums, weight = total[row[e]], np.int64(word[e])
            for v in range(voices):
                sums[v] += weight * vector[v]


@njit(cache=True, nogil=True)
def _rescale_all(values, shift):  # type: ignore[no-untyped-def]
    """Divide `values`, int64 [values], by 2**shift, halves up, and saturate, in place."""
    for i in range(values.size):
        values[i] = _rescale(values[i], shift)


@njit(cache=True, nogil=True)
def _rescale(value, shift):  # type: ignore[no-untyped-def]
    """`value / 2**shift`, int64 scalars, halves up, saturated to 16 bits; a negative shift is to the left."""
    if shift < 0:
        return _saturate(_saturate(value) * (np.int64(1) << -shift))
    return _saturate((value + ((np.int64(1) << shift) >> 1)) >> shift)


@njit(cache=True, nogil=True)
def _saturate(value):  # type: ignore[no-untyped-def]
    """The 16-bit word nearest to `value`, int64 scalars."""
    return min(max(np.int64(value), LOWEST), HIGHEST)


@njit(cache=True, nogil=True)
def _look_up(table, argument):  # type: ignore[no-untyped-def]
    """The value of a table, int16 [points], at the point nearest to an argument: int64."""
    point = ((_saturate(argument) - LOWEST) * table.size + HALF) >> 16
    return np.int64(table[min(point, table.size - 1)])


@njit(cache=True, nogil=True)
def _update_cells(sums, bias, peephole, sigmoid, cell_table, tanh, shifts, cell, m):  # type: ignore[no-untyped-def]
    """Compute the new `cell` (in place) and `m`, int64 [cells, voices], from the sums of the products.

    sums: int64 [cells, voices] for the gates i, o, f, c; bias int16 [4, cells], gates in the same order; peephole int16
    [3, cells]; sigmoid, cell_table, tanh int16 [points]; shifts: three integers.
    """
    sum_i, sum_o, sum_f, sum_c = sums
    peephole_shift, product_shift, tanh_shift = shifts
    for j in range(cell.shape[0]):
        for v in range(cell.shape[1]):
            old = cell[j, v]
            i = _look_up(sigmoid, sum_i[j, v] + bias[0, j] + _rescale(peephole[0, j] * old, peephole_shift))
            f = _look_up(sigmoid, sum_f[j, v] + bias[2, j] + _rescale(peephole[2, j] * old, peephole_shift))
            g = _look_up(cell_table, sum_c[j, v] + bias[3, j])
            cell[j, v] = new = _saturate(_rescale(f * old, UNIT_BITS) + _rescale(i * g, product_shift))
            o = _look_up(sigmoid, sum_o[j, v] + bias[1, j] + _rescale(peephole[1, j] * new, peephole_shift))
            m[j, v] = _rescale(o * _look_up(tanh, _rescale(new, tanh_shift)), UNIT_BITS)
