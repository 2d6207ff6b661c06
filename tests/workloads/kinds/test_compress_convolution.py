"""From a convolution in floating point to words: formats, sums, losses, and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.convolutions import drawn_convolutions, naive_convolution

from kernels_ref.fixed_point import fraction_bits
from workloads.compression.masks import by_granularity
from workloads.errors import InputError
from workloads.kinds.convolution.compress import BLOCK_PLACES, compress_convolution
from workloads.kinds.convolution.layer import Convolution


def as_floats(layer):
    """The words of a drawn layer, as a convolution in floating point."""
    bias = None if layer.bias is None else layer.bias.astype(np.float32)
    weight, activation = layer.kernel.astype(np.float32), layer.activation.astype(np.float32)
    geometry = layer.stride, layer.padding, layer.groups, layer.dilation
    return Convolution("x", weight, bias, activation, layer.relu, *geometry)


def plain(kernel=((1.0,),), plane=((1.0,),), **changes):
    """A layer of one channel in and out, without padding."""
    weight, activation = np.array(kernel, np.float32)[None, None], np.array(plane, np.float32)[None]
    return Convolution("x", weight, None, activation, False, (1, 1), (0, 0, 0, 0), 1)._replace(**changes)


def exact_sums(layer):
    """Sums of the compressed layer's products in their own format, without bias, in float64, exactly."""
    wide = layer._replace(weight=layer.weight.astype(np.float64), bias=None, relu=False)
    image = np.pad(layer.activation, ((0, 0), layer.padding[::2], layer.padding[1::2])).astype(np.float64)
    windows = np.lib.stride_tricks.sliding_window_view(image, wide.weight.shape[2:], (1, 2))
    windows = windows[:, :: layer.stride[0], :: layer.stride[1]]
    parts = zip(np.split(windows, layer.groups), np.split(wide.weight, layer.groups), strict=True)
    return np.concatenate([np.einsum("cyxrs,kcrs->kyx", part, weight) for part, weight in parts])


@given(drawn_convolutions)
def test_formats_are_the_finest_and_the_sums_fit(drawn):
    layer = compress_convolution(as_floats(drawn))
    assert layer.weight_fraction_bits == fraction_bits(float(np.abs(drawn.weight.astype(float)).max(initial=0)))
    assert layer.activation_fraction_bits == fraction_bits(float(np.abs(drawn.activation.astype(float)).max(initial=0)))
    np.testing.assert_array_equal(layer.weight / 2.0**layer.weight_fraction_bits, drawn.weight)
    sums = exact_sums(layer)
    if drawn.bias is not None:
        sums += drawn.bias[:, None, None] * 2.0 ** (layer.weight_fraction_bits + layer.activation_fraction_bits)
    largest = int(np.abs(sums).max())
    if largest >> 30 >= 1 << 14:
        assert layer.shift == 30
        assert "saturate" in layer.notes[-1]
        return
    assert largest >> layer.shift < 1 << 14
    assert layer.shift == 0 or largest >> layer.shift >= 1 << 13
    # a product is rounded by half of the last place at most, the bias too
    values = naive_convolution(layer) * 2.0**layer.shift
    exact = np.maximum(sums, 0) if layer.relu else sums
    terms = layer.weight[0].size + 1
    assert np.abs(values - exact).max() <= terms * 2.0**layer.shift / 2


@given(drawn_convolutions, st.sampled_from([(1, 1), (2, 3), (4, 1)]))
def test_zeros_between_dilated_weights_do_not_count(drawn, dilation):
    kernel = np.ones(drawn.kernel.shape, np.float32)
    tall, broad = ((size - 1) * step + 1 for size, step in zip(kernel.shape[2:], dilation, strict=True))
    image = np.ones((drawn.inputs, tall + 3, broad + 2), np.float32)
    geometry = (1, 1), (0, 0, 0, 0), drawn.groups, dilation
    layer = compress_convolution(Convolution("x", kernel, None, image, False, *geometry))
    assert layer.weight.shape == (*kernel.shape[:2], tall, broad)
    assert np.count_nonzero(layer.weight) == kernel.size
    assert layer.weight_density == 1
    assert layer.output_plane == (4, 3)
    assert layer.dense_operations == 2 * kernel.size * 12
    values = layer.output_value(naive_convolution(layer))
    np.testing.assert_allclose(values, kernel[0].size, rtol=1e-3)  # a sum of ones


def test_sums_are_found_in_every_block_of_rows():
    size = BLOCK_PLACES // 8
    image = np.zeros((1, 24, size), np.float32)
    for row in (0, 7, 8, 23):
        found = image.copy()
        found[0, row, -1] = 1
        layer = compress_convolution(plain(plane=found[0]))
        assert layer.shift == (1 << 28).bit_length() - 14
        assert compress_convolution(plain(plane=found[0] * -1)).shift == layer.shift


@given(st.integers(0, 3), st.sampled_from([0.25, 0.5, 1.0]), st.integers(2, 16))
def test_weights_are_pruned_in_groups_and_rounded(granularity, density, bits):
    weight = np.random.default_rng(1).standard_normal((4, 4, 3, 3)).astype(np.float32)
    image = np.random.default_rng(2).standard_normal((4, 5, 5)).astype(np.float32)
    own = Convolution("x", weight, None, image, False, (1, 1), (1, 1, 1, 1), 1)
    layer = compress_convolution(own, density, granularity, bits)
    mask = by_granularity(weight, density, granularity)
    assert not layer.weight[~mask].any()
    np.testing.assert_allclose(
        layer.weight / 2.0**layer.weight_fraction_bits, weight * mask, atol=2.0**-layer.weight_fraction_bits / 2
    )
    assert max(np.abs(layer.weight).max(), np.abs(layer.activation).max()) <= 1 << (bits - 1)
    masked = compress_convolution(own._replace(weight=weight * mask), bits=bits)
    np.testing.assert_array_equal(masked.weight, layer.weight)


def test_what_is_lost_is_said():
    layer = compress_convolution(plain([[1.0, 1e-9]], [[1e-9, 2.0, 1.0, 1e-8]]))
    assert layer.notes == (
        "1 of 2 non-zero weights are rounded to zero in 16 bits",
        "2 of 4 non-zero activations are rounded to zero in 16 bits",
    )
    given_format = compress_convolution(plain(plane=[[1.0, -1.0, 2.0, 0.5]]), activation_fraction_bits=15)
    assert given_format.activation.ravel().tolist() == [32767, -32768, 32767, 16384]
    assert given_format.notes == ("2 activations saturate in the given format",)
    large = compress_convolution(plain(bias=np.array([1e9], np.float32)))
    assert (large.shift, large.bias.tolist()) == (30, [1 << 22])
    assert large.notes == ("sums of up to 2**13 times the largest output saturate",)


def test_a_bias_has_the_format_of_the_output():
    layer = compress_convolution(plain(bias=np.array([0.75], np.float32)))
    assert layer.bias[0] / 2.0**layer.output_fraction_bits == 0.75
    assert layer.output_value(naive_convolution(layer)).item() == 1.75


BAD = {
    "no input": ({"activation": None}, "it has no input; expected an activation [inputs, height, width]"),
    "groups": ({"groups": 2}, "it has a weight [1, 1, 1, 1], no bias and 2 groups; expected outputs that fit them all"),
    "bias": ({"bias": np.ones(3, np.float32)}, "it has a weight [1, 1, 1, 1], a bias [3] and 1 groups"),
    "channels": ({"activation": np.ones((2, 3, 3), np.float32)}, "its input has shape [2, 3, 3]; expected [1, height"),
    "flat": ({"activation": np.ones(3, np.float32)}, "its input has shape [3]; expected [1, height, width]"),
    "stride": ({"stride": (0, 1)}, "its stride is [0, 1] and its padding [0, 0, 0, 0]; expected a stride from 1"),
    "padding": ({"padding": (0, -1, 0, 0)}, "its stride is [1, 1] and its padding [0, -1, 0, 0]; expected"),
    "kernel": ({"weight": np.ones((1, 1, 2, 1), np.float32)}, "its kernel is 2 x 1, and its padded input 1 x 1"),
    "dilation": ({"dilation": (1, 0)}, "its dilation is [1, 0]; expected one from 1 on"),
    "dilated": (
        {"weight": np.ones((1, 1, 2, 1), np.float32), "dilation": (3, 1), "activation": np.ones((1, 3, 3), np.float32)},
        "its kernel is 4 x 1, and its padded input 3 x 3",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_layers_that_cannot_be(case):
    changes, complaint = BAD[case]
    with pytest.raises(InputError) as error:
        compress_convolution(plain(**changes))
    assert str(error.value).startswith(f"x: {complaint}")
    assert "; expected " in str(error.value)


def test_options_that_cannot_be():
    with pytest.raises(InputError, match="granularity is 2, but no density is given; expected both or none"):
        compress_convolution(plain(), granularity=2)
    with pytest.raises(InputError, match="density is 1.5; expected a number from 0 to 1"):
        compress_convolution(plain(), 1.5)
    with pytest.raises(InputError, match="bits is 17; expected an integer from 2 to 16"):
        compress_convolution(plain(), bits=17)
