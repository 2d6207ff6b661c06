"""The reference convolution, against its definition in plain integers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.convolutions import drawn_convolution, drawn_convolutions, naive_convolution, wrapped

from kernels_ref.convolution import convolve
from kernels_ref.fixed_point import HIGHEST, LOWEST, wrap
from workloads.kinds import reference_output


def output(layer):
    where = layer.stride, layer.padding, layer.groups
    return convolve(layer.weight, layer.bias, layer.activation, *where, layer.shift, layer.relu)


@given(drawn_convolutions)
def test_convolution(layer):
    words = output(layer)
    assert words.dtype == np.int16
    np.testing.assert_array_equal(words, naive_convolution(layer))
    np.testing.assert_array_equal(reference_output(layer), words.ravel())


@given(st.lists(st.integers(-(1 << 31), (1 << 31) - 1), min_size=1))
def test_accumulators_keep_24_bits(sums):
    assert wrap(np.array(sums, np.int32)).tolist() == [wrapped(total) for total in sums]


def one_output(weights, bias=None, shift=0):
    """A layer of one output: each weight in a channel of its own, all activations 2**14."""
    weight = np.array(weights, np.int16).reshape(1, -1, 1, 1)
    activation = np.full((weight.size, 1, 1), 1 << 14, np.int16)
    return drawn_convolution(0)._replace(
        weight=weight, activation=activation, bias=bias, padding=(0, 0, 0, 0), shift=shift, relu=False
    )


@pytest.mark.parametrize("order", [[511, 511, -511, -510], [-510, 511, -511, 511], [511, -510, -511, 511]])
def test_a_sum_that_overflows_on_its_way_is_right_at_its_end_in_any_order(order):
    assert 511 << 14 < 1 << 23 < 2 * 511 << 14
    assert output(one_output(order)).item() == 1 << 14
    assert output(one_output(order, shift=1)).item() == 1 << 13
    assert output(one_output([-w for w in order])).item() == -(1 << 14)


def test_a_sum_beyond_24_bits_wraps():
    assert output(one_output([511, 1])).item() == LOWEST  # 2**23 -> -2**23, saturated
    assert output(one_output([511, 513, 1])).item() == 1 << 14  # 2**24 + 2**14 -> 2**14


def test_the_bias_is_added_before_saturation_and_without_a_shift():
    layer = one_output([3, 1], np.array([-60000], np.int32))
    assert output(layer).item() == 4 * (1 << 14) - 60000
    assert output(layer._replace(shift=16)).item() == LOWEST


def test_products_are_rounded_one_by_one():
    assert output(one_output([1, 1], shift=15)).item() == 2  # 1/2 + 1/2, each half goes up
    assert output(one_output([-1, -1], shift=15)).item() == 0


def test_the_largest_product_fits():
    layer = one_output([LOWEST])._replace(activation=np.full((1, 1, 1), LOWEST, np.int16), shift=30)
    assert output(layer).item() == 1
    assert output(layer._replace(shift=16)).item() == 1 << 14


def test_padding_above_a_stride_that_never_reaches_the_plane():
    layer = drawn_convolution(3, plane=(4, 4), kernel=(7, 7), stride=(7, 7), padding=(9, 9, 0, 0), active=1)
    np.testing.assert_array_equal(output(layer), naive_convolution(layer))


def test_random_layers_wrap_and_saturate():
    layer = drawn_convolution(0, inputs=3, plane=(8, 8), density=1, active=1, relu=False, shift=8)
    assert {LOWEST, HIGHEST} <= set(output(layer).ravel().tolist())
    widened = drawn_convolution(0, inputs=3, plane=(8, 8), density=1, active=1, relu=False, shift=4)
    with np.errstate(over="ignore"):
        exact = naive_sums(widened)
    assert (np.abs(exact) >= 1 << 23).any()


def naive_sums(layer):
    """Sums of rounded products without wrapping, of a layer without padding and stride, in float64, exactly."""
    windows = np.lib.stride_tricks.sliding_window_view(
        layer.activation.astype(np.int64), layer.weight.shape[2:], (1, 2)
    )
    products = windows[None] * layer.weight.astype(np.int64)[:, :, None, None]
    rounded = (products + ((1 << layer.shift) >> 1)) >> layer.shift
    return rounded.sum(axis=(1, 4, 5))
