"""Small ONNX models as files: two fully connected layers, two convolutions and a fully connected one, an LSTM."""

from itertools import pairwise

import numpy as np

RNG = np.random.default_rng(1)


def write_model(path, nodes, inputs, **constants):
    """Write nodes, (kind, inputs, output, name, attributes) each, with float32 inputs by name and their shapes."""
    import onnx

    value, real = onnx.helper.make_tensor_value_info, onnx.TensorProto.FLOAT
    made = [onnx.helper.make_node(kind, ins, [out], name, **more) for kind, ins, out, name, more in nodes]
    graph = onnx.helper.make_graph(
        made,
        "net",
        [value(name, real, shape) for name, shape in inputs.items()],
        [value(nodes[-1][2], real, None)],
        [onnx.numpy_helper.from_array(array.astype(np.float32), name) for name, array in constants.items()],
    )
    onnx.save(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 13)], ir_version=8), path)
    return path


def mlp(path, inputs=48, hidden=32, outputs=16, layers=2):
    """`fc1`, ReLU, `fc2` and so on, of an input `x`."""
    sizes = [inputs, *[hidden] * (layers - 1), outputs]
    nodes, constants = [], {}
    for number, (before, after) in enumerate(pairwise(sizes), 1):
        constants[f"w{number}"] = RNG.standard_normal((after, before)) * (2 / before) ** 0.5
        source = f"r{number - 1}" if number > 1 else "x"
        nodes.append(("Gemm", [source, f"w{number}"], f"a{number}", f"fc{number}", {"transB": 1}))
        nodes.append(("Relu", [f"a{number}"], f"r{number}", f"relu{number}", {}))
    return write_model(path, nodes, {"x": [1, inputs]}, **constants)


def cnn(path):
    """`conv1` and `conv2` of an 8 x 8 image, then `fc`."""
    nodes = [
        ("Conv", ["x", "w1"], "a", "conv1", {"pads": [1, 1, 1, 1]}),
        ("Relu", ["a"], "r", "relu", {}),
        ("Conv", ["r", "w2"], "b", "conv2", {}),
        ("Flatten", ["b"], "f", "flat", {}),
        ("Gemm", ["f", "w3"], "y", "fc", {"transB": 1}),
    ]
    weights = {"w1": (4, 3, 3, 3), "w2": (6, 4, 3, 3), "w3": (10, 216)}
    drawn = {name: RNG.standard_normal(shape) for name, shape in weights.items()}
    return write_model(path, nodes, {"x": [1, 3, 8, 8]}, **drawn)


def lstm(path):
    """One LSTM of 16 cells over 5 steps."""
    weights = {"w": RNG.standard_normal((1, 64, 8)), "r": RNG.standard_normal((1, 64, 16))}
    return write_model(path, [("LSTM", ["x", "w", "r"], "y", "lstm", {"hidden_size": 16})], {"x": [5, 1, 8]}, **weights)
