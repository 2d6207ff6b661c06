"""Whether imported layers compute, in floating point, what onnxruntime computes at their place in the network."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np

from workloads.kinds.convolution.layer import Convolution
from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.kinds.gru.forward import forward as forward_gru
from workloads.kinds.lstm.forward import forward
from workloads.sources.onnx.graph import OnnxGraph
from workloads.sources.onnx.layer_tensors import own_part, tensor_of
from workloads.sources.onnx.nodes.node import OnnxLayer
from workloads.sources.onnx.running import run_graph

CELLS = 2
"""The place of the cells among an LSTM's outputs, the last one."""


def layer_errors(
    graph: OnnxGraph, given: Mapping[str, np.ndarray], layers: Sequence[OnnxLayer]
) -> dict[str, float | None]:
    """The greatest difference of each layer's output from onnxruntime's tensor, over that tensor's greatest magnitude.

    given: arrays by input name, numbers [shapes that the model declares]. Each layer computes in float64 (an LSTM in
    float32) from its imported weights and its captured input. None where the tensor is all zero or not finite,
    and where only the cells of an LSTM are put out. InputError where the model does not run.
    """
    names = list(map(tensor_of, layers))
    tensors = run_graph(graph, given, names)
    return {
        one.layer.name: None if name in one.node.outputs[CELLS:] else _error(one, tensors[name])
        for one, name in zip(layers, names, strict=True)
    }


def _error(one: OnnxLayer, tensor: np.ndarray) -> float | None:
    """The greatest difference over the greatest magnitude of the tensor, floats [any shape]."""
    ours, theirs = BOTH[one.node.kind](one, tensor.astype(np.float64))
    assert ours.shape == theirs.shape, (one.layer.name, ours.shape, theirs.shape)
    largest = np.abs(theirs).max(initial=0)
    return float(np.abs(ours - theirs).max() / largest) if 0 < largest < np.inf else None


def _rows(one: OnnxLayer, tensor: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The outputs of a fully connected layer, float64 [outputs] each, out of a tensor [..., rows]."""
    layer: Any = one.layer
    left = one.node.kind == "MatMul" and one.weight == one.node.inputs[0]
    rows = np.moveaxis(tensor, -2, -1) if left and tensor.ndim > 1 else tensor
    return product_of(layer), rows.reshape(-1, len(layer.weight))[0]


def _image(one: OnnxLayer, tensor: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The outputs of a convolution, float64 [outputs, ...] each, out of a tensor [batch, outputs, ...]."""
    layer: Any = one.layer
    ours = convolve(layer)
    return ours[:, 0] if tensor.ndim == 3 else ours, tensor[0]


def _states(one: OnnxLayer, tensor: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The states of an LSTM after each step, float64 [steps, cells], or after the last one where there are no others.

    tensor: of all directions, [steps, directions, batch, cells] or, by an attribute, [batch, steps, directions, cells].
    """
    layer: Any = one.layer
    return _both(one, forward(layer, layer.activation[None]).output[0], tensor)


def _gru_states(one: OnnxLayer, tensor: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same of a GRU."""
    layer: Any = one.layer
    return _both(one, forward_gru(layer, layer.activation), tensor)


def _both(one: OnnxLayer, ours: np.ndarray, tensor: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Our states, float64 [steps, cells], in the order of the network's, and the network's, as `_states` has them."""
    batch_first = one.node.attributes.get("layout")
    own = own_part(one, tensor)
    if not one.output:
        return ours[-1], own[0]
    backward = one.direction == 1 or one.node.attributes.get("direction") == "reverse"
    return ours[::-1] if backward else ours, (own[0] if batch_first else own[:, 0])[: len(ours)]


BOTH = {"Gemm": _rows, "MatMul": _rows, "Conv": _image, "ConvTranspose": _image, "LSTM": _states, "GRU": _gru_states}
"""By kind of node: what the layer computes, and the part of the network's tensor that holds the same."""


def product_of(layer: FullyConnected) -> np.ndarray:
    """What a layer computes of its input, float64 [outputs]."""
    assert layer.activation is not None
    return _finish(layer, layer.weight.astype(np.float64) @ layer.activation.astype(np.float64))


def convolve(layer: Convolution) -> np.ndarray:
    """What a layer computes of its input, float64 [outputs, height, width]: for each weight of a kernel, all places."""
    assert layer.activation is not None
    top, left, bottom, right = layer.padding
    image = np.pad(layer.activation.astype(np.float64), ((0, 0), (top, bottom), (left, right)))
    (outputs, per_group, rows, columns), (down, across) = layer.weight.shape, layer.dilation
    height = (image.shape[1] - (rows - 1) * down - 1) // layer.stride[0] + 1
    width = (image.shape[2] - (columns - 1) * across - 1) // layer.stride[1] + 1
    kernels = layer.weight.astype(np.float64).reshape(layer.groups, outputs // layer.groups, *layer.weight.shape[1:])
    total = np.zeros((layer.groups, outputs // layer.groups, height * width))
    for row, column in product(range(rows), range(columns)):
        seen = image[:, row * down :: layer.stride[0], column * across :: layer.stride[1]][:, :height, :width]
        total += kernels[:, :, :, row, column] @ seen.reshape(layer.groups, per_group, height * width)
    return _finish(layer, total.reshape(outputs, height, width))


def _finish(layer: FullyConnected | Convolution, output: np.ndarray) -> np.ndarray:
    """Add the bias to sums, float64 [outputs, ...], and apply the ReLU."""
    if layer.bias is not None:
        output = output + layer.bias.reshape(-1, *(1 for _ in output.shape[1:]))
    return np.maximum(output, 0) if layer.relu else output
