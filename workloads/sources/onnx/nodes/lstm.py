"""ONNX LSTM nodes -> layers, one for each direction; the gates have our order: input, output, forget, cell."""

import numpy as np

from workloads.array_checks import float32
from workloads.kinds.lstm.layer import Lstm
from workloads.sources.onnx.messages import OnnxNode
from workloads.sources.onnx.nodes.node import (
    FoundLayers,
    OnnxModel,
    UnsupportedError,
    attribute,
    complain,
    constant,
    has_input,
)
from workloads.sources.onnx.nodes.sequence import Direction, check_weights, read_layers, read_names, read_weights

GATES = 4
CELL_GATES: dict[tuple[str, ...], str] = {
    ("sigmoid", "tanh", "tanh"): "tanh",
    ("sigmoid", "sigmoid", "tanh"): "sigmoid",
}
"""The activation of the cell gate, by those of the gates, the cell gate and the cell."""


def lstm(model: OnnxModel, node: OnnxNode) -> FoundLayers:
    """Read an LSTM as one layer for each direction; the backward one has its input reversed in time, and runs forward.

    UnsupportedError where the LSTM is of a variant that is not read; InputError where the node is not valid.
    """
    _check_plain(model, node)
    found = read_weights(model, node)
    sizes = len(found.backward), found.cells
    cell_gates = _cell_gates(model, node, len(found.backward))
    bias, peephole = _bias(model, node, *sizes), _peephole(model, node, *sizes)
    check_weights(model, node, found, GATES)

    def make(one: Direction) -> Lstm:
        return Lstm(
            name=one.name,
            weight_input=one.weight,
            weight_hidden=one.hidden,
            bias=None if bias is None else bias[one.place],
            activation=one.activation,
            peephole=None if peephole is None else peephole[one.place],
            cell_gate=cell_gates[one.place],
        )

    return read_layers(model, node, found, GATES, make)


def _check_plain(model: OnnxModel, node: OnnxNode) -> None:
    """UnsupportedError where gates are coupled or the cell is clipped."""
    if attribute(model, node, "input_forget", 0):
        raise UnsupportedError("its input and forget gates are coupled, which is not read")
    if "clip" in node.attributes:
        raise UnsupportedError("its cell is clipped, which is not read")


def _cell_gates(model: OnnxModel, node: OnnxNode, directions: int) -> list[str]:
    """The activation of the cell gate in each direction: the second of three."""
    given = read_names(model, node)
    triples = [tuple(one.lower() for one in given[start : start + 3]) for start in range(0, len(given), 3)]
    for triple in triples:
        if triple not in CELL_GATES:
            raise UnsupportedError(
                f"its activations are {', '.join(given)}, and only Sigmoid, Tanh (or Sigmoid), Tanh are read"
            )
    if len(triples) not in (0, directions):
        complain(model, node, f"it has {len(given)} activations", f"{3 * directions}, three for each direction")
    return [CELL_GATES[triple] for triple in triples] or ["tanh"] * directions


def _bias(model: OnnxModel, node: OnnxNode, directions: int, cells: int) -> np.ndarray | None:
    """The sum of the biases of the input and the hidden state, float32 [directions, 4, cells]."""
    if not has_input(node, 3):
        return None
    bias = constant(model, node, 3, "bias", 2)
    if bias.shape != (directions, 8 * cells):
        complain(model, node, f"its bias has shape {list(bias.shape)}", f"[{directions}, {8 * cells}]")
    total = bias.reshape(directions, 2, 4, cells).sum(axis=1, dtype=np.float64)
    return float32(model.graph.path, f"{node.kind} {node.name}: the sum of its biases", total)


def _peephole(model: OnnxModel, node: OnnxNode, directions: int, cells: int) -> np.ndarray | None:
    """The peepholes of the input, output and forget gate, float32 [directions, 3, cells]."""
    if not has_input(node, 7):
        return None
    peephole = constant(model, node, 7, "peephole", 2)
    if peephole.shape != (directions, 3 * cells):
        complain(model, node, f"its peephole has shape {list(peephole.shape)}", f"[{directions}, {3 * cells}]")
    return peephole.reshape(directions, 3, cells)
