"""Gemm, MatMul and Conv nodes -> layers, into which an added constant, normalisation and Relu after them are folded."""

from typing import NamedTuple

import numpy as np

from workloads.array_checks import float32
from workloads.kinds.convolution.layer import Convolution
from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.sources.onnx.graph import OnnxNode
from workloads.sources.onnx.node import (
    FoundLayers,
    OnnxModel,
    UnsupportedError,
    attribute,
    captured,
    complain,
    constant,
    has_input,
    sizes,
)


class Linear(NamedTuple):
    """A layer without its input, while nodes are folded into it."""

    weight: np.ndarray  # float32 [outputs, ...]
    bias: np.ndarray | None  # float32 [outputs]
    relu: bool = False
    folded: tuple[OnnxNode, ...] = ()  # nodes that the layer includes


def gemm(model: OnnxModel, node: OnnxNode) -> FoundLayers:
    """Read a product with a constant matrix; the layer's input is the first row of the node's.

    UnsupportedError where a weight is not constant; InputError where the node is not valid.
    """
    weight = constant(model, node, 1, "weight", 2)
    if not attribute(model, node, "transB", 0):
        weight = weight.T
    weight = weight * np.float32(attribute(model, node, "alpha", 1.0))
    bias = None
    if has_input(node, 2):
        addend = constant(model, node, 2, "bias")
        row = addend[0] if addend.ndim == 2 else addend
        if addend.ndim > 2 or row.size not in (1, len(weight)):
            complain(model, node, f"its bias has shape {list(addend.shape)}", f"[{len(weight)}]")
        bias = np.broadcast_to(row, len(weight)) * np.float32(attribute(model, node, "beta", 1.0))
    activation = captured(model, node)
    if activation is not None and attribute(model, node, "transA", 0):
        activation = activation.T
    return _fully_connected(model, node, Linear(weight, bias), activation)


def matmul(model: OnnxModel, node: OnnxNode) -> FoundLayers:
    """Read a product with a constant matrix as the right factor; no layer where neither factor is constant.

    UnsupportedError where the constant is the left factor or no matrix; InputError where the node is not valid.
    """
    constants = model.graph.constants
    if not any(name in constants for name in node.inputs):
        return FoundLayers()
    if has_input(node, 1) and node.inputs[1] not in constants:
        raise UnsupportedError("its constant is the left factor")
    weight = constant(model, node, 1, "weight")
    if weight.ndim != 2:
        raise UnsupportedError(f"its weight has shape {list(weight.shape)}, and only two dimensions are read")
    return _fully_connected(model, node, Linear(weight.T, None), captured(model, node))


def conv(model: OnnxModel, node: OnnxNode) -> FoundLayers:
    """Read a two-dimensional convolution without dilation; the layer's input is the first image of the batch.

    UnsupportedError where it is another convolution, or its padding needs an input that is not given; InputError where
    the node is not valid.
    """
    weight = constant(model, node, 1, "weight")
    if weight.ndim != 4:
        raise UnsupportedError(
            f"its weight has shape {list(weight.shape)}, and only two-dimensional convolutions are read"
        )
    dilations = sizes(model, node, "dilations", (1, 1), 1)
    if dilations != (1, 1):
        raise UnsupportedError(f"its dilations are {list(dilations)}, and only 1 is read")
    bias = constant(model, node, 2, "bias", 1) if has_input(node, 2) else None
    groups = attribute(model, node, "group", 1)
    if groups < 1 or len(weight) % groups or (bias is not None and len(bias) != len(weight)):
        shapes = f"weight {list(weight.shape)}, {0 if bias is None else len(bias)} biases and {groups} groups"
        complain(model, node, f"it has {shapes}", "outputs that fit them all")
    activation = captured(model, node)
    if activation is not None:
        if activation.ndim != 4 or activation.shape[1] != weight.shape[1] * groups:
            complain(model, node, f"its input has shape {list(activation.shape)}", "[batch, inputs, height, width]")
        activation = activation[0].copy()
    down, right = sizes(model, node, "strides", (1, 1), 1)
    padding = _padding(model, node, weight.shape[2:], (down, right), activation)
    found = _fold(model, node, Linear(weight, bias))
    layer = Convolution(node.name, found.weight, found.bias, activation, found.relu, (down, right), padding, groups)
    return FoundLayers((layer,), found.folded)


def _fully_connected(model: OnnxModel, node: OnnxNode, linear: Linear, activation: np.ndarray | None) -> FoundLayers:
    """The layer after folding, with the first row of its input."""
    found = _fold(model, node, linear)
    if activation is not None:
        inputs = found.weight.shape[1]
        if activation.shape[-1:] != (inputs,):
            complain(model, node, f"its input has shape {list(activation.shape)}", f"[..., {inputs}]")
        activation = activation.reshape(-1, inputs)[0].copy()
    return FoundLayers((FullyConnected(node.name, found.weight, found.bias, activation, found.relu),), found.folded)


def _padding(
    model: OnnxModel, node: OnnxNode, kernel: tuple[int, ...], stride: tuple[int, int], activation: np.ndarray | None
) -> tuple[int, int, int, int]:
    """Rows or columns of zeros: top, left, bottom, right."""
    mode = attribute(model, node, "auto_pad", "NOTSET")
    if mode == "NOTSET":
        if min(attribute(model, node, "pads", (0, 0, 0, 0)), default=0) < 0:
            raise UnsupportedError(f"its pads are {list(node.attributes['pads'])}, and negative ones are not read")
        top, left, bottom, right = sizes(model, node, "pads", (0, 0, 0, 0), 0)
        return top, left, bottom, right
    if mode == "VALID":
        return 0, 0, 0, 0
    if mode not in ("SAME_UPPER", "SAME_LOWER"):
        complain(model, node, f"auto_pad is {mode!r}", "NOTSET, VALID, SAME_UPPER or SAME_LOWER")
    image = model.graph.sizes.get(node.inputs[0], ())[2:] if activation is None else activation.shape[1:]
    (top, bottom), (left, right) = (
        _same(mode, size, width, step) for size, width, step in zip(image or (0, 0), kernel, stride, strict=True)
    )
    return top, left, bottom, right


def _same(mode: str, size: int, width: int, step: int) -> tuple[int, int]:
    """The zeros before and after that give ceil(size / step) outputs; SAME_UPPER puts an odd one after the others."""
    if not size and step != 1:
        raise UnsupportedError(f"auto_pad is {mode}, and the size of its input is not known without an input")
    total = max((-(-size // step) - 1) * step + width - size, 0)
    return (total // 2, total - total // 2) if mode == "SAME_UPPER" else (total - total // 2, total // 2)


def _fold(model: OnnxModel, node: OnnxNode, linear: Linear) -> Linear:
    """Fold in the nodes directly after the layer that read nothing else: added constants, a normalisation, a Relu."""
    last = node
    while last.outputs and not linear.relu:
        following = model.graph.only_user(last.outputs[0])
        if following is None or len(following.outputs) != 1:
            break
        if following.kind == "Add":
            changed = _add(model, last.outputs[0], following, linear)
        elif following.kind == "BatchNormalization" and node.kind != "MatMul":
            changed = _normalise(model, last.outputs[0], following, linear)
        else:
            changed = linear._replace(relu=True) if following.kind == "Relu" else None
        if changed is None:
            break
        linear, last = changed._replace(folded=(*linear.folded, following)), following
    path = model.graph.path
    weight = float32(path, f"{node.kind} {node.name}: weight after folding", linear.weight)
    bias = None if linear.bias is None else float32(path, f"{node.kind} {node.name}: folded bias", linear.bias)
    return linear._replace(weight=weight, bias=bias)


def _add(model: OnnxModel, tensor: str, node: OnnxNode, linear: Linear) -> Linear | None:
    """Fold in an added constant; None where the addend is computed or is not one number for each output."""
    other = [name for name in node.inputs if name != tensor]
    if len(other) != 1 or other[0] not in model.graph.constants:
        return None
    addend = constant(model, node, node.inputs.index(other[0]), "addend")
    outputs = len(linear.weight)
    per_output = (1,) * (addend.ndim - 1) + (outputs,) if linear.weight.ndim == 2 else _channels(addend, outputs)
    if addend.size != 1 and addend.shape != per_output:
        return None
    added = np.broadcast_to(addend.reshape(-1), outputs)
    return linear._replace(bias=added if linear.bias is None else linear.bias + added)


def _channels(addend: np.ndarray, outputs: int) -> tuple[int, ...]:
    """The shape of an addend with one number for each channel of an image."""
    return (1,) * (addend.ndim - 3) + (outputs, 1, 1)


def _normalise(model: OnnxModel, tensor: str, node: OnnxNode, linear: Linear) -> Linear | None:
    """Fold in y -> (y - mean) / sqrt(variance + epsilon) x scale + shift; None where these are not constant."""
    known = all(name in model.graph.constants for name in node.inputs[1:5])
    if node.inputs[0] != tensor or not known or attribute(model, node, "training_mode", 0):
        return None
    scale, shift, mean, variance = (
        constant(model, node, i, what, 1).astype(np.float64)
        for i, what in enumerate(("scale", "shift", "mean", "variance"), start=1)
    )
    outputs, epsilon = len(linear.weight), attribute(model, node, "epsilon", 1e-5)
    if {scale.size, shift.size, mean.size, variance.size} != {outputs} or (variance + epsilon).min() <= 0:
        complain(model, node, "it does not fit its layer", f"{outputs} positive variances, scales, shifts and means")
    factor = scale / np.sqrt(variance + epsilon)
    weight = linear.weight * factor.reshape(-1, *(1 for _ in linear.weight.shape[1:]))
    bias = np.zeros(outputs) if linear.bias is None else linear.bias.astype(np.float64)
    return linear._replace(weight=weight, bias=(bias - mean) * factor + shift)
