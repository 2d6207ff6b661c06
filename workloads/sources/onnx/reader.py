"""ONNX models -> layers, with the input of each layer when the model is given an input."""

from collections.abc import Callable, Mapping
from os import PathLike
from pathlib import Path

import numpy as np

from workloads.errors import refuse
from workloads.kinds.convolution.layer import Convolution
from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.kinds.lstm.layer import Lstm
from workloads.sources.network import Network
from workloads.sources.onnx.graph import Node, load_graph, run_graph
from workloads.sources.onnx.layers import conv, gemm, matmul
from workloads.sources.onnx.lstm import lstm
from workloads.sources.onnx.node import Found, Model, UnsupportedError

READERS: dict[str, Callable[[Model, Node], Found]] = {"Gemm": gemm, "MatMul": matmul, "Conv": conv, "LSTM": lstm}
WITHOUT_WEIGHTS = frozenset({"Constant", "Identity", "Transpose", "Resize", "Upsample", "Pad", "ConstantOfShape"})
"""Kinds whose constants are scales, fillings, or another node's weights."""


def read_onnx(path: str | PathLike[str], inputs: Mapping[str, np.ndarray] | np.ndarray | None = None) -> Network:
    """Read the layers of an ONNX model, and their inputs when the model is given one (arrays by name, or one array).

    Gemm and MatMul by a constant (fully connected), Conv in two dimensions without dilation, and LSTM are layers; an
    added constant, a BatchNormalization after a Conv or Gemm, and a Relu become part of the layer that they directly
    follow. Each direction of an LSTM is a layer; the backward one's input is reversed in time. Whatever else has
    weights is named in `skipped`. Of each layer's input the first batch element is taken, and of a fully connected
    layer that the model applies to many rows, the first row of them all. InputError where the file is damaged, the
    model does not run on the input, or onnx or onnxruntime is not installed.
    """
    path = Path(path)
    graph = load_graph(path)
    wanted = {node.inputs[0] for node in graph.nodes if node.kind in READERS and node.inputs}
    model = Model(graph, {} if inputs is None else run_graph(graph, inputs, wanted))
    layers: list[FullyConnected | Convolution | Lstm] = []
    skipped, folded = list(graph.unread), set[str]()
    for node in graph.nodes:
        if folded.intersection(node.outputs):
            continue
        try:
            found = READERS.get(node.kind, _no_layer)(model, node)
        except UnsupportedError as reason:
            skipped.append(f"{node.kind} {node.name}: {reason}")
            continue
        layers += found.layers
        folded.update(name for one in found.folded for name in one.outputs)
        skipped += (f"{node.kind} {node.name}: {note}" for note in found.notes)
    if not layers and not skipped:
        refuse(path, "none of its nodes has weights", "an ONNX model with fully connected, Conv or LSTM layers")
    return Network(path.stem, _with_own_names(layers), tuple(skipped))


def _no_layer(model: Model, node: Node) -> Found:
    """Nothing; UnsupportedError if the node has weights: an array, floating or of one byte, among its inputs."""
    for name in () if node.kind in WITHOUT_WEIGHTS else node.inputs:
        array = model.graph.constants.get(name)
        if array is None or array.size == 1 or array.dtype.kind == "b":
            continue
        if array.dtype.kind == "f" or array.dtype.itemsize == 1:
            raise UnsupportedError(f"it has weights {list(array.shape)}, and its kind is not read")
    return Found()


def _with_own_names(
    layers: list[FullyConnected | Convolution | Lstm],
) -> tuple[FullyConnected | Convolution | Lstm, ...]:
    """The layers; a name that stood before gets a number."""
    seen: dict[str, int] = {}
    named = []
    for layer in layers:
        seen[layer.name] = count = seen.get(layer.name, 0) + 1
        named.append(layer if count == 1 else layer._replace(name=f"{layer.name}_{count}"))
    return tuple(named)
