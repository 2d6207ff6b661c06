"""Words of fixed point: the finest binary point that holds all."""

import numpy as np
import pytest

from workloads.number_formats.fixed_point import quantise


@pytest.mark.parametrize(("largest", "bits", "fraction"), [(0.1, 8, 10), (0.9, 8, 7), (1.0, 8, 6), (5.0, 12, 8)])
def test_the_binary_point_is_as_fine_as_the_largest_number_allows(largest, bits, fraction):
    found = quantise(np.array([largest, -largest / 3], np.float32), bits)
    assert found.fraction_bits == fraction
    assert abs(int(found.word[0])) < 1 << (bits - 1) <= 2 * abs(int(found.word[0])) + 1
    np.testing.assert_allclose(found.word * 2.0**-fraction, [largest, -largest / 3], atol=2.0 ** -(fraction + 1))


def test_no_number_is_no_word():
    assert quantise(np.zeros(0, np.float32), 8).word.size == 0
