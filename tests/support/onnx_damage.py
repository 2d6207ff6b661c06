"""Damage to ONNX models: bits, sizes, names, kinds, types, order; drawn from a seed."""

import numpy as np
import onnx

HUGE = [0, -1, 1, 3, 7, 255, 1 << 12, 1 << 31, (1 << 62) + 1, -(1 << 40)]
KINDS = [
    "Conv",
    "ConvTranspose",
    "Gemm",
    "MatMul",
    "LSTM",
    "GRU",
    "Reshape",
    "ConstantOfShape",
    "Expand",
    "Tile",
    "Loop",
]
KINDS += [
    "Range",
    "Add",
    "Quant",
    "QLinearConv",
    "If",
    "DequantizeLinear",
    "Concat",
    "Slice",
    "Pad",
    "Resize",
    "Nothing",
]


def flip_bits(content, rng):
    damaged = bytearray(content)
    for _ in range(rng.integers(1, 4)):
        damaged[rng.integers(len(damaged))] ^= 1 << rng.integers(8)
    return bytes(damaged)


def cut(content, rng):
    return content[: rng.integers(len(content))]


def change_fields(content, rng):
    """Up to three changes that keep the file a protobuf message."""
    model = onnx.load_from_string(content)
    for _ in range(rng.integers(1, 4)):
        CHANGES[rng.integers(len(CHANGES))](model.graph, rng)
    return model.SerializeToString()


def _one(found, rng):
    return found[rng.integers(len(found))] if len(found) else None


def _names(graph):
    return [name for node in graph.node for name in (*node.input, *node.output)]


def _size(rng):
    return int(HUGE[rng.integers(len(HUGE))])


def _claim_size(graph, rng):
    """Of a constant."""
    tensor = _one(graph.initializer, rng)
    if tensor is not None and tensor.dims:
        tensor.dims[rng.integers(len(tensor.dims))] = _size(rng)


def _claim_input(graph, rng):
    info = _one(graph.input, rng)
    if info is not None and info.type.tensor_type.shape.dim:
        _one(info.type.tensor_type.shape.dim, rng).dim_value = _size(rng)


def _change_integers(graph, rng):
    """Of a constant, such as a shape."""
    tensor = _one([one for one in graph.initializer if one.data_type == onnx.TensorProto.INT64], rng)
    if tensor is not None and len(tensor.raw_data) % 8 == 0 and tensor.raw_data:
        values = np.frombuffer(tensor.raw_data, np.int64).copy()
        values[rng.integers(values.size)] = _size(rng)
        tensor.raw_data = values.tobytes()


def _change_attribute(graph, rng):
    node = _one([one for one in graph.node if one.attribute], rng)
    if node is not None:
        attribute = _one(node.attribute, rng)
        if attribute.ints:
            attribute.ints[rng.integers(len(attribute.ints))] = _size(rng)
        elif rng.random() < 0.5:
            attribute.i = _size(rng)
        else:
            attribute.type = int(rng.integers(0, 14))


def _drop_attribute(graph, rng):
    node = _one([one for one in graph.node if one.attribute], rng)
    if node is not None:
        del node.attribute[rng.integers(len(node.attribute))]


def _rename(graph, rng):
    """Give a tensor the name of another one: names twice, cycles, wrong operands."""
    node, names = _one(graph.node, rng), _names(graph)
    side = node.input if rng.random() < 0.6 else node.output
    if len(side) and names:
        side[rng.integers(len(side))] = names[rng.integers(len(names))]


def _change_kind(graph, rng):
    node = _one(graph.node, rng)
    node.op_type = KINDS[rng.integers(len(KINDS))]
    if node.op_type == "Quant":
        node.domain = "qonnx.custom_op.general"


def _change_type(graph, rng):
    tensor = _one(graph.initializer, rng)
    if tensor is not None:
        tensor.data_type = int(rng.integers(0, 26))


def _drop_operand(graph, rng):
    node = _one(graph.node, rng)
    side = node.input if rng.random() < 0.7 else node.output
    if len(side):
        del side[rng.integers(len(side))]


def _copy_node(graph, rng):
    graph.node.add().CopyFrom(_one(graph.node, rng))


def _reverse(graph, rng):
    nodes = [onnx.NodeProto.FromString(one.SerializeToString()) for one in graph.node]
    order = rng.permutation(len(nodes))
    del graph.node[:]
    graph.node.extend(nodes[index] for index in order)


def _wild_values(graph, rng):
    """NaN, infinities, very large numbers."""
    tensor = _one([one for one in graph.initializer if one.data_type == onnx.TensorProto.FLOAT], rng)
    if tensor is not None and len(tensor.raw_data) % 4 == 0 and tensor.raw_data:
        values = np.frombuffer(tensor.raw_data, np.float32).copy()
        values[rng.integers(values.size)] = [np.nan, np.inf, -3e38, 1e-40][rng.integers(4)]
        tensor.raw_data = values.tobytes()


CHANGES = [
    _claim_size, _claim_input, _change_integers, _change_attribute, _drop_attribute, _rename, _change_kind,
    _change_type, _drop_operand, _copy_node, _reverse, _wild_values,
]  # fmt: skip
DAMAGES = [flip_bits, cut, *[change_fields] * 6]


def damage(content, seed):
    """A damaged copy of a model's bytes."""
    rng = np.random.default_rng(seed)
    return DAMAGES[rng.integers(len(DAMAGES))](content, rng)
