"""ONNX models -> layers, and the input of each layer where the model is given one."""

from collections.abc import Callable, Mapping
from os import PathLike
from pathlib import Path
from typing import NamedTuple

import numpy as np

from workloads.errors import refuse
from workloads.file_names import stem_text
from workloads.options import WorkloadOptions
from workloads.sources.network import Network
from workloads.sources.onnx.graph import OnnxGraph, load_graph
from workloads.sources.onnx.inputs import model_inputs
from workloads.sources.onnx.messages import OnnxNode
from workloads.sources.onnx.nodes.convolution import conv
from workloads.sources.onnx.nodes.fully_connected import gemm, matmul
from workloads.sources.onnx.nodes.gru import gru
from workloads.sources.onnx.nodes.lstm import lstm
from workloads.sources.onnx.nodes.node import FoundLayers, OnnxLayer, OnnxModel, UnsupportedError
from workloads.sources.onnx.nodes.transposed_convolution import conv_transpose
from workloads.sources.onnx.nodes.unread import no_layer, recurrent
from workloads.sources.onnx.output_distance import float_network
from workloads.sources.onnx.running import run_graph

READERS: dict[str, Callable[[OnnxModel, OnnxNode], FoundLayers]] = {
    "Gemm": gemm,
    "MatMul": matmul,
    "Conv": conv,
    "ConvTranspose": conv_transpose,
    "LSTM": lstm,
    "GRU": gru,
    "RNN": recurrent,
}
"""Others have no layer (`no_layer`)."""
READ_INPUTS: Mapping[str, tuple[int, ...]] = {"MatMul": (0, 1), "LSTM": (0, 4, 5, 6), "GRU": (0, 4, 5)}
"""Which inputs of a node its reader looks at while the model runs; of others with a reader, the first."""


class Found(NamedTuple):
    """The layers of a graph in running order, and a sentence for each node with weights that is none."""

    layers: tuple[OnnxLayer, ...]
    skipped: tuple[str, ...]


def read_onnx(path: str | PathLike[str], inputs: Mapping[str, np.ndarray] | np.ndarray | None = None) -> Network:
    """Read the layers of an ONNX model, and their inputs where the model is given one.

    inputs: an array for the model's only input, or arrays by name, [batch, ...]; floating point is converted to the
    declared dtype, such as float32. See `find_layers` for what becomes a layer. InputError where the file is damaged,
    the model does not run on the input, or onnx or onnxruntime is not installed.
    """
    graph = load_graph(Path(path))
    given = None if inputs is None else model_inputs(graph, WorkloadOptions(activation=inputs))[0]
    return read_layers(graph, given)


def read_layers(graph: OnnxGraph, given: Mapping[str, np.ndarray] | None) -> Network:
    """The layers of a graph, and what enters each when the model runs on the arrays that are given by input name.

    given: numbers [shapes that the model declares]. See `find_layers`. InputError where a node is not valid, the model
    does not run, or none of its nodes has weights.
    """
    found = find_layers(graph, {} if given is None else run_graph(graph, given, wanted_tensors(graph)))
    if not found.layers and not found.skipped:
        refuse(
            graph.path, "none of its nodes has weights", "an ONNX model with fully connected, Conv, LSTM or GRU layers"
        )
    notes = {one.layer.name: one.notes for one in found.layers if one.notes}
    layers = tuple(one.layer for one in found.layers)
    in_float = None if given is None else float_network(graph, given, found.layers)
    return Network(stem_text(graph.path), layers, found.skipped, notes=notes, in_float=in_float)


def wanted_tensors(graph: OnnxGraph) -> set[str]:
    """The tensors that `find_layers` looks at: what enters layers, lengths of sequences and initial states."""
    nodes = [node for node in graph.nodes if node.kind in READERS and not _is_constant(graph, node)]
    places = ((node, index) for node in nodes for index in READ_INPUTS.get(node.kind, (0,)))
    return {node.inputs[index] for node, index in places if index < len(node.inputs) and node.inputs[index]}


def find_layers(graph: OnnxGraph, tensors: Mapping[str, np.ndarray]) -> Found:
    """The layers of a graph, with their place in it; tensors: what `run_graph` gives, numbers [any shape], or none.

    Gemm and MatMul by a constant (fully connected), Conv and ConvTranspose of one and two dimensions, LSTM and GRU
    become layers; an added constant, a BatchNormalization after a Conv or Gemm, and a Relu are folded into the layer
    that they directly follow. Each direction of an LSTM or a GRU is a layer, the backward one with its input reversed
    in time. Other nodes with weights are named in `skipped`. A layer's input is the first element of the batch, or the
    first of all rows that a fully connected layer is applied to. InputError where a node is not valid.
    """
    model, folded = OnnxModel(graph, tensors), set[str]()
    layers, skipped = list[OnnxLayer](), list(graph.unread)
    for node in graph.nodes:
        if folded.intersection(node.outputs) or _is_constant(graph, node):
            continue
        try:
            found = READERS.get(node.kind, no_layer)(model, node)
        except UnsupportedError as reason:
            skipped.append(f"{node.kind} {node.name}: {reason}")
            continue
        kind = graph.expanded.get(node.name)
        note = () if kind is None else (f"it was a {kind}; it is read in floating point",)
        layers += [one._replace(notes=(*note, *one.notes)) for one in found]
        folded.update(name for one in found for after in one.folded for name in after.outputs)
    return Found(_with_unique_names(layers), tuple(skipped))


def _is_constant(graph: OnnxGraph, node: OnnxNode) -> bool:
    """Whether all that a node computes is a constant already."""
    return bool(node.outputs) and all(name in graph.constants for name in node.outputs)


def _with_unique_names(layers: list[OnnxLayer]) -> tuple[OnnxLayer, ...]:
    """The layers; a name that occurred before gets the first number that makes it a new one."""
    taken = {one.layer.name for one in layers}
    seen, named = set[str](), []
    for one in layers:
        name, count = one.layer.name, 1
        while name in seen or (count > 1 and name in taken):
            count += 1
            name = f"{one.layer.name}_{count}"
        seen.add(name)
        named.append(one._replace(layer=one.layer._replace(name=name)))
    return tuple(named)
