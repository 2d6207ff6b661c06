"""Dot units: step by step in whole numbers of any size, compiled, and as the reference kernel has them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernels_ref.formats import multiply
from simulator.hardware.dot_units.compiled import sums_of
from simulator.hardware.dot_units.plain import Accumulator, add_integers, add_step
from workloads.kinds.matrix_product.operand import INTEGERS, activation_format, encode, numbers_of
from workloads.number_formats import find_format

NAMES = ["nvfp4", "mxfp4", "mxfp8", "fp8", "bf16", "nvfp4-a16"]


def operands(name, seed, depth, spread):
    """Two matrices of numbers whose magnitudes differ by up to 10**spread, in a format."""
    rng = np.random.default_rng(seed)

    def draw():
        values = rng.standard_normal((2, depth)) * 10 ** rng.uniform(-spread, spread, (2, depth))
        return np.where(rng.random((2, depth)) < 0.2, 0, values).astype(np.float32)

    form = find_format(name)
    return numbers_of(encode(activation_format(form), draw())), numbers_of(encode(form, draw()))


def step_by_step(left, right):
    """The sums, float32 [2, 2]."""
    depth = left.element.significand.shape[1]
    found = np.zeros((2, 2), np.float32)
    for i, j in np.ndindex(2, 2):
        held = Accumulator()
        for first in range(0, depth, left.unit.step):
            held = add_step(held, left, i, right, j, range(first, min(first + left.unit.step, depth)))
        found[i, j] = held.value
    return found


@given(
    name=st.sampled_from(NAMES),
    seed=st.integers(0, 1 << 20),
    depth=st.integers(1, 150),
    spread=st.sampled_from([0, 2, 9]),
)
def test_sums_are_equal_to_the_last_bit(name, seed, depth, spread):
    left, right = operands(name, seed, depth, spread)
    expected = step_by_step(left, right)
    np.testing.assert_array_equal(sums_of(left, right), expected)
    given_ = left.element, left.scale, right.element, right.scale
    np.testing.assert_array_equal(multiply(*given_, right.block, right.unit), expected)


@given(seed=st.integers(0, 1 << 20), depth=st.integers(1, 60))
def test_whole_numbers_are_added_exactly(seed, depth):
    left, right = operands("int8", seed, depth, 1)
    assert right.unit is INTEGERS
    exact = left.element.significand.astype(int) @ right.element.significand.astype(int).T
    np.testing.assert_array_equal(sums_of(left, right), exact)
    for i, j in np.ndindex(2, 2):
        assert add_integers(7, left, i, right, j, range(depth)) == 7 + exact[i, j]


@pytest.mark.parametrize("significand", [1, (1 << 24) - 1, -(1 << 23)])
def test_an_accumulator_is_a_significand_of_24_bits_with_a_point_after_the_first(significand):
    for exponent in (-126, 0, 100):
        assert float(Accumulator(significand, exponent).value) == math.ldexp(significand, exponent - 23)
    with np.errstate(over="ignore"):
        assert np.isinf(Accumulator(1 << 23, 128).value)
