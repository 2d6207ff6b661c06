"""An ONNX model whose layers compute with other weights: how far its output is from its own; and as a file."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from workloads.distance import NetworkDistance, compare_tensors
from workloads.sources.onnx.float_check import layer_errors
from workloads.sources.onnx.graph import OnnxGraph
from workloads.sources.onnx.layer_tensors import own_part, tensor_of
from workloads.sources.onnx.nodes.node import OnnxLayer
from workloads.sources.onnx.put_back import Arrays, put_back
from workloads.sources.onnx.running import run_graph
from workloads.sources.source import FloatNetwork
from workloads.whole_files import write_whole


def float_network(graph: OnnxGraph, given: Mapping[str, np.ndarray], layers: Sequence[OnnxLayer]) -> FloatNetwork:
    """A model that ran on what is given by input name, numbers [shapes that it declares], to run with other weights."""

    def write(target: Path, arrays: Mapping[str, Arrays]) -> None:
        write_whole(target, put_back(graph, layers, arrays).SerializeToString())

    distance = partial(output_distance, graph, given, layers)
    return FloatNetwork(distance, write, partial(layer_errors, graph, given, layers))


def output_distance(
    graph: OnnxGraph, given: Mapping[str, np.ndarray], layers: Sequence[OnnxLayer], arrays: Mapping[str, Arrays]
) -> NetworkDistance:
    """Run the model as it is, and with these weights and biases of some layers, on the same input, in onnxruntime.

    given: arrays by input name, of the declared shapes and dtypes; arrays: by layer, numbers [shapes of its kind]. All
    else is computed in floating point. InputError where the model does not run.
    """
    changed = graph._replace(model=put_back(graph, layers, arrays))
    chosen = [(one, tensor_of(one)) for one in layers if one.layer.name in arrays and tensor_of(one)]
    ends = sorted(name for name in graph.outputs if name)
    wanted = {*(name for _, name in chosen), *ends}
    exact, other = (run_graph(one, given, wanted) for one in (graph, changed))
    parts = {one.layer.name: (own_part(one, exact[name]), own_part(one, other[name])) for one, name in chosen}
    return compare_tensors(parts, {name: (exact[name], other[name]) for name in ends})
