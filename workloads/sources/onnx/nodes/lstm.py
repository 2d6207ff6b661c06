"""ONNX LSTM nodes -> layers, one for each direction; the gates have our order: input, output, forget, cell."""

import numpy as np

from workloads.array_checks import float32
from workloads.kinds.lstm.layer import Lstm
from workloads.sources.onnx.messages import OnnxNode
from workloads.sources.onnx.nodes.node import (
    FoundLayers,
    OnnxLayer,
    OnnxModel,
    UnsupportedError,
    attribute,
    complain,
    constant,
    has_input,
)
from workloads.sources.onnx.nodes.sequence import read_directions, read_sequence, read_state

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
    weight = constant(model, node, 1, "weight", 3)
    hidden = constant(model, node, 2, "recurrent weight", 3)
    backward, cells = read_directions(model, node), hidden.shape[2]
    cell_gates = _cell_gates(model, node, len(backward))
    bias, peephole = _bias(model, node, len(backward), cells), _peephole(model, node, len(backward), cells)
    expected = (len(backward), 4 * cells)
    if weight.shape[:2] != expected or hidden.shape[:2] != expected:
        shapes = f"{list(weight.shape)} and {list(hidden.shape)}"
        complain(model, node, f"its weights have shapes {shapes}", f"{list(expected)} first in both")
    activation, notes = read_sequence(model, node, weight.shape[2])
    layers = []
    for d, reverse in enumerate(backward):
        layer = Lstm(
            name=f"{node.name}.{'backward' if reverse else 'forward'}" if len(backward) == 2 else node.name,
            weight_input=weight[d].reshape(4, cells, -1),
            weight_hidden=hidden[d].reshape(4, cells, cells),
            bias=None if bias is None else bias[d],
            activation=None if activation is None else activation[:: -1 if reverse else 1].copy(),
            peephole=None if peephole is None else peephole[d],
            cell_gate=cell_gates[d],
        )
        known = (*notes, *read_state(model, node, d, cells))
        own = node.inputs[3] if has_input(node, 3) else None
        output = node.outputs[0] if node.outputs else ""
        layers.append(OnnxLayer(layer, node, node.inputs[1], own, output, (), known, d))
    return tuple(layers)


def _check_plain(model: OnnxModel, node: OnnxNode) -> None:
    """UnsupportedError where gates are coupled or the cell is clipped."""
    if attribute(model, node, "input_forget", 0):
        raise UnsupportedError("its input and forget gates are coupled, which is not read")
    if "clip" in node.attributes:
        raise UnsupportedError("its cell is clipped, which is not read")


def _cell_gates(model: OnnxModel, node: OnnxNode, directions: int) -> list[str]:
    """The activation of the cell gate in each direction: the second of three."""
    chosen = node.attributes.get("activations", ())
    if not isinstance(chosen, tuple):
        complain(model, node, f"activations is {chosen!r}", "names")
    given = [one.decode("utf-8", "replace") if isinstance(one, bytes) else str(one) for one in chosen]
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
