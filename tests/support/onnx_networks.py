"""Small whole networks in ONNX, as exporters write them: nodes, inputs, and constants by name."""

import numpy as np

from support.onnx_models import draw, node


def batch_norm(name, source, channels):
    """The node and its constants."""
    parts = {f"{name}.{part}": draw(channels) for part in ("scale", "shift", "mean")}
    parts[f"{name}.var"] = draw(channels) ** 2 + np.float32(0.1)
    return node("BatchNormalization", [source, *parts], [f"{name}.out"], name=name), parts


def mlp():
    nodes = [
        node("MatMul", ["x", "w1"], ["m1"], name="fc1"),
        node("Add", ["m1", "b1"], ["a1"]),
        node("Relu", ["a1"], ["r1"]),
        node("Gemm", ["r1", "w2", "b2"], ["g2"], transB=1, name="fc2"),
        node("Clip", ["g2", "low", "high"], ["c2"]),
        node("Gemm", ["c2", "w3"], ["g3"], name="fc3"),
        node("Softmax", ["g3"], ["y"]),
    ]
    constants = {"w1": draw(12, 16), "b1": draw(16), "w2": draw(10, 16), "b2": draw(10), "w3": draw(10, 4)}
    return nodes, {"x": (1, 12)}, {**constants, "low": np.float32(0), "high": np.float32(6)}, ["fc1", "fc2", "fc3"]


def resnet_block():
    norm1, parts1 = batch_norm("bn1", "c1", 6)
    norm2, parts2 = batch_norm("bn2", "c2", 6)
    nodes = [
        node("Conv", ["x", "k1"], ["c1"], name="conv1", pads=[1, 1, 1, 1], strides=[2, 2]),
        norm1,
        node("Relu", ["bn1.out"], ["r1"]),
        node("Conv", ["r1", "k2"], ["c2"], name="conv2", pads=[1, 1, 1, 1]),
        norm2,
        node("Conv", ["x", "k3", "b3"], ["c3"], name="shortcut", strides=[2, 2]),
        node("Add", ["bn2.out", "c3"], ["s"]),
        node("Relu", ["s"], ["r2"]),
        node("GlobalAveragePool", ["r2"], ["p"]),
        node("Flatten", ["p"], ["f"]),
        node("Gemm", ["f", "w", "b"], ["y"], name="classes", transB=1),
    ]
    constants = {"k1": draw(6, 4, 3, 3), "k2": draw(6, 6, 3, 3), "k3": draw(6, 4, 1, 1), "b3": draw(6)}
    constants |= {**parts1, **parts2, "w": draw(5, 6), "b": draw(5)}
    return nodes, {"x": (1, 4, 8, 8)}, constants, ["conv1", "conv2", "shortcut", "classes"]


def mobilenet_block():
    """Expansion, a depthwise convolution, projection; a clip to 6 is no part of a layer."""
    norm, parts = batch_norm("bn", "d", 12)
    nodes = [
        node("Conv", ["x", "e"], ["c1"], name="expand"),
        node("Clip", ["c1", "low", "high"], ["a1"]),
        node("Conv", ["a1", "k"], ["d"], name="depthwise", group=12, pads=[1, 1, 1, 1]),
        norm,
        node("Clip", ["bn.out", "low", "high"], ["a2"]),
        node("Conv", ["a2", "p", "pb"], ["c3"], name="project"),
        node("Add", ["c3", "x"], ["s"]),
        node("LeakyRelu", ["s"], ["l"]),
        node("ConvTranspose", ["l", "u"], ["t"], name="up", strides=[2, 2]),
        node("PRelu", ["t", "slope"], ["y"], name="slopes"),
    ]
    constants = {"e": draw(12, 4, 1, 1), "k": draw(12, 1, 3, 3), "p": draw(4, 12, 1, 1), "pb": draw(4)}
    constants |= {"u": draw(4, 3, 2, 2), "slope": draw(3, 1, 1), "low": np.float32(0), "high": np.float32(6)}
    return nodes, {"x": (1, 4, 7, 9)}, {**constants, **parts}, ["expand", "depthwise", "project", "up"]


def transformer_block():
    """One head of attention over 5 steps of 8 numbers, and two layers after it."""
    heads = [node("MatMul", ["n1", f"w{one}"], [one], name=f"to_{one}") for one in ("q", "k", "v")]
    nodes = [
        node("LayerNormalization", ["x", "g", "h"], ["n1"], name="norm"),
        *heads,
        node("Transpose", ["k"], ["kt"], perm=[0, 2, 1]),
        node("MatMul", ["q", "kt"], ["scores"], name="scores"),
        node("Softmax", ["scores"], ["p"], axis=-1),
        node("MatMul", ["p", "v"], ["mixed"], name="mixed"),
        node("MatMul", ["mixed", "wo"], ["o"], name="out"),
        node("Add", ["bo", "o"], ["ob"]),
        node("Add", ["ob", "x"], ["s"]),
        node("MatMul", ["s", "w1"], ["m1"], name="up"),
        node("Add", ["m1", "b1"], ["a1"]),
        node("Relu", ["a1"], ["r1"]),
        node("MatMul", ["r1", "w2"], ["y"], name="down"),
    ]
    constants = {f"w{one}": draw(8, 8) for one in ("q", "k", "v", "o")}
    constants |= {"g": draw(8), "h": draw(8), "bo": draw(8), "w1": draw(8, 16), "b1": draw(16), "w2": draw(16, 8)}
    return nodes, {"x": (1, 5, 8)}, constants, ["to_q", "to_k", "to_v", "out", "up", "down"]


def speech_network():
    """A convolution of one dimension, an LSTM in both directions, a layer whose constant is the left factor."""
    nodes = [
        node("Conv", ["x", "k"], ["c"], name="conv", pads=[1, 1], dilations=[2]),
        node("Relu", ["c"], ["r"]),
        node("Transpose", ["r"], ["t"], perm=[2, 0, 1]),
        node("LSTM", ["t", "w", "u", "b"], ["h"], name="lstm", hidden_size=3, direction="bidirectional"),
        node("Reshape", ["h", "flat"], ["f"]),
        node("MatMul", ["m", "f"], ["z"], name="left"),
        node("Add", ["z", "mb"], ["zb"]),
        node("Relu", ["zb"], ["y"]),
    ]
    constants = {"k": draw(4, 2, 2), "w": draw(2, 12, 4), "u": draw(2, 12, 3), "b": draw(2, 24)}
    constants |= {"flat": np.array([6, -1]), "m": draw(5, 6), "mb": draw(5, 1)}
    return nodes, {"x": (1, 2, 9)}, constants, ["conv", "lstm.forward", "lstm.backward", "left"]


NETWORKS = {
    "MLP": mlp,
    "ResNet block": resnet_block,
    "MobileNet block": mobilenet_block,
    "Transformer block": transformer_block,
    "speech": speech_network,
}
