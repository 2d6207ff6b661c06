"""The scalar functions of attention's model and engine, against libraries and the reference kernel."""

import math

import ml_dtypes
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kernels_ref import powers
from simulator.machines.tensor.engine import attention_numbers as engine
from simulator.machines.tensor.model import attention_numbers as model

LEAST, ONE = 0x00800000, 0x3F800000
"""The bits of the least normal FP32 and of 1: weights of attention lie between, or are 0."""
words = st.integers(LEAST >> 16, (ONE >> 16) - 1)
ties = words.map(lambda high: (high << 16) + 0x8000)
near = st.builds(lambda tie, by: tie + by, ties, st.integers(-1, 1))
weights = (st.integers(LEAST, ONE) | ties | near | st.just(0)).map(lambda bits: np.uint32(bits).view(np.float32))


@given(weights)
def test_a_weight_becomes_the_nearest_bf16(weight):
    expected = weight.astype(ml_dtypes.bfloat16)
    assert model.to_half(weight) == int(expected.view(np.uint16))
    significand, exponent = engine._to_half(weight)
    assert math.ldexp(significand, exponent - 7) == float(expected)


@given(st.floats(-200, 0, width=32).map(np.float32))
def test_powers_of_two_are_those_of_the_kernel(x):
    expected = powers.power_of_two(np.array([x]))[0]
    assert model.power(x) == engine.power(x) == expected
    assert math.isclose(float(expected), 2.0 ** float(x), rel_tol=1e-6) or x < -126
