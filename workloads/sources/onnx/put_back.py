"""Other weights in an ONNX model: a layer computes with the given ones, and all else stays as it was."""

from collections.abc import Mapping, Sequence
from itertools import groupby, pairwise
from typing import Any

import numpy as np

from workloads.extras import import_extra
from workloads.sources.onnx.graph import OnnxGraph
from workloads.sources.onnx.messages import Proto, replace_nodes, tensors_read
from workloads.sources.onnx.nodes.gru import OUR_GATES
from workloads.sources.onnx.nodes.node import OnnxLayer

MATRICES = ("Gemm", "MatMul")
"""Nodes whose weights are a matrix; others that hold weights in one tensor are convolutions."""
Arrays = Mapping[str, np.ndarray]
"""Weights and biases of a layer by the names of `Kind.float_arrays`."""


def put_back(graph: OnnxGraph, layers: Sequence[OnnxLayer], arrays: Mapping[str, Arrays]) -> Proto:
    """A model in which the layers compute with these weights and biases, numbers [shapes of their kinds] by layer.

    Layers without arrays stay as they are. The nodes that a layer has folded in give way to its bias and its Relu.
    InputError where onnx is not installed.
    """
    onnx = import_extra("onnx", "onnx", graph.path)
    model = type(graph.model)()
    model.CopyFrom(graph.model)
    chosen = [one for one in layers if one.layer.name in arrays]
    gone = {name for one in chosen for node in (one.node, *one.folded) for name in node.outputs if name}
    made: dict[str, list[Proto]] = {}
    names = {*graph.constants, *graph.sizes, *graph.users, *(name for node in graph.nodes for name in node.outputs)}
    by_output = {name: proto for proto in model.graph.node for name in proto.output}
    for node, group in groupby(chosen, lambda one: one.node):
        found, first = list(group), next(filter(None, node.outputs))
        writer = _Writer(onnx, model, graph, by_output[first], names)
        given = [arrays[one.layer.name] for one in found]
        recurrent = "weight_hidden" in given[0]
        made[first] = writer.recurrent(found, given) if recurrent else writer.linear(found[0], given[0])
    nodes = []
    for proto in model.graph.node:
        outputs = [name for name in proto.output if name]
        nodes += made.get(outputs[0], []) if outputs and gone.issuperset(outputs) else [proto]
    replace_nodes(model.graph, nodes)
    _drop_unused(model.graph)
    return model


def _drop_unused(graph: Proto) -> None:
    """Leave out constants that nothing reads any more."""
    read = {name for node in graph.node for name in tensors_read(node)} | {info.name for info in graph.output}
    unused = {one.name for one in graph.initializer} - read
    inputs = [type(one).FromString(one.SerializeToString()) for one in graph.input if one.name not in unused]
    del graph.input[:]  # before version 4, each constant is an input, too
    graph.input.extend(inputs)
    kept = [one for one in graph.initializer if one.name in read]
    copies = [type(one).FromString(one.SerializeToString()) for one in kept]
    del graph.initializer[:]
    graph.initializer.extend(copies)


class _Writer:
    """Writes the nodes of one layer."""

    def __init__(self, onnx: Proto, model: Proto, graph: OnnxGraph, old: Proto, names: set[str]) -> None:
        self._onnx, self._model, self._graph, self._old, self._names = onnx, model, graph, old, names

    def linear(self, one: OnnxLayer, arrays: Arrays) -> list[Proto]:
        """The node with other weights and biases, an added bias where it takes none, and a Relu."""
        node, kept = one.node, self._copy()
        weight, bias = _weight_of(one, arrays["weight"], self._graph.constants[one.weight].shape), arrays.get("bias")
        if node.kind == "Gemm":
            self._set(kept, transB=1, alpha=1.0, beta=1.0)
        place = node.inputs.index(one.weight) if node.kind == "MatMul" else 1
        kept.input[place] = self._constant(one, "weight", weight)
        steps = [kept]
        if bias is not None and node.kind == "MatMul":
            column = bias.reshape(-1, *(1,) * one.axes_after)
            steps.append(self._make("Add", one, self._constant(one, "bias", column)))
        elif bias is not None:
            kept.input[:] = [*kept.input[:2], self._constant(one, "bias", bias + self._rows(one))]
        else:
            kept.input[:] = kept.input[:2]
        if one.layer.relu:  # type: ignore[union-attr]
            steps.append(self._make("Relu", one))
        for before, after in pairwise(steps):
            before.output[0] = self._new_name(f"{one.layer.name}/{before.op_type}/compressed")
            after.input[0] = before.output[0]
        steps[-1].output[0] = one.output
        return steps

    def _rows(self, one: OnnxLayer) -> np.ndarray | float:
        """What the rows of a Gemm's bias differ by from the first, which is read, float64 [rows, outputs]; 0: nothing.

        Of its two axes, the first may be one of vectors.
        """
        old = self._graph.constants.get(one.bias or "")
        if one.node.kind != "Gemm" or old is None or old.ndim < 2 or len(old) == 1:
            return 0.0
        beta: Any = one.node.attributes.get("beta", 1.0)
        rows = old.astype(np.float64)
        return (rows - rows[:1]) * float(beta)

    def recurrent(self, found: Sequence[OnnxLayer], given: Sequence[Arrays]) -> list[Proto]:
        """The node with other weights, biases and peepholes of these directions; others keep theirs."""
        kept, first = self._copy(), found[0]
        parts = _gru_parts(given) if first.node.kind == "GRU" else _lstm_parts(given)
        kept.input.extend([""] * (max(parts) + 1 - len(kept.input)))
        directions = len(self._graph.constants[first.weight])
        for place, (what, each) in parts.items():
            old = self._graph.constants.get(kept.input[place])
            whole = np.zeros((directions, *each[0].shape)) if old is None else np.array(old, np.float64)
            for one, values in zip(found, each, strict=True):
                whole[one.direction] = values
            kept.input[place] = self._constant(first, what, whole)
        return [kept]

    def _new_name(self, wanted: str) -> str:
        """A name that no tensor has."""
        name, number = wanted, 1
        while name in self._names:
            number += 1
            name = f"{wanted}_{number}"
        self._names.add(name)
        return name

    def _copy(self) -> Proto:
        kept = type(self._old)()
        kept.CopyFrom(self._old)
        return kept

    def _make(self, kind: str, one: OnnxLayer, *more: str) -> Proto:
        return self._onnx.helper.make_node(kind, ["", *more], [""], name=f"{one.layer.name}/{kind}")

    def _constant(self, one: OnnxLayer, what: str, array: np.ndarray) -> str:
        """Add a constant of the dtype of the layer's own weights, or of float32 where these are quantised."""
        name, own = self._new_name(f"{one.layer.name}/{what}/compressed"), self._graph.constants[one.weight].dtype
        values = np.ascontiguousarray(array, own if own.kind == "f" else np.float32)
        self._model.graph.initializer.append(self._onnx.numpy_helper.from_array(values, name))
        return name

    def _set(self, node: Proto, **attributes: float) -> None:
        kept = [one for one in node.attribute if one.name not in attributes]
        made = [self._onnx.helper.make_attribute(name, value) for name, value in attributes.items()]
        del node.attribute[:]
        node.attribute.extend([*kept, *made])


Parts = dict[int, tuple[str, list[np.ndarray]]]
"""Place among a node's inputs -> what it is, and its values for each direction."""


def _lstm_parts(given: Sequence[Arrays]) -> Parts:
    cells = given[0]["weight_input"].shape[1]
    parts = {
        1: ("weight", [one["weight_input"].reshape(4 * cells, -1) for one in given]),
        2: ("hidden", [one["weight_hidden"].reshape(4 * cells, -1) for one in given]),
        3: ("bias", [np.concatenate([one["bias"].ravel(), np.zeros(4 * cells)]) for one in given]),
    }
    if "peephole" in given[0]:
        parts[7] = ("peephole", [one["peephole"].ravel() for one in given])
    return parts


def _gru_parts(given: Sequence[Arrays]) -> Parts:
    cells = given[0]["weight_input"].shape[1]
    rows = {key: [one[key][OUR_GATES] for one in given] for key in ("weight_input", "weight_hidden", "bias")}
    inner = [np.concatenate([np.zeros(2 * cells), one["hidden_bias"]]) for one in given]
    return {
        1: ("weight", [one.reshape(3 * cells, -1) for one in rows["weight_input"]]),
        2: ("hidden", [one.reshape(3 * cells, -1) for one in rows["weight_hidden"]]),
        3: ("bias", [np.concatenate([one.ravel(), rest]) for one, rest in zip(rows["bias"], inner, strict=True)]),
    }


def _weight_of(one: OnnxLayer, weight: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The weights [of the kind] in the layout of the node, [shape]."""
    if one.node.kind in MATRICES:
        flat = weight.reshape(weight.shape[0], -1)
        right = one.node.kind == "MatMul" and one.node.inputs[1] == one.weight
        return flat.T if right else flat
    layer: Any = one.layer  # a convolution
    down, across = layer.dilation
    weight = weight.reshape(layer.weight.shape) if weight.ndim == 2 else weight  # it ran as a matrix product
    weight = weight[:, :, ::down, ::across] if weight.shape != layer.weight.shape else weight
    if one.node.kind == "ConvTranspose":
        outputs, inputs, tall, broad = weight.shape
        turned = weight.reshape(layer.groups, outputs // layer.groups, inputs, tall, broad)[..., ::-1, ::-1]
        weight = turned.transpose(0, 2, 1, 3, 4)
    return weight.reshape(shape)
