"""Part of a fully connected layer that was given, for runs that are smaller than it."""

import numpy as np

from workloads.errors import refuse
from workloads.kinds.fully_connected.layer import CodedFullyConnected, FullyConnected, StoredFullyConnected, matrix_of

Float = FullyConnected | CodedFullyConnected | StoredFullyConnected


def crop(layer: Float, scale: float) -> Float:
    """The upper left part of the matrix, both sides times `scale`; at least one row and one column remain.

    InputError where the layer is compressed already.
    """
    if scale == 1:
        return layer
    if isinstance(layer, StoredFullyConnected):
        refuse(layer.name, f"scale is {scale}", "1, as it is compressed already")
    weight = matrix_of(layer)
    rows, columns = (max(1, round(side * scale)) for side in weight.shape)
    weight = np.ascontiguousarray(weight[:rows, :columns])
    activation = None if layer.activation is None else layer.activation[:columns]
    if isinstance(layer, FullyConnected):
        bias = None if layer.bias is None else layer.bias[:rows]
        return layer._replace(weight=weight, bias=bias, activation=activation)
    bias = None if layer.bias_code is None else layer.bias_code[:rows]
    return layer._replace(weight_code=weight, bias_code=bias, activation=activation)
