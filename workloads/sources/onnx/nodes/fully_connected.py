"""Gemm and MatMul nodes -> fully connected layers."""

import numpy as np

from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.sources.onnx.messages import OnnxNode
from workloads.sources.onnx.nodes.following import Linear, fold
from workloads.sources.onnx.nodes.node import (
    FoundLayers,
    OnnxLayer,
    OnnxModel,
    UnsupportedError,
    attribute,
    captured,
    captured_input,
    complain,
    constant,
    first_of,
    has_input,
)


def gemm(model: OnnxModel, node: OnnxNode) -> FoundLayers:
    """Read a product with a constant matrix; the layer's input is the first row of the node's.

    UnsupportedError where a weight is not constant; InputError where the node is not valid.
    """
    weight = constant(model, node, 1, "weight", 2)
    if not attribute(model, node, "transB", 0):
        weight = weight.T
    weight = weight * np.float32(attribute(model, node, "alpha", 1.0))
    bias, notes = None, tuple[str, ...]()
    if has_input(node, 2):
        addend = constant(model, node, 2, "bias")
        row = addend[0] if addend.ndim == 2 else addend
        if addend.ndim > 2 or row.size not in (1, len(weight)):
            complain(model, node, f"its bias has shape {list(addend.shape)}", f"[{len(weight)}]")
        if addend.ndim == 2 and len(addend) > 1:
            notes = (f"its bias {list(addend.shape)} has a row for each vector, and the first one is read",)
        bias = np.broadcast_to(row, len(weight)) * np.float32(attribute(model, node, "beta", 1.0))
    activation = captured(model, node)
    if activation is not None and attribute(model, node, "transA", 0):
        activation = activation.T
    return tuple(
        one._replace(notes=(*one.notes, *notes))
        for one in _layer(model, node, Linear(weight, bias, axes=2), activation, 1)
    )


def matmul(model: OnnxModel, node: OnnxNode) -> FoundLayers:
    """Read a product with a constant matrix, the right factor or the left one.

    UnsupportedError where neither factor is constant, or the constant is no matrix; InputError where the node is not
    valid.
    """
    if len(node.inputs) != 2:
        complain(model, node, f"it has {len(node.inputs)} inputs", "two factors")
    known = [index for index in (0, 1) if node.inputs[index] in model.graph.constants]
    if not known:
        raise UnsupportedError("both of its factors are computed: it has no weights")
    place = known[-1]
    weight = constant(model, node, place, "weight")
    if weight.ndim != 2:
        raise UnsupportedError(f"its weight has shape {list(weight.shape)}, and only two dimensions are read")
    activation = captured_input(model, node, 1 - place, "input")
    axes = None if activation is None else activation.ndim
    if place == 1:
        return _layer(model, node, Linear(weight.T, None, axes=axes), activation, place)
    if activation is not None and activation.ndim > 1:
        activation = np.moveaxis(activation, -2, -1)
    after = 0 if axes == 1 else 1
    return _layer(model, node, Linear(weight, None, after, axes), activation, place)


def _layer(model: OnnxModel, node: OnnxNode, linear: Linear, activation: np.ndarray | None, weight: int) -> FoundLayers:
    """The layer after folding, with the first row of its input, [..., inputs]; weight: the place of its tensor."""
    found, notes = fold(model, node, linear), tuple[str, ...]()
    if activation is not None:
        inputs = found.weight.shape[1]
        if activation.shape[-1:] != (inputs,):
            complain(model, node, f"its input has shape {list(activation.shape)}", f"[..., {inputs}]")
        rows = activation.reshape(-1, inputs)
        activation = rows[0].copy()
        notes = first_of(len(rows), f"it is applied to {len(rows)} vectors")
    layer = FullyConnected(node.name, found.weight, found.bias, activation, found.relu)
    bias = node.inputs[2] if has_input(node, 2) else None
    place = node.inputs[weight], bias, found.output(node), found.folded
    return (OnnxLayer(layer, node, *place, notes, axes_after=found.axes_after),)
