"""Access to the constants and attributes of an ONNX node, with checks, for the readers of all kinds of nodes."""

from collections.abc import Mapping
from typing import NamedTuple, NoReturn, TypeVar

import numpy as np

from workloads.array_checks import float32
from workloads.errors import refuse
from workloads.kinds.convolution.layer import Convolution
from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.kinds.gru.layer import Gru
from workloads.kinds.lstm.layer import Lstm
from workloads.sources.onnx.graph import OnnxGraph
from workloads.sources.onnx.messages import OnnxNode

Attribute = TypeVar("Attribute", int, float, str, tuple[int, ...])
LARGEST = 65535
"""The largest stride or padding that is read; a damaged file may hold any."""


class UnsupportedError(Exception):
    """Why a node with weights cannot be read as a layer: the rest of a sentence that begins with the node."""


class OnnxModel(NamedTuple):
    """A graph and the tensors that its layers read; there are no tensors where the model was given no input."""

    graph: OnnxGraph
    tensors: Mapping[str, np.ndarray]  # [batch, ...] of any dtype, by name


class OnnxLayer(NamedTuple):
    """A layer and where it is in the graph: it computes `output` from the node's input."""

    layer: FullyConnected | Convolution | Lstm | Gru
    node: OnnxNode
    weight: str  # the tensor that holds the weights in the node's own layout: given, or computed of constants
    bias: str | None  # the tensor of the node's own bias
    output: str  # the tensor that the layer computes: the node's, or that of the last node that is folded in
    folded: tuple[OnnxNode, ...] = ()  # the nodes after it that the layer includes
    notes: tuple[str, ...] = ()  # what it leaves out or assumes; worded like UnsupportedError
    direction: int | None = None  # its place among the directions of its LSTM or GRU; None: it is none
    axes_after: int = 0  # of a fully connected layer: axes of its output after that of the outputs


FoundLayers = tuple[OnnxLayer, ...]
"""The layers of a node: none where it has no weights, several where an LSTM or a GRU has several directions."""


def first_of(count: int, several: str) -> tuple[str, ...]:
    """A note that only the first of several inputs is run; none where there is one. several: what there is, in words.

    >>> first_of(5, "its batch has 5 images")
    ('its batch has 5 images, and the first one is run: cycles and energy are of one',)
    """
    return () if count <= 1 else (f"{several}, and the first one is run: cycles and energy are of one",)


def has_input(node: OnnxNode, index: int) -> bool:
    """Return whether the node has an input at `index`."""
    return len(node.inputs) > index and node.inputs[index] != ""


def constant(model: OnnxModel, node: OnnxNode, index: int, what: str, dimensions: int | None = None) -> np.ndarray:
    """Return a constant input of the node, finite float32 [any shape].

    dimensions: how many it must have, None for any number; what: its name in messages. UnsupportedError where the model
    computes the input. InputError where there is no such input, or its values or dimensions are wrong.
    """
    if not has_input(node, index):
        complain(model, node, f"it has no {what}", f"at least {index + 1} inputs")
    array = model.graph.constants.get(node.inputs[index])
    if array is None:
        made = "an input of the model" if node.inputs[index] in model.graph.inputs else "computed"
        raise UnsupportedError(f"its {what} is {made}, and only constants are read")
    array = _as_float(array)
    if array.dtype.kind != "f":
        raise UnsupportedError(f"its {what} has dtype {array.dtype}, and only floating point is read")
    array = float32(model.graph.path, f"{node.kind} {node.name}: {what}", array)
    if dimensions not in (None, array.ndim):
        complain(model, node, f"its {what} has shape {list(array.shape)}", f"{dimensions} dimensions")
    return array


def captured(model: OnnxModel, node: OnnxNode) -> np.ndarray | None:
    """Return the node's first input, finite float32 [batch, ...]; None where the model was not run.

    InputError where the node has no input, or where its values are not finite floating point.
    """
    if not has_input(node, 0):
        complain(model, node, "it has no input", "one")
    return captured_input(model, node, 0, "input")


def captured_input(model: OnnxModel, node: OnnxNode, index: int, what: str) -> np.ndarray | None:
    """Return one of the node's inputs, finite float32 [any shape]; None where the model was not run, or it is no array.

    what: its name in messages. InputError where its values are not finite floating point.
    """
    array = model.tensors.get(node.inputs[index])
    if array is None or array.ndim == 0:
        return None
    return float32(model.graph.path, f"{node.kind} {node.name}: its {what}", _as_float(array))


def _as_float(array: np.ndarray) -> np.ndarray:
    """The array, [any shape]; bfloat16 and float8, which numpy does not know, as float32."""
    return array.astype(np.float32) if array.dtype.name.startswith(("bfloat", "float8", "float6", "float4")) else array


def attribute(model: OnnxModel, node: OnnxNode, key: str, default: Attribute) -> Attribute:
    """Return an attribute, or the default where it is not given.

    InputError where its type is not that of the default, or where it is not finite.
    """
    value = node.attributes.get(key, default)
    if type(value) is not type(default) or (isinstance(value, float) and not np.isfinite(value)):
        complain(model, node, f"{key} is {value!r}", f"a value like {default!r}")
    return value


def sizes(model: OnnxModel, node: OnnxNode, key: str, default: tuple[int, ...], least: int) -> tuple[int, ...]:
    """Return an attribute of integers from `least` to `LARGEST`, as many as the default has.

    InputError where the attribute is anything else.
    """
    values = attribute(model, node, key, default)
    if len(values) != len(default) or not all(least <= value <= LARGEST for value in values):
        complain(model, node, f"{key} is {list(values)}", f"{len(default)} integers from {least} to {LARGEST}")
    return values


def complain(model: OnnxModel, node: OnnxNode, what: str, expected: str) -> NoReturn:
    """Raise the InputError about a node that is not valid."""
    refuse(model.graph.path, f"{node.kind} {node.name}: {what}", expected)
