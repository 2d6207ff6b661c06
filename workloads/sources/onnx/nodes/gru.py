"""ONNX GRU nodes -> layers, one for each direction; ONNX has the gates update, reset, candidate."""

import numpy as np

from workloads.kinds.gru.layer import Gru
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

OUR_GATES = [1, 0, 2]
"""The places of our gates (reset, update, candidate) in ONNX's order, and the other way round."""
PLAIN = ("sigmoid", "tanh")


def gru(model: OnnxModel, node: OnnxNode) -> FoundLayers:
    """Read a GRU as one layer for each direction; the backward one has its input reversed in time, and runs forward.

    UnsupportedError where the GRU is of a variant that is not read; InputError where the node is not valid.
    """
    _check_plain(model, node)
    weight = constant(model, node, 1, "weight", 3)
    hidden = constant(model, node, 2, "recurrent weight", 3)
    backward, cells = read_directions(model, node), hidden.shape[2]
    expected = (len(backward), 3 * cells)
    if weight.shape[:2] != expected or hidden.shape[:2] != expected:
        shapes = f"{list(weight.shape)} and {list(hidden.shape)}"
        complain(model, node, f"its weights have shapes {shapes}", f"{list(expected)} first in both")
    biases = _biases(model, node, len(backward), cells)
    activation, notes = read_sequence(model, node, weight.shape[2])
    layers = []
    for d, reverse in enumerate(backward):
        bias, hidden_bias = (None, None) if biases is None else biases[d]
        layer = Gru(
            name=f"{node.name}.{'backward' if reverse else 'forward'}" if len(backward) == 2 else node.name,
            weight_input=weight[d].reshape(3, cells, -1)[OUR_GATES],
            weight_hidden=hidden[d].reshape(3, cells, cells)[OUR_GATES],
            bias=bias,
            activation=None if activation is None else activation[:: -1 if reverse else 1].copy(),
            hidden_bias=hidden_bias,
        )
        known = (*notes, *read_state(model, node, d, cells))
        own = node.inputs[3] if has_input(node, 3) else None
        output = node.outputs[0] if node.outputs else ""
        layers.append(OnnxLayer(layer, node, node.inputs[1], own, output, (), known, d))
    return tuple(layers)


def _check_plain(model: OnnxModel, node: OnnxNode) -> None:
    """UnsupportedError where the reset gate multiplies the state itself, where gates are clipped or of another kind."""
    if not attribute(model, node, "linear_before_reset", 0):
        raise UnsupportedError("its reset gate multiplies the state before the product, which no machine computes")
    if "clip" in node.attributes:
        raise UnsupportedError("its sums are clipped, which is not read")
    chosen = node.attributes.get("activations", ())
    if not isinstance(chosen, tuple):
        complain(model, node, f"activations is {chosen!r}", "names")
    given = [one.decode("utf-8", "replace") if isinstance(one, bytes) else str(one) for one in chosen]
    if any(one.lower() != PLAIN[place % 2] for place, one in enumerate(given)):
        raise UnsupportedError(f"its activations are {', '.join(given)}, and only Sigmoid, Tanh are read")


def _biases(
    model: OnnxModel, node: OnnxNode, directions: int, cells: int
) -> list[tuple[np.ndarray, np.ndarray]] | None:
    """For each direction, the biases outside the reset gate's product, float32 [3, cells], and within, [cells]."""
    if not has_input(node, 3):
        return None
    bias = constant(model, node, 3, "bias", 2)
    if bias.shape != (directions, 6 * cells):
        complain(model, node, f"its bias has shape {list(bias.shape)}", f"[{directions}, {6 * cells}]")
    found = []
    for outer, inner in bias.reshape(directions, 2, 3, cells)[:, :, OUR_GATES]:
        gates = outer.astype(np.float64)
        gates[:2] += inner[:2]
        found.append((gates.astype(np.float32), inner[2].copy()))
    return found
