"""The reference kernels, against plain Python integers and fractions."""

from fractions import Fraction
from math import floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.layers import drawn_layers

from kernels_ref.fixed_point import HIGHEST, LOWEST, fraction_bits, round_shift, saturate, to_fixed, to_float
from kernels_ref.fully_connected import multiply, multiply_scaled


def rounded(value: Fraction) -> int:
    return floor(value + Fraction(1, 2))


@given(st.integers(-(1 << 30), 1 << 30), st.integers(0, 30))
def test_rounding_is_to_nearest_and_halves_go_up(value, shift):
    assert round_shift(value, shift) == rounded(Fraction(value, 1 << shift))


@pytest.mark.parametrize(
    ("value", "expected"), [(-40000, -32768), (-32768, -32768), (5, 5), (32767, 32767), (32768, 32767)]
)
def test_saturation(value, expected):
    assert saturate(value) == expected


@given(st.floats(0, 1e6))
def test_fraction_bits_are_the_most_that_fit(largest):
    bits = fraction_bits(largest)
    assert rounded(Fraction(largest) * Fraction(2) ** bits) <= HIGHEST
    if largest > 2**-14:
        assert rounded(Fraction(largest) * Fraction(2) ** (bits + 1)) > HIGHEST


@pytest.mark.parametrize("largest", [float("nan"), float("inf"), -1.0])
def test_fraction_bits_of_nonsense(largest):
    with pytest.raises(ValueError, match="expected a finite magnitude"):
        fraction_bits(largest)


@given(st.lists(st.floats(-1e5, 1e5), min_size=1), st.integers(-5, 20))
def test_to_fixed_rounds_and_saturates(values, bits):
    expected = [max(LOWEST, min(HIGHEST, rounded(Fraction(v) * Fraction(2) ** bits))) for v in values]
    words = to_fixed(np.array(values), bits)
    assert words.tolist() == expected
    assert to_float(words, bits).tolist() == [float(Fraction(q) / Fraction(2) ** bits) for q in expected]


def naive(layer):
    """The definition, in plain integers."""
    output = [0] * layer.outputs
    for j, a in enumerate(layer.activation.tolist()):
        for e in range(layer.columns.start[j], layer.columns.start[j + 1]):
            product = int(layer.codebook[layer.columns.code[e]]) * a
            i = layer.columns.row[e]
            output[i] = max(LOWEST, min(HIGHEST, output[i] + rounded(Fraction(product, 1 << layer.shift))))
    return [max(0, total) for total in output] if layer.relu else output


@given(drawn_layers)
def test_fully_connected(layer):
    output = multiply(*layer.columns, layer.codebook, layer.activation, layer.shift, layer.outputs, layer.relu)
    assert output.dtype == np.int16
    assert output.tolist() == naive(layer)


def test_the_random_layers_do_saturate():
    from support.layers import drawn

    layer = drawn(0, 40, 8, 1.0, 1.0, bias=False, relu=False)._replace(shift=2)
    output = multiply(*layer.columns, layer.codebook, layer.activation, layer.shift, layer.outputs, layer.relu)
    assert {LOWEST, HIGHEST} & set(output.tolist())


def test_zero_has_all_bits_but_the_sign_as_its_fraction():
    assert [fraction_bits(0.0, bits) for bits in (2, 8, 16)] == [1, 7, 15]


@given(st.integers(0, 1 << 30), st.integers(1, 12), st.integers(1, 9), st.integers(1, 4), st.integers(1, 4))
def test_fully_connected_with_scales_is_a_loop_over_weights(seed, columns, outputs, pes, rows):
    """Each weight with the scale of its group of columns, its PE and its rows there; sums saturate one by one."""
    rng = np.random.default_rng(seed)
    places = 1 + (outputs - 1) // pes // rows
    kept = [np.flatnonzero(rng.random(outputs) < 0.6) for _ in range(columns)]
    start = np.concatenate([[0], np.cumsum([one.size for one in kept])])
    row = np.concatenate(kept).astype(np.uint32)
    code, codebook = rng.integers(0, 4, row.size).astype(np.uint8), rng.integers(-300, 300, 4).astype(np.int32)
    activation = np.where(rng.random(columns) < 0.3, 0, rng.integers(-3000, 3000, columns)).astype(np.int16)
    significand = rng.integers(-30, 30, (2, pes, places)).astype(np.int32)
    shift, group = (
        rng.integers(-2, 12, significand.shape).astype(np.int16),
        rng.integers(0, 2, columns).astype(np.int32),
    )
    given_scales = significand, shift, group, rows
    found = multiply_scaled(start, row, code, codebook, activation, given_scales, 0, outputs, relu=False)
    sums = [0] * outputs
    for j in range(columns):
        for e in range(start[j], start[j + 1]):
            i = int(row[e])
            where = group[j], i % pes, (i // pes) // rows
            exact = Fraction(int(codebook[code[e]]) * int(significand[where]) * int(activation[j])) / Fraction(
                2
            ) ** int(shift[where])
            sums[i] = min(max(sums[i] + floor(exact + Fraction(1, 2)), LOWEST), HIGHEST)
    assert found.tolist() == sums
