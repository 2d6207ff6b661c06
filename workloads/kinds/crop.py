"""Part of a layer that was given, for runs that are smaller than it."""

import numpy as np

from workloads.kinds.convolution.layer import Convolution
from workloads.kinds.fully_connected.layer import CodedFullyConnected, FullyConnected

Given = FullyConnected | CodedFullyConnected | Convolution


def crop(layer: Given, scale: float) -> Given:
    """The upper left part of a layer, both sides of its matrix times `scale`.

    Of a convolution: the first channels of each group, in and out, and the upper left part of the plane, both sides
    times `scale`; the padded plane holds the kernel at least. Something of everything remains.
    """
    if scale == 1:
        return layer
    return _crop_convolution(layer, scale) if isinstance(layer, Convolution) else _crop_matrix(layer, scale)


def _crop_convolution(layer: Convolution, scale: float) -> Convolution:
    """See `crop`; the input and the bias may be missing."""
    groups, (outputs, inputs, tall, broad) = layer.groups, layer.weight.shape
    kept, read = _part(outputs // groups, scale), _part(inputs, scale)
    weight = layer.weight.reshape(groups, -1, inputs, tall, broad)[:, :kept, :read].reshape(-1, read, tall, broad)
    bias = None if layer.bias is None else layer.bias.reshape(groups, -1)[:, :kept].ravel()
    layer = layer._replace(weight=np.ascontiguousarray(weight), bias=bias)
    if layer.activation is None:
        return layer
    (top, left, bottom, right), (_, height, width) = layer.padding, layer.activation.shape
    rows, columns = max(_part(height, scale), tall - top - bottom), max(_part(width, scale), broad - left - right)
    image = layer.activation.reshape(groups, inputs, height, width)[:, :read, :rows, :columns]
    return layer._replace(activation=np.ascontiguousarray(image).reshape(groups * read, *image.shape[2:]))


def _crop_matrix(layer: FullyConnected | CodedFullyConnected, scale: float) -> FullyConnected | CodedFullyConnected:
    weight = layer.weight if isinstance(layer, FullyConnected) else layer.weight_code
    rows, columns = (_part(side, scale) for side in weight.shape)
    weight = np.ascontiguousarray(weight[:rows, :columns])
    activation = None if layer.activation is None else layer.activation[:columns]
    if isinstance(layer, FullyConnected):
        bias = None if layer.bias is None else layer.bias[:rows]
        return layer._replace(weight=weight, bias=bias, activation=activation)
    bias = None if layer.bias_code is None else layer.bias_code[:rows]
    return layer._replace(weight_code=weight, bias_code=bias, activation=activation)


def _part(side: int, scale: float) -> int:
    return max(1, round(side * scale))
