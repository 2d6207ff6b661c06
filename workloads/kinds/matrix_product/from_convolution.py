"""A convolution as a matrix product: each place of the output reads its inputs as one token (im2col)."""

import math

import numpy as np

from kernels_ref.fixed_point import to_float
from workloads.errors import refuse
from workloads.kinds.convolution.compress import check_shapes, output_plane
from workloads.kinds.convolution.layer import CompressedConvolution, Convolution
from workloads.kinds.convolution.limits import MOST_UNFOLDED
from workloads.kinds.matrix_product.layer import MatrixProduct


def from_convolution(layer: Convolution) -> MatrixProduct:
    """The product of kernels [outputs, inputs x height x width] and windows [output places, the same].

    Places are row after row, so that the output is [high x wide, outputs]. InputError where the layer has no input,
    its parts do not fit each other, it has several groups, or where its windows are too many.
    """
    if layer.activation is None:
        refuse(layer.name, "it has no input", "an activation [inputs, height, width]")
    check_shapes(layer)
    if layer.groups > 1:
        refuse(layer.name, f"it has {layer.groups} groups", "1, as a convolution runs as one matrix product")
    _check_size(layer)
    top, left, bottom, right = layer.padding
    padded = np.pad(layer.activation, ((0, 0), (top, bottom), (left, right)))
    (_, _, tall, broad), (down, across) = layer.weight.shape, layer.dilation
    reach = (tall - 1) * down + 1, (broad - 1) * across + 1
    windows = np.lib.stride_tricks.sliding_window_view(padded, reach, (1, 2))
    windows = windows[:, :: layer.stride[0], :: layer.stride[1], ::down, ::across]
    tokens = windows.transpose(1, 2, 0, 3, 4).reshape(windows.shape[1] * windows.shape[2], -1)
    weight = layer.weight.reshape(len(layer.weight), -1)
    return MatrixProduct(layer.name, weight, layer.bias, np.ascontiguousarray(tokens, np.float32), layer.relu)


def _check_size(layer: Convolution) -> None:
    """InputError where the windows have more than `MOST_UNFOLDED` elements."""
    assert layer.activation is not None
    height, width = output_plane(layer)
    depth = math.prod(layer.weight.shape[1:])
    if height * width * depth > MOST_UNFOLDED:
        what = f"as a matrix product it has {height * width:,} tokens of {depth:,} inputs"
        refuse(layer.name, what, f"tokens x inputs of at most {MOST_UNFOLDED:,}")


def from_compressed(layer: CompressedConvolution) -> Convolution:
    """The numbers that the words of a compressed convolution mean."""
    bias = None if layer.bias is None else to_float(layer.bias, layer.output_fraction_bits).astype(np.float32)
    return Convolution(
        name=layer.name,
        weight=to_float(layer.kernel, layer.weight_fraction_bits).astype(np.float32),
        bias=bias,
        activation=to_float(layer.activation, layer.activation_fraction_bits).astype(np.float32),
        relu=layer.relu,
        stride=layer.stride,
        padding=layer.padding,
        groups=layer.groups,
        dilation=layer.dilation,
    )
