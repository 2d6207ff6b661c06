"""What the readers of all kinds of ONNX nodes share: a node's constants and attributes, checked."""

from collections.abc import Mapping
from typing import NamedTuple, NoReturn, TypeVar

import numpy as np

from workloads.array_checks import float32
from workloads.errors import refuse
from workloads.kinds.convolution.layer import Convolution
from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.kinds.lstm.layer import Lstm
from workloads.sources.onnx.graph import Graph, Node

Attribute = TypeVar("Attribute", int, float, str, tuple[int, ...])
LARGEST = 65535
"""No stride or padding is larger; a damaged file's may be."""


class UnsupportedError(Exception):
    """Why a node with weights is no layer of ours: the rest of a sentence that begins with the node."""


class Model(NamedTuple):
    """The graph and, where an input was given, the tensors that its layers read."""

    graph: Graph
    tensors: Mapping[str, np.ndarray]


class Found(NamedTuple):
    """Layers made of a node and of the nodes directly after it."""

    layers: tuple[FullyConnected | Convolution | Lstm, ...] = ()
    folded: tuple[Node, ...] = ()
    notes: tuple[str, ...] = ()  # what of the node is not in the layers; like UnsupportedError's sentence


def has_input(node: Node, index: int) -> bool:
    """Whether an optional input is given."""
    return len(node.inputs) > index and node.inputs[index] != ""


def constant(model: Model, node: Node, index: int, what: str, dimensions: int | None = None) -> np.ndarray:
    """An input of the node as float32, finite and not empty; UnsupportedError if the model computes it."""
    if not has_input(node, index):
        complain(model, node, f"it has no {what}", f"at least {index + 1} inputs")
    array = model.graph.constants.get(node.inputs[index])
    if array is None:
        raise UnsupportedError(f"its {what} is computed, and only constants are read")
    array = float32(model.graph.path, f"{node.kind} {node.name}: {what}", array)
    if dimensions not in (None, array.ndim):
        complain(model, node, f"its {what} has shape {list(array.shape)}", f"{dimensions} dimensions")
    return array


def captured(model: Model, node: Node) -> np.ndarray | None:
    """The node's first input as float32, where the model was given an input."""
    if not has_input(node, 0):
        complain(model, node, "it has no input", "one")
    array = model.tensors.get(node.inputs[0])
    return None if array is None else float32(model.graph.path, f"{node.kind} {node.name}: its input", array)


def attribute(model: Model, node: Node, key: str, default: Attribute) -> Attribute:
    """The attribute, or the default where it is not given."""
    value = node.attributes.get(key, default)
    if type(value) is not type(default) or (isinstance(value, float) and not np.isfinite(value)):
        complain(model, node, f"{key} is {value!r}", f"a value like {default!r}")
    return value


def sizes(model: Model, node: Node, key: str, default: tuple[int, ...], least: int) -> tuple[int, ...]:
    """An attribute of as many integers as the default has, each from `least`."""
    values = attribute(model, node, key, default)
    if len(values) != len(default) or not all(least <= value <= LARGEST for value in values):
        complain(model, node, f"{key} is {list(values)}", f"{len(default)} integers from {least} to {LARGEST}")
    return values


def complain(model: Model, node: Node, what: str, expected: str) -> NoReturn:
    """Raise the sentence about a node that cannot be right."""
    refuse(model.graph.path, f"{node.kind} {node.name}: {what}", expected)
