"""What changed in each time step, and the states: the values of a run, layer after layer, without its time."""

import numpy as np
from numba import njit

from simulator.machines.edgedrnn.layout.streams import LayerStream

ONE, WORD_FRACTION = 256, 8
LOWEST, HIGHEST = -(1 << 15), (1 << 15) - 1
HALF_SUM = 1 << 23


def run_layer(
    layer: LayerStream, activation: np.ndarray, sigmoid: np.ndarray, tanh: np.ndarray, thresholds: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """The states, int16 [steps, cells], and which elements were sent, bool [steps, 1 + inputs + cells].

    activation int16 [steps, inputs]; thresholds: of inputs and of states, in 1/256. No layer depends on a later one, so
    that each runs through all time steps on its own.
    """
    steps, count = len(activation), len(layer.weight)
    sent, changed = np.zeros(count, np.int64), np.zeros((steps, count), np.bool_)
    sums = np.zeros((4, layer.cells), np.int64)
    sums[3] = layer.first
    states = np.zeros((steps + 1, layer.cells), np.int16)
    tables = sigmoid, tanh
    for t in range(steps):
        _step(layer.weight, layer.fraction_bits, *tables, *thresholds, activation[t], sent, sums, changed[t], states, t)
    return states[1:], changed


@njit(cache=True)
def _step(weight, bits, sigmoid, tanh, input_threshold, state_threshold, inputs, sent, sums, changed, states, t):  # type: ignore[no-untyped-def]
    """A time step: columns of what changed are added to the sums, and states[t + 1] comes of them.

    weight int8 [columns, 3, cells]; bits: of the weights' fractions; sigmoid, tanh int16 [4096]; inputs int16 [inputs];
    sent int64 [columns]; sums int64 [4, cells]; changed bool [columns]; states int16 [steps + 1, cells].
    """
    first_state = 1 + inputs.size
    for j in range(sent.size):
        if j == 0:
            value, threshold = np.int64(ONE), input_threshold
        elif j < first_state:
            value, threshold = np.int64(inputs[j - 1]), input_threshold
        else:
            value, threshold = np.int64(states[t, j - first_state]), state_threshold
        change = value - sent[j]
        if change != 0 and abs(change) >= threshold:
            sent[j], changed[j] = value, True
            _add(weight[j, 0], change, sums[0])
            _add(weight[j, 1], change, sums[1])
            _add(weight[j, 2], change, sums[2] if j < first_state else sums[3])
    for k in range(states.shape[1]):
        r = _look_up(sigmoid, _to_word(sums[0, k], bits))
        u = _look_up(sigmoid, _to_word(sums[1, k], bits))
        inside = (_wrap(sums[2, k]) << (WORD_FRACTION - bits)) + r * _to_word(sums[3, k], bits)
        c = _look_up(tanh, _saturate(_round(inside, WORD_FRACTION)))
        kept = _round(u * np.int64(states[t, k]), WORD_FRACTION)
        states[t + 1, k] = _saturate(_round((ONE - u) * c, WORD_FRACTION) + kept)


@njit(cache=True)
def _add(weights, change, into):  # type: ignore[no-untyped-def]
    """Add a gate's weights, int8 [cells], times a change to sums, int64 [cells], in place."""
    for k in range(into.size):
        into[k] += change * np.int64(weights[k])


@njit(cache=True)
def _to_word(total, bits):  # type: ignore[no-untyped-def]
    """A sum as a word with 8 fraction bits: int64 scalars."""
    return _saturate(_round(_wrap(total), bits))


@njit(cache=True)
def _wrap(total):  # type: ignore[no-untyped-def]
    """The low 24 bits of a sum with their sign: int64 scalars."""
    low = total & (2 * HALF_SUM - 1)
    return low - 2 * HALF_SUM if low >= HALF_SUM else low


@njit(cache=True)
def _saturate(value):  # type: ignore[no-untyped-def]
    """The nearest 16-bit word: int64 scalars."""
    return min(max(value, LOWEST), HIGHEST)


@njit(cache=True)
def _round(value, shift):  # type: ignore[no-untyped-def]
    """`value / 2**shift` to nearest, halfway cases to even: int64 scalars."""
    below = value >> shift
    rest = value - (below << shift)
    half = (np.int64(1) << shift) >> 1
    return below + 1 if shift and (rest > half or (rest == half and below & 1)) else below


@njit(cache=True)
def _look_up(table, word):  # type: ignore[no-untyped-def]
    """The value of a table, int16 [4096], of arguments from -2048 on; int64."""
    return np.int64(table[min(max(word + 2048, 0), 4095)])
