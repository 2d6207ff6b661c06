"""ONNX models made for tests, what onnxruntime says of them, and each of their layers in float64."""

import numpy as np
import onnx
import onnxruntime as ort

from workloads.kinds.convolution.layer import Convolution
from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.kinds.lstm.forward import forward
from workloads.options import WorkloadOptions
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
    weight, activation = layer.weight.astype(np.float64), layer.activation.astype(np.float64)
    output = weight @ activation if isinstance(layer, FullyConnected) else convolve(layer, weight, activation)
    if layer.bias is not None:
        output = output + layer.bias.reshape(-1, *(1 for _ in output.shape[1:]))
    return np.maximum(output, 0) if layer.relu else output


def convolve(layer, weight, activation):
    top, left, bottom, right = layer.padding
    image = np.pad(activation, ((0, 0), (top, bottom), (left, right)))
    (outputs, per_group, tall, broad), (down, across) = weight.shape, layer.dilation
    spread = np.zeros((outputs, per_group, (tall - 1) * down + 1, (broad - 1) * across + 1))
    spread[:, :, ::down, ::across] = weight
    windows = np.lib.stride_tricks.sliding_window_view(image, spread.shape[2:], (1, 2))
    windows = windows[:, :: layer.stride[0], :: layer.stride[1]]
    parts = [
        np.einsum("cyxhw,ochw->oyx", windows[g * per_group : (g + 1) * per_group], kernels)
        for g, kernels in enumerate(np.split(spread, layer.groups))
    ]
    return np.concatenate(parts)


def close(ours, theirs):
    """Within 1e-5 of the greatest magnitude of what onnxruntime says."""
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() <= TOLERANCE * np.abs(theirs).max()


def check_layers(path, inputs=None, **options):
    """Every layer of a model against the tensor that it computes there, both on the model's input; the layers."""
    graph = load_graph(path)
    given, _ = model_inputs(graph, WorkloadOptions(activation=inputs, **options))
    tensors = run_graph(graph, given, wanted_tensors(graph))
    found = find_layers(graph, tensors)
    outputs = [one.output or one.node.outputs[1] for one in found.layers]  # the last state of an LSTM without others
    theirs = run_graph(graph, given, outputs)
    for one, output in zip(found.layers, outputs, strict=True):
        _check_layer(one, theirs[output])
    return found


def _check_layer(one, tensor):
    layer = one.layer
    if isinstance(layer, FullyConnected):
        left = one.node.kind == "MatMul" and one.weight == one.node.inputs[0]
        rows = np.moveaxis(tensor, -2, -1) if left and tensor.ndim > 1 else tensor
        close(evaluate(layer), rows.reshape(-1, len(layer.weight))[0])
    elif isinstance(layer, Convolution):
        ours = evaluate(layer)
        close(ours[:, 0] if tensor.ndim == 3 else ours, tensor[0])
    else:
        ours, backward = forward(layer, layer.activation[None]).output[0], layer.name.endswith(".backward")
        backward = backward or one.node.attributes.get("direction") == "reverse"
        first = tensor[0] if one.node.attributes.get("layout") else tensor[:, :, 0]
        direction = 1 if layer.name.endswith(".backward") else 0
        if not one.output:
            close(ours[-1], tensor[direction, 0])
            return
        close(ours[::-1] if backward else ours, first[: len(ours), direction])
