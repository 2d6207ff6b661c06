"""ONNX GRU nodes -> layers, one for each direction; ONNX has the gates update, reset, candidate."""

import numpy as np

from workloads.kinds.gru.layer import Gru
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

GATES = 3
OUR_GATES = [1, 0, 2]
"""The places of our gates (reset, update, candidate) in ONNX's order, and the other way round."""
PLAIN = ("sigmoid", "tanh")


def gru(model: OnnxModel, node: OnnxNode) -> FoundLayers:
    """Read a GRU as one layer for each direction; the backward one has its input reversed in time, and runs forward.

    UnsupportedError where the GRU is of a variant that is not read; InputError where the node is not valid.
    """
    _check_plain(model, node)
    found = read_weights(model, node)
    check_weights(model, node, found, GATES)
    biases = _biases(model, node, len(found.backward), found.cells)

    def make(one: Direction) -> Gru:
        bias, hidden_bias = (None, None) if biases is None else biases[one.place]
        weights = one.weight[OUR_GATES], one.hidden[OUR_GATES]
        return Gru(one.name, *weights, bias=bias, activation=one.activation, hidden_bias=hidden_bias)

    return read_layers(model, node, found, GATES, make)


def _check_plain(model: OnnxModel, node: OnnxNode) -> None:
    """UnsupportedError where the reset gate multiplies the state itself, where gates are clipped or of another kind."""
    if not attribute(model, node, "linear_before_reset", 0):
        raise UnsupportedError("its reset gate multiplies the state before the product, which no machine computes")
    if "clip" in node.attributes:
        raise UnsupportedError("its sums are clipped, which is not read")
    given = read_names(model, node)
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
