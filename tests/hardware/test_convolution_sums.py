"""Outputs of convolutions as engines compute them, against the definition in plain integers."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.convolutions import drawn_convolution, drawn_convolutions, naive_convolution

from kernels_ref.fixed_point import HIGHEST, LOWEST
from simulator.hardware.convolution_sums import compute_outputs


@pytest.fixture(scope="module")
def pool():
    with ThreadPoolExecutor(2) as pool:
        yield pool


def check(layer, pool):
    found = compute_outputs(layer, pool)
    assert found.dtype == np.int16
    np.testing.assert_array_equal(found, naive_convolution(layer))
    return set(found.ravel().tolist())


@given(drawn_convolutions)
def test_any_layer(pool, layer):
    check(layer, pool)


@pytest.mark.parametrize("relu", [False, True])
@pytest.mark.parametrize("shift", [4, 8])
def test_sums_wrap_at_24_bits_and_are_saturated_to_16(pool, relu, shift):
    found = check(
        drawn_convolution(0, inputs=3, plane=(8, 8), density=1, active=1, relu=relu, shift=shift, bias=False), pool
    )
    assert {0 if relu else LOWEST, HIGHEST} <= found


@given(seed=st.integers(0, 99), dilation=st.tuples(st.integers(1, 3), st.integers(1, 3)), groups=st.integers(1, 3))
def test_dilated_kernels_in_groups(pool, seed, dilation, groups):
    check(drawn_convolution(seed, plane=(7, 8), kernel=(2, 3), stride=(2, 1), dilation=dilation, groups=groups), pool)
