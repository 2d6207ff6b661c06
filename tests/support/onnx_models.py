"""ONNX models made for tests, and what onnxruntime says of them."""

import numpy as np
import onnx
import onnxruntime as ort

from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.options import WorkloadOptions
from workloads.sources.onnx.float_check import convolve, layer_errors, product_of
from workloads.sources.onnx.graph import load_graph
from workloads.sources.onnx.inputs import model_inputs
from workloads.sources.onnx.reader import find_layers, wanted_tensors
from workloads.sources.onnx.running import run_graph

node = onnx.helper.make_node
RNG = np.random.default_rng(1)
TOLERANCE = 1e-5
"""Of a tensor's greatest magnitude."""


def draw(*shape):
    return RNG.standard_normal(shape).astype(np.float32)


def proto(nodes, inputs, outputs=("y",), opset=13, domains=(), **constants):
    """A model; constants: arrays, or tensors of onnx where numpy has no such dtype."""
    value = onnx.helper.make_tensor_value_info
    tensors = {
        name: array if isinstance(array, onnx.TensorProto) else onnx.numpy_helper.from_array(array, name)
        for name, array in constants.items()
    }
    for name, tensor in tensors.items():
        tensor.name = name
    graph = onnx.helper.make_graph(
        nodes,
        "net",
        [value(name, onnx.TensorProto.FLOAT, shape) for name, shape in inputs.items()],
        [value(name, onnx.TensorProto.FLOAT, None) for name in outputs],
        list(tensors.values()),
    )
    opsets = [onnx.helper.make_opsetid("", opset), *(onnx.helper.make_opsetid(one, 1) for one in domains)]
    return onnx.helper.make_model(graph, opset_imports=opsets, ir_version=10 if opset > 13 else 8)


def save(path, *arguments, **constants):
    onnx.save(proto(*arguments, **constants), path)
    return path


def run(path, **inputs):
    return ort.InferenceSession(str(path), providers=["CPUExecutionProvider"]).run(None, inputs)[0]


def evaluate(layer):
    """What the layer computes of its input, float64."""
    return product_of(layer) if isinstance(layer, FullyConnected) else convolve(layer)


def check_layers(path, inputs=None, **options):
    """Every layer of a model against the tensor that it computes there, both on the model's input; the layers."""
    graph = load_graph(path)
    given, _ = model_inputs(graph, WorkloadOptions(activation=inputs, **options))
    tensors = run_graph(graph, given, wanted_tensors(graph))
    found = find_layers(graph, tensors)
    errors = layer_errors(graph, given, found.layers)
    assert all(error is not None and error <= TOLERANCE for error in errors.values()), errors
    return found
