"""What ESE computes, for all voices at once: the PEs' entries as they stand in the streams, then the gates."""

import numpy as np
from numba import njit

from simulator.machines.ese.layout.streams import Matrix, Streams

LOWEST, HIGHEST = np.int64(-(1 << 15)), np.int64((1 << 15) - 1)
HALF = np.int64(1 << 15)  # of the 2**16 words
UNIT_BITS = 15
"""Fraction bits of gates, tanh and m."""


def compute(streams: Streams) -> np.ndarray:
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
        _gates(sums, layer.bias, peephole, layer.sigmoid, cell_table, layer.tanh, shifts, cell, m)
        y = _multiply(matrices["Wym"], m) if "Wym" in matrices else m.copy()
        output[:, t] = y.T
    return output


def _multiply(matrix: Matrix, vectors: np.ndarray) -> np.ndarray:
    """The assembled results, int64 [outputs, voices], of vectors, int64 [inputs, voices]."""
    total = np.zeros((matrix.outputs, vectors.shape[1]), np.int64)
    _accumulate(matrix.start, matrix.row, matrix.word, np.ascontiguousarray(vectors, np.int32), total)
    _round(total.reshape(-1), matrix.shift)
    return total


@njit(cache=True, nogil=True)
def _accumulate(start, row, word, vectors, total):  # type: ignore[no-untyped-def]
    """Add the products of all entries; padding is a word of 0, and zeros add nothing."""
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
def _round(values, shift):  # type: ignore[no-untyped-def]
    """Divide by 2**shift, halves up, and saturate, in place."""
    for i in range(values.size):
        values[i] = _scale(values[i], shift)


@njit(cache=True, nogil=True)
def _scale(value, shift):  # type: ignore[no-untyped-def]
    if shift < 0:
        return _clip(_clip(value) * (np.int64(1) << -shift))
    return _clip((value + ((np.int64(1) << shift) >> 1)) >> shift)


@njit(cache=True, nogil=True)
def _clip(value):  # type: ignore[no-untyped-def]
    return min(max(np.int64(value), LOWEST), HIGHEST)


@njit(cache=True, nogil=True)
def _read(table, argument):  # type: ignore[no-untyped-def]
    """The table's point nearest to an argument."""
    place = ((_clip(argument) - LOWEST) * table.size + HALF) >> 16
    return np.int64(table[min(place, table.size - 1)])


@njit(cache=True, nogil=True)
def _gates(sums, bias, peephole, sigmoid, cell_table, tanh, shifts, cell, m):  # type: ignore[no-untyped-def]
    """Set `cell` and `m`, int64 [cells, voices], from the sums of both products; gates i, o, f, c in the arrays."""
    sum_i, sum_o, sum_f, sum_c = sums
    peephole_shift, product_shift, tanh_shift = shifts
    for j in range(cell.shape[0]):
        for v in range(cell.shape[1]):
            was = cell[j, v]
            i = _read(sigmoid, sum_i[j, v] + bias[0, j] + _scale(peephole[0, j] * was, peephole_shift))
            f = _read(sigmoid, sum_f[j, v] + bias[2, j] + _scale(peephole[2, j] * was, peephole_shift))
            g = _read(cell_table, sum_c[j, v] + bias[3, j])
            cell[j, v] = now = _clip(_scale(f * was, UNIT_BITS) + _scale(i * g, product_shift))
            o = _read(sigmoid, sum_o[j, v] + bias[1, j] + _scale(peephole[1, j] * now, peephole_shift))
            m[j, v] = _scale(o * _read(tanh, _scale(now, tanh_shift)), UNIT_BITS)
