"""Which tensor of an ONNX model a layer puts out, and which part of it."""

import numpy as np

from workloads.sources.onnx.nodes.node import OnnxLayer

STATES_DIMENSIONS = 4
"""Of the states of an LSTM after all steps, in all directions; those after the last step have one less."""


def tensor_of(one: OnnxLayer) -> str:
    """The tensor that a layer puts out, of an LSTM whose states are not read the last ones; "" where nothing is."""
    return next(filter(None, (one.output, *one.node.outputs)), "")


def own_part(one: OnnxLayer, tensor: np.ndarray) -> np.ndarray:
    """What a layer puts out of its tensor, numbers [any shape]: of an LSTM's only its own direction."""
    if one.direction is None:
        return tensor
    states, batch_first = tensor.ndim == STATES_DIMENSIONS, bool(one.node.attributes.get("layout"))
    return np.take(tensor, one.direction, axis=int(states) + int(batch_first))
