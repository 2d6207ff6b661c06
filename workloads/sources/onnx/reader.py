"""ONNX models -> layers, and the input of each layer where the model is given one."""

from collections.abc import Callable, Mapping
from os import PathLike
from pathlib import Path

import numpy as np

from workloads.errors import refuse
from workloads.kinds.convolution.layer import Convolution
from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.kinds.lstm.layer import Lstm
from workloads.options import WorkloadOptions
from workloads.sources.network import Network
from workloads.sources.onnx.graph import OnnxGraph, OnnxNode, load_graph, run_graph
from workloads.sources.onnx.inputs import model_inputs
from workloads.sources.onnx.layers import conv, gemm, matmul
from workloads.sources.onnx.lstm import lstm
from workloads.sources.onnx.node import FoundLayers, OnnxModel, UnsupportedError

READERS: dict[str, Callable[[OnnxModel, OnnxNode], FoundLayers]] = {
    "Gemm": gemm,
    "MatMul": matmul,
    "Conv": conv,
    "LSTM": lstm,
}
WITHOUT_WEIGHTS = frozenset({"Constant", "Identity", "Transpose", "Resize", "Upsample", "Pad", "ConstantOfShape"})
"""Kinds of nodes whose constants are not weights: scales, fill values, or weights that another node reads."""


def read_onnx(path: str | PathLike[str], inputs: Mapping[str, np.ndarray] | np.ndarray | None = None) -> Network:
    """Read the layers of an ONNX model, and their inputs where the model is given one.

    inputs: an array for the model's only input, or arrays by name, [batch, ...]; floating point is converted to the
    declared dtype, such as float32. See `read_layers` for what becomes a layer. InputError where the file is damaged,
    the model does not run on the input, or onnx or onnxruntime is not installed.
    """
    graph = load_graph(Path(path))
    given = None if inputs is None else model_inputs(graph, WorkloadOptions(activation=inputs))[0]
    return read_layers(graph, given)


def read_layers(graph: OnnxGraph, given: Mapping[str, np.ndarray] | None) -> Network:
    """The layers of a graph, and what enters each when the model runs on the arrays that are given by input name.

    Gemm and MatMul by a constant (fully connected), two-dimensional Conv without dilation, and LSTM become layers; an
    added constant, a BatchNormalization after a Conv or Gemm, and a Relu are folded into the layer that they directly
    follow. Each direction of an LSTM is a layer, the backward one with its input reversed in time. Other nodes with
    weights are named in `skipped`. A layer's input is the first element of the batch, or the first of all rows that a
    fully connected layer is applied to. InputError where a node is not valid, or the model does not run.
    """
    wanted = {node.inputs[0] for node in graph.nodes if node.kind in READERS and node.inputs}
    model = OnnxModel(graph, {} if given is None else run_graph(graph, given, wanted))
    layers: list[FullyConnected | Convolution | Lstm] = []
    noted: list[tuple[str, ...]] = []
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
        noted += [found.notes] * len(found.layers)
        folded.update(name for one in found.folded for name in one.outputs)
    if not layers and not skipped:
        refuse(graph.path, "none of its nodes has weights", "an ONNX model with fully connected, Conv or LSTM layers")
    named = _with_unique_names(layers)
    notes = {layer.name: note for layer, note in zip(named, noted, strict=True) if note}
    return Network(graph.path.stem, named, tuple(skipped), notes=notes)


def _no_layer(model: OnnxModel, node: OnnxNode) -> FoundLayers:
    """No layer; UnsupportedError where an input is a constant array of floats or bytes, which are taken for weights."""
    for name in () if node.kind in WITHOUT_WEIGHTS else node.inputs:
        array = model.graph.constants.get(name)
        if array is None or array.size == 1 or array.dtype.kind == "b":
            continue
        if array.dtype.kind == "f" or array.dtype.itemsize == 1:
            raise UnsupportedError(f"it has weights {list(array.shape)}, and its kind is not read")
    return FoundLayers()


def _with_unique_names(
    layers: list[FullyConnected | Convolution | Lstm],
) -> tuple[FullyConnected | Convolution | Lstm, ...]:
    """The layers; a name that occurred before gets a number."""
    seen: dict[str, int] = {}
    named = []
    for layer in layers:
        seen[layer.name] = count = seen.get(layer.name, 0) + 1
        named.append(layer if count == 1 else layer._replace(name=f"{layer.name}_{count}"))
    return tuple(named)
