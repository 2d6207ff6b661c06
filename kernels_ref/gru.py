"""A delta GRU in fixed point, as EdgeDRNN computes it: only what changed enters the sums, which are kept.

An encoder compares each input and each state with the value that it last sent. Where the difference reaches a threshold
(and is not 0), the element's column of the weights, times the difference, is added to the sums:

    Mr += Wr d      Mu += Wu d      of an input: Mx += Wc d      of a state: Mh += Wc d

and then, for every cell,

    r = sigmoid(Mr)     u = sigmoid(Mu)     c = tanh(Mx + r . Mh)     h' = (1 - u) . c + u . h

Column 0 belongs to a constant input of 1, which is sent once: its weights are the biases. `first` holds what Mh starts
with, a bias that the reset gate multiplies.

Number formats: inputs, states and what the tables give are 16-bit words with 8 fraction bits; a sum has 8 more fraction
bits than a weight has, is exact, and wraps around at 24 bits. Rounding is to nearest, halfway cases to even, then words
saturate: each sum where it becomes a word, Mx + r . Mh after it was added, (1 - u) . c and u . h one by one. The tables
have 4,096 points, one for each argument from -8 on in steps of 1/256; arguments beyond them saturate.
"""

import numpy as np
from numba import njit

from kernels_ref.fixed_point import saturate

WORD_FRACTION = 8
ONE = 1 << WORD_FRACTION
POINTS = 4096
SUM_BITS = 24


def run(
    weight: np.ndarray,
    first: np.ndarray,
    fraction_bits: int,
    sigmoid: np.ndarray,
    tanh: np.ndarray,
    thresholds: tuple[int, int],
    activation: np.ndarray,
) -> np.ndarray:
    """The states of a layer in each time step of a sequence that starts from zero, int16 [steps, cells].

    weight int8 [1 + inputs + cells, 3, cells], a column of gates r, u and c for the constant, each input and each
    state, with `fraction_bits` fraction bits; first int32 [cells], a sum; sigmoid, tanh int16 [4096]; thresholds of
    inputs and of states in 1/256; activation int16 [steps, inputs].
    """
    steps, inputs = activation.shape
    cells = weight.shape[2]
    sums, sent = np.zeros((4, cells), np.int64), np.zeros(1 + inputs + cells, np.int64)
    sums[3] = first
    output = np.zeros((steps, cells), np.int16)
    now = np.zeros(1 + inputs + cells, np.int64)
    for t in range(steps):
        now[0], now[1 : 1 + inputs] = ONE, activation[t]
        add_changes(weight, now, sent, inputs, thresholds[0], thresholds[1], sums)
        update_cells(sums, fraction_bits, sigmoid, tanh, now[1 + inputs :])
        output[t] = now[1 + inputs :]
    return output


@njit(cache=True)
def add_changes(weight, now, sent, inputs, input_threshold, state_threshold, sums):  # type: ignore[no-untyped-def]
    """Send what changed: its columns times differences go into `sums`, int64 [4, cells], its values into `sent`.

    weight int8 [columns, 3, cells]; now, sent int64 [columns].
    """
    for j in range(now.size):
        change = now[j] - sent[j]
        threshold = input_threshold if j <= inputs else state_threshold
        if change == 0 or abs(change) < threshold:
            continue
        sent[j] = now[j]
        for gate in range(3):
            into = sums[gate] if gate < 2 or j <= inputs else sums[3]
            for k in range(into.size):
                into[k] += change * np.int64(weight[j, gate, k])


@njit(cache=True)
def update_cells(sums, fraction_bits, sigmoid, tanh, state):  # type: ignore[no-untyped-def]
    """The new states from the sums, int64 [4, cells], in place of the old ones, int64 [cells].

    sigmoid, tanh int16 [4096].
    """
    for k in range(state.size):
        r = look_up(sigmoid, to_word(sums[0, k], fraction_bits))
        u = look_up(sigmoid, to_word(sums[1, k], fraction_bits))
        candidate = wrap(sums[2, k]) << (WORD_FRACTION - fraction_bits)
        c = look_up(tanh, saturate(round_even(candidate + r * to_word(sums[3, k], fraction_bits), WORD_FRACTION)))
        fresh, kept = round_even((ONE - u) * c, WORD_FRACTION), round_even(u * state[k], WORD_FRACTION)
        state[k] = saturate(fresh + kept)


@njit(cache=True)
def to_word(total, fraction_bits):  # type: ignore[no-untyped-def]
    """A sum with 8 + `fraction_bits` fraction bits as a word, wrapped, rounded, saturated: int64 scalars."""
    return saturate(round_even(wrap(total), fraction_bits))


@njit(cache=True)
def wrap(total):  # type: ignore[no-untyped-def]
    """The value of a 24-bit accumulator with the sum `total`: int64 scalars."""
    half = np.int64(1) << (SUM_BITS - 1)
    return ((total + half) & (2 * half - 1)) - half


@njit(cache=True)
def round_even(value, shift):  # type: ignore[no-untyped-def]
    """`value / 2**shift`, to nearest, halfway cases to even: int64 scalars; shift >= 0."""
    if shift == 0:
        return value
    return (value + (1 << (shift - 1)) - 1 + ((value >> shift) & 1)) >> shift


@njit(cache=True)
def look_up(table, word):  # type: ignore[no-untyped-def]
    """The value of a table, int16 [4096], for a word with 8 fraction bits; int64."""
    return np.int64(table[min(max(word + POINTS // 2, 0), POINTS - 1)])
