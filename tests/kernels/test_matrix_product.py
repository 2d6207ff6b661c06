"""What happens to the sums of a matrix product on their way out."""

import numpy as np
import pytest

from kernels_ref.matrix_product import LARGEST, finish, integer_product, tensor_factor

SUMS = np.array([[1, -2], [3, 4]], np.float32)
BIAS = np.array([10, -20], np.float32)


@pytest.mark.parametrize(("bias", "relu", "expected"), [
    (None, False, [[0.5, -1], [1.5, 2]]),
    (None, True, [[0.5, 0], [1.5, 2]]),
    (BIAS, False, [[10.5, -21], [11.5, -18]]),
    (BIAS, True, [[10.5, 0], [11.5, 0]]),
])  # fmt: skip
def test_sums_are_scaled_then_get_their_bias_then_relu(bias, relu, expected):
    found = finish(SUMS, np.float32(0.5), bias, relu)
    assert found.dtype == np.float32
    assert found.tolist() == expected


def test_the_factor_of_two_tensors():
    assert tensor_factor(0.5, 0.25) == 0.125
    assert tensor_factor(1e30, 1e30) == LARGEST


def test_whole_numbers_are_added_exactly_and_refused_beyond_32_bits():
    one = np.full((1, 3), 1 << 14)
    assert integer_product(one, one).tolist() == [[3 * 2.0**28]]
    many = np.full((1, 9), 1 << 14)
    with pytest.raises(ValueError, match="a sum may reach 2415919104; expected at most 2147483647"):
        integer_product(many, many)
