"""Messages of the ONNX format -> nodes and arrays as plain values."""

from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from workloads.document_types import Fields
from workloads.errors import refuse

Proto = Any
"""A module or a message of onnx, an optional library without types."""
MOST_ELEMENTS = 1 << 28
"""Of a tensor that a file describes in fewer bytes than it takes: sparse, drawn, padded or dilated."""

MOST_NODES = 1_000_000
"""Of a model whose functions are written out where they are called."""


class OnnxNode(NamedTuple):
    """An operation of an ONNX graph."""

    kind: str  # "Conv", or "domain.Conv" where the domain is not ONNX's
    name: str  # the node's name, or that of its first output where it has none
    inputs: tuple[str, ...]  # names of tensors; "" where an optional one is left out
    outputs: tuple[str, ...]  # names of tensors
    attributes: Fields  # int, float, str, arrays, tuples of numbers; anything else as onnx holds it


def check_names(path: Path, graph: Proto) -> None:
    """Check that all names are text, and that each tensor is made once. InputError else.

    Protobuf's fast decoder gives bytes where text is damaged.
    """
    named = (*graph.initializer, *graph.input, *graph.output, *graph.value_info, *graph.node)
    nodes = (name for node in graph.node for name in (node.op_type, node.domain, *node.input, *node.output))
    for name in (*(one.name for one in named), *nodes):
        if not isinstance(name, str):
            refuse(path, f"it has the name {name!r}", "names in UTF-8")
    given = {tensor.name for tensor in graph.initializer} | {info.name for info in graph.input}
    if len({tensor.name for tensor in graph.initializer}) != len(graph.initializer):
        refuse(path, "two of its constants have the same name", "a name for each tensor")
    for node in graph.node:
        for name in filter(None, node.output):
            if name in given:
                refuse(path, f"the tensor {name!r:.60} is made more than once", "a name for each tensor")
            given.add(name)


def check_calls(path: Path, model: Proto) -> None:
    """Check the size of a model whose functions are written out. InputError where it is too large or endless."""
    functions = {(one.domain, one.name): one for one in model.functions}
    sizes: dict[tuple[str, str], int] = {}

    def size(nodes: Iterable[Proto]) -> int:
        return sum(1 + sizes.get((node.domain, node.op_type), 0) for node in nodes)

    for name in _callees_first(path, functions):
        sizes[name] = size(_all_nodes(functions[name].node))
    total = size(_all_nodes(model.graph.node))
    if total > MOST_NODES:
        refuse(path, f"its functions make {total:,} nodes of it", f"at most {MOST_NODES:,}")


def _callees_first(path: Path, functions: Mapping[tuple[str, str], Proto]) -> list[tuple[str, str]]:
    """The functions' names, each after those that it calls. InputError where one calls itself."""
    calls = {
        name: {(node.domain, node.op_type) for node in _all_nodes(one.node)} & functions.keys()
        for name, one in functions.items()
    }
    try:
        return list(TopologicalSorter(calls).static_order())
    except CycleError:
        refuse(path, "one of its functions calls itself", "functions that end")


def _all_nodes(nodes: Iterable[Proto]) -> Iterator[Proto]:
    """Nodes, with those of graphs inside of them."""
    for node in nodes:
        yield node
        for inner in inner_graphs(node):
            yield from _all_nodes(inner.node)


def read_node(onnx: Proto, node: Proto) -> OnnxNode:
    """A node with its attributes as plain values."""
    kind = node.op_type if node.domain in ("", "ai.onnx") else f"{node.domain}.{node.op_type}"
    attributes = {}
    for attribute in node.attribute:
        value = onnx.helper.get_attribute_value(attribute)
        if isinstance(value, bytes):
            value = value.decode("utf-8", "replace")
        elif isinstance(value, onnx.TensorProto):
            value = read_array(onnx, value)
        elif isinstance(value, onnx.SparseTensorProto):
            value = read_sparse(onnx, value)
        elif attribute.ints or attribute.floats or attribute.strings:
            value = tuple(value)
        attributes[attribute.name] = value
    name = node.name or next(filter(None, node.output), "")
    return OnnxNode(kind, name, tuple(node.input), tuple(node.output), attributes)


def read_array(onnx: Proto, tensor: Proto) -> np.ndarray:
    """A tensor as an array, [any shape]; bfloat16, float8 and integers of 4 bits have the dtypes of ml_dtypes."""
    return np.asarray(onnx.numpy_helper.to_array(tensor))


def read_sparse(onnx: Proto, tensor: Proto) -> np.ndarray:
    """A sparse tensor as an array with its zeros, numbers [any shape]. ValueError where it is damaged or too large."""
    values, indices = read_array(onnx, tensor.values).reshape(-1), read_array(onnx, tensor.indices)
    shape = tuple(tensor.dims)
    size = int(np.prod(np.array(shape, object)))
    if min(shape, default=1) < 0 or size > MOST_ELEMENTS:
        raise ValueError(f"a sparse tensor of shape {list(shape)}; at most 2**28 elements are read")
    if indices.ndim == 2:
        indices = np.ravel_multi_index(tuple(indices.T), shape)
    if indices.shape != values.shape or (values.size and not 0 <= indices.min() <= indices.max() < size):
        raise ValueError(
            f"a sparse tensor with {values.size} values and indices {list(indices.shape)} out of its shape"
        )
    dense = np.zeros(size, values.dtype)
    dense[indices] = values
    return dense.reshape(shape)


def replace_nodes(graph: Proto, nodes: Iterable[Proto]) -> None:
    """Give a graph these nodes, its own ones too."""
    kept = [type(node).FromString(node.SerializeToString()) for node in nodes]
    del graph.node[:]
    graph.node.extend(kept)


def inner_graphs(proto: Proto) -> Iterator[Proto]:
    """The graphs in a node's attributes, such as the body of a loop."""
    for attribute in proto.attribute:
        yield from [attribute.g] if attribute.HasField("g") else []
        yield from attribute.graphs


def tensors_read(node: Proto) -> Iterator[str]:
    """The tensors that a node reads, also those that graphs inside of it read or return."""
    yield from filter(None, node.input)
    for inner in inner_graphs(node):
        yield from (info.name for info in inner.output)
        for one in inner.node:
            yield from tensors_read(one)
