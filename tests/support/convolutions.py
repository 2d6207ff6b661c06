"""Small convolutions for tests, drawn at random, and what they compute in plain integers."""

from fractions import Fraction
from math import floor

import numpy as np
from hypothesis import strategies as st

from kernels_ref.fixed_point import HIGHEST, LOWEST
from workloads.kinds.convolution.layer import CompressedConvolution


def drawn_convolution(
    seed, inputs=2, outputs=2, plane=(5, 4), kernel=(3, 3), stride=(1, 1), padding=(0, 0, 0, 0), groups=1,
    density=0.5, active=0.5, bias=True, relu=True, shift=12, bits=16, dilation=(1, 1),
):  # fmt: skip
    """A layer with words of `bits` bits; inputs and outputs of each group. A kernel is cut to the padded plane."""
    rng = np.random.default_rng(seed)
    top, left, bottom, right = padding
    down, across = dilation
    tall = min(kernel[0], (plane[0] + top + bottom - 1) // down + 1)
    broad = min(kernel[1], (plane[1] + left + right - 1) // across + 1)
    edge = 1 << (bits - 1)

    def words(shape, share):
        return np.where(rng.random(shape) < share, rng.integers(-edge, edge, shape), 0).astype(np.int16)

    weight = np.zeros((outputs * groups, inputs, (tall - 1) * down + 1, (broad - 1) * across + 1), np.int16)
    weight[:, :, ::down, ::across] = words((outputs * groups, inputs, tall, broad), density)
    return CompressedConvolution(
        name="drawn",
        weight=weight,
        bias=rng.integers(-(1 << 20), 1 << 20, outputs * groups).astype(np.int32) if bias else None,
        activation=words((inputs * groups, *plane), active),
        relu=relu,
        stride=stride,
        padding=padding,
        groups=groups,
        weight_fraction_bits=12,
        activation_fraction_bits=10,
        shift=shift,
        dilation=dilation,
    )


sides = st.integers(1, 3)
shares = st.sampled_from([0.0, 0.05, 0.3, 0.7, 1.0])
drawn_convolutions = st.builds(
    drawn_convolution,
    seed=st.integers(0, 1 << 30),
    inputs=sides,
    outputs=sides,
    plane=st.tuples(st.integers(1, 6), st.integers(1, 6)),
    kernel=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    stride=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    padding=st.tuples(*[st.integers(0, 3)] * 4),
    groups=sides,
    density=shares,
    active=shares,
    bias=st.booleans(),
    relu=st.booleans(),
    shift=st.integers(0, 20),
    bits=st.sampled_from([4, 16]),
    dilation=st.sampled_from([(1, 1), (1, 1), (2, 1), (1, 3), (2, 2)]),
)


def wrapped(total: int) -> int:
    return (total + (1 << 23)) % (1 << 24) - (1 << 23)


def naive_convolution(layer: CompressedConvolution) -> np.ndarray:
    """The definition: every product of the dense layer, padding included, in plain integers."""
    top, left, bottom, right = layer.padding
    image = np.pad(layer.activation, ((0, 0), (top, bottom), (left, right))).tolist()
    outputs, inputs, tall, broad = layer.weight.shape
    (high, wide), (down, across) = layer.output_plane, layer.stride
    found = np.zeros((outputs, high, wide), np.int16)
    for k, y, x in np.ndindex(found.shape):
        first = k // (outputs // layer.groups) * inputs
        total = 0 if layer.bias is None else int(layer.bias[k])
        for c, r, s in np.ndindex(inputs, tall, broad):
            product = int(layer.weight[k, c, r, s]) * image[first + c][y * down + r][x * across + s]
            total += floor(Fraction(product, 1 << layer.shift) + Fraction(1, 2))
        word = max(LOWEST, min(HIGHEST, wrapped(total)))
        found[k, y, x] = max(0, word) if layer.relu else word
    return found
