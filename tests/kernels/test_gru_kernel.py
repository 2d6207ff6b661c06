"""The delta GRU's kernel: without thresholds it is the plain GRU, with them that of what was sent."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels_ref.gru import look_up, round_even, run, to_word, wrap
from workloads.kinds.gru.compress import assemble
from workloads.kinds.gru.format import GruFormat
from workloads.kinds.gru.forward import sigmoid

LOWEST, HIGHEST = -(1 << 15), (1 << 15) - 1


def clip(value):
    return max(LOWEST, min(HIGHEST, value))


def even(value, bits):
    """`value / 2**bits` to the nearest integer, halfway cases to even: Python's own rounding."""
    return round(Fraction(value, 1 << bits))


def low_bits(value):
    """The lowest 24 bits, the upper half of them negative."""
    value %= 1 << 24
    return value - (1 << 24) if value >= 1 << 23 else value


def plain(weight, first, bits, tables, activation):
    """The same GRU without a memory of what was sent: all products anew in each step. [steps][cells]."""
    cells, state, found = weight.shape[2], [0] * weight.shape[2], []
    inputs = activation.shape[1]
    for x in activation.tolist():
        outer = [256, *x]

        def total(gate, columns, values, cell):
            return sum(int(weight[j, gate, cell]) * value for j, value in zip(columns, values, strict=True))

        of_inputs, of_states = range(1 + inputs), range(1 + inputs, 1 + inputs + cells)
        new = []
        for k in range(cells):
            sums = [total(g, of_inputs, outer, k) + total(g, of_states, state, k) for g in range(2)]
            inside = total(2, of_states, state, k) + int(first[k])
            r, u = (point(tables[0], clip(even(low_bits(s), bits))) for s in sums)
            outside = low_bits(total(2, of_inputs, outer, k)) * 2 ** (8 - bits)
            c = point(tables[1], clip(even(outside + r * clip(even(low_bits(inside), bits)), 8)))
            new.append(clip(even((256 - u) * c, 8) + even(u * state[k], 8)))
        state = new
        found.append(state)
    return found


def point(table, word):
    return int(table[max(0, min(4095, word + 2048))])


def drawn(seed, inputs, cells, steps):
    rng = np.random.default_rng(seed)
    weight = rng.integers(-127, 128, (1 + inputs + cells, 3, cells)).astype(np.int8)
    first = rng.integers(-(1 << 23), 1 << 23, cells).astype(np.int32)
    activation = rng.integers(LOWEST, HIGHEST + 1, (steps, inputs)) >> rng.integers(0, 12)
    tables = rng.integers(0, 257, 4096).astype(np.int16), rng.integers(-256, 257, 4096).astype(np.int16)
    return weight, first, int(rng.integers(0, 8)), tables, activation.astype(np.int16)


@given(st.integers(0, 1 << 30), st.integers(1, 5), st.integers(1, 5), st.integers(1, 5))
@settings(deadline=None, max_examples=100)
def test_without_thresholds_it_is_the_plain_gru_bit_for_bit(seed, inputs, cells, steps):
    """Sums that are kept and sums of all products are the same, as every sum is exact modulo 2**24."""
    weight, first, bits, tables, activation = drawn(seed, inputs, cells, steps)
    found = run(weight, first, bits, *tables, (0, 0), activation)
    assert found.tolist() == plain(weight, first, bits, tables, activation)


@given(st.integers(0, 1 << 30), st.integers(1, 600), st.integers(0, 600))
@settings(deadline=None, max_examples=60)
def test_a_threshold_is_the_plain_gru_of_what_was_sent(seed, threshold, other):
    """Inputs that move by less than the threshold are as if they had not moved."""
    weight, first, bits, tables, activation = drawn(seed, 3, 4, 6)
    found = run(weight, first, bits, *tables, (threshold, 0), activation)
    sent, held = np.zeros(3, np.int64), []
    for x in activation.astype(np.int64):
        sent = np.where(np.abs(x - sent) >= threshold, x, sent)
        held.append(sent)
    if threshold <= 256:  # else the constant is never sent
        assert found.tolist() == plain(weight, first, bits, tables, np.array(held))
    both = run(weight, first, bits, *tables, (threshold, other), activation)
    assert other > 1 or both.tolist() == found.tolist()


def test_a_change_of_just_the_threshold_is_sent():
    weight = np.zeros((3, 3, 1), np.int8)
    weight[1] = 1
    table = np.arange(-2048, 2048).clip(-256, 256).astype(np.int16)

    def state(threshold, value):
        return int(
            run(weight, np.zeros(1, np.int32), 0, 0 * table, table, (threshold, 0), np.array([[value]], np.int16))[0, 0]
        )

    assert [state(64, 63), state(64, 64), state(64, -64), state(64, -63)] == [0, 64, -64, 0]


@given(st.integers(-(1 << 40), 1 << 40), st.integers(0, 20))
def test_rounding_is_pythons(value, shift):
    assert round_even(value, shift) == even(value, shift)
    assert wrap(value) == low_bits(value)
    assert to_word(value, min(shift, 7)) == clip(even(low_bits(value), min(shift, 7)))


@pytest.mark.parametrize("bits", [4, 8])
def test_tables_are_the_functions_to_the_nearest_step(bits):
    gru = assemble("t", (), np.zeros((1, 1), np.int16), np.zeros((1, 1)), GruFormat(table_bits=bits))
    for table, function in ((gru.sigmoid, sigmoid), (gru.tanh, np.tanh)):
        values = function(np.arange(-2048, 2048) / 256)
        assert np.abs(table / 256 - values).max() <= 2.0 ** -(bits + 1)
        assert set((table % (1 << (8 - bits))).tolist()) == {0}
        assert look_up(table, 5000) == table[-1]
        assert look_up(table, -5000) == table[0]


def test_the_tables_of_four_bits_change_where_the_rtls_do():
    """Places read in the RTL's tables: beyond them sigmoid is 0 or 1, and tanh 1."""
    gru = assemble("t", (), np.zeros((1, 1), np.int16), np.zeros((1, 1)), GruFormat(table_bits=4))
    assert [look_up(gru.sigmoid, word) for word in (-880, -879, -581, -580, 0, 879, 880)] == [
        0,
        16,
        16,
        32,
        128,
        240,
        256,
    ]
    assert [look_up(gru.tanh, word) for word in (-531, -530, -386, -385, 0, 530, 531)] == [
        -256,
        -240,
        -240,
        -224,
        0,
        240,
        256,
    ]
    assert math.tanh(530.5 / 256) == pytest.approx(31 / 32, abs=1e-3)
