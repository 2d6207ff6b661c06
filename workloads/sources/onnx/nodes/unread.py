"""Nodes with weights that are no layer here: a sentence for each kind, with its sizes."""

import numpy as np

from workloads.sources.onnx.messages import OnnxNode
from workloads.sources.onnx.nodes.node import FoundLayers, OnnxModel, UnsupportedError, has_input

WITHOUT_WEIGHTS = frozenset(
    [
        "Constant",
        "ConstantOfShape",
        "DequantizeLinear",
        "Identity",
        "Pad",
        "QuantizeLinear",
        "Resize",
        "Transpose",
        "Upsample",
        "DynamicQuantizeLinear",
    ]
)
"""Kinds of nodes whose constants are not weights: scales, fill values, or weights that another node reads."""
NARROW = frozenset({"int8", "uint8", "int4", "uint4", "int2", "uint2"})
"""Integers that weights are kept in."""


def recurrent(model: OnnxModel, node: OnnxNode) -> FoundLayers:
    """UnsupportedError with the sizes of an RNN."""
    weight = model.graph.constants.get(node.inputs[1]) if has_input(node, 1) else None
    hidden = model.graph.constants.get(node.inputs[2]) if has_input(node, 2) else None
    if weight is None or hidden is None or weight.ndim != 3 or hidden.ndim != 3:
        raise UnsupportedError("its weights are computed; no machine runs it")
    directions = f"{len(weight)} direction{'s' if len(weight) > 1 else ''}"
    raise UnsupportedError(f"{weight.shape[2]} inputs, {hidden.shape[2]} cells, {directions}; no machine runs it")


def no_layer(model: OnnxModel, node: OnnxNode) -> FoundLayers:
    """No layer; UnsupportedError where an input is a constant array of floats or bytes, which are taken for weights."""
    for place, name in enumerate(() if node.kind in WITHOUT_WEIGHTS else node.inputs):
        array = model.graph.constants.get(name)
        if array is None or array.size == 1 or not _may_be_weights(array):
            continue
        if node.kind in ("Gather", "GatherElements", "GatherND") and place == 0:
            raise UnsupportedError(f"it looks up a table {list(array.shape)}, and has no layer of weights")
        raise UnsupportedError(f"it has weights {list(array.shape)}, and its kind is not read")
    return ()


def _may_be_weights(array: np.ndarray) -> bool:
    """Whether an array holds floating point or integers of a byte or less; dtypes of ml_dtypes have the kind V."""
    return array.dtype.kind in "fV" or array.dtype.name in NARROW
