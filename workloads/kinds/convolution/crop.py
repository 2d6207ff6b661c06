"""Part of a convolution that was given, for runs that are smaller than it; and the image in an input."""

import numpy as np

from workloads.kinds.convolution.layer import Convolution


def crop(layer: Convolution, scale: float) -> Convolution:
    """The first channels of each group, in and out, and the upper left part of the plane, all sides times `scale`.

    The padded plane holds the kernel at least, and something of everything remains; the input and the bias may be
    missing.
    """
    if scale == 1:
        return layer
    groups, (outputs, inputs, tall, broad) = layer.groups, layer.weight.shape
    kept, read = _part(outputs // groups, scale), _part(inputs, scale)
    weight = layer.weight.reshape(groups, -1, inputs, tall, broad)[:, :kept, :read].reshape(-1, read, tall, broad)
    bias = None if layer.bias is None else layer.bias.reshape(groups, -1)[:, :kept].ravel()
    layer = layer._replace(weight=np.ascontiguousarray(weight), bias=bias)
    if layer.activation is None:
        return layer
    (top, left, bottom, right), (_, height, width) = layer.padding, layer.activation.shape
    (down, across), reads = layer.dilation, (_part(height, scale), _part(width, scale))
    rows = max(reads[0], (tall - 1) * down + 1 - top - bottom)
    columns = max(reads[1], (broad - 1) * across + 1 - left - right)
    image = layer.activation.reshape(groups, inputs, height, width)[:, :read, :rows, :columns]
    return layer._replace(activation=np.ascontiguousarray(image).reshape(groups * read, *image.shape[2:]))


def image_of(layer: Convolution, array: np.ndarray) -> np.ndarray:
    """An input [channels, height, width] of numbers [any shape], where they are one.

    A batch of 1 before the channels is left out; for a kernel of height 1, [channels, length] is a plane of height 1.
    """
    flat = layer.weight.shape[2] == 1
    if array.ndim == 4 and len(array) == 1:
        return array[0]
    if flat and array.ndim == 3 and len(array) == 1 and layer.weight.shape[1] * layer.groups > 1:
        array = array[0]
    return array[:, None] if flat and array.ndim == 2 else array


def _part(side: int, scale: float) -> int:
    return max(1, round(side * scale))
