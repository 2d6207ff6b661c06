"""How far an ONNX model's output is from its own when its layers compute with other weights."""

from collections.abc import Mapping, Sequence

import numpy as np

from workloads.distance import NetworkDistance, compare_tensors
from workloads.sources.onnx.graph import OnnxGraph, make_graph
from workloads.sources.onnx.nodes.node import OnnxLayer
from workloads.sources.onnx.put_back import Arrays, put_back
from workloads.sources.onnx.running import run_graph


def output_distance(
    graph: OnnxGraph, given: Mapping[str, np.ndarray], layers: Sequence[OnnxLayer], arrays: Mapping[str, Arrays]
) -> NetworkDistance:
    """Run the model as it is, and with these weights and biases of some layers, on the same input, in onnxruntime.

    given: arrays by input name, of the declared shapes and dtypes; arrays: by layer, numbers [shapes of its kind]. All
    else is computed in floating point. InputError where the model does not run.
    """
    changed = make_graph(graph.path, put_back(graph, layers, arrays))
    outputs = {one.layer.name: one.output for one in layers if one.layer.name in arrays and one.output}
    ends = sorted(name for name in graph.outputs if name)
    wanted = {*outputs.values(), *ends}
    exact, other = (run_graph(one, given, wanted) for one in (graph, changed))
    return compare_tensors(exact, other, outputs, ends)
