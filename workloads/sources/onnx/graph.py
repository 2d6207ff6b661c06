"""ONNX files -> plain nodes and constants: sorted, functions and quantised operations expanded, constants folded."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from workloads.errors import InputError, refuse
from workloads.extras import import_extra
from workloads.regular_files import check_regular
from workloads.sources.onnx.folding import Folding
from workloads.sources.onnx.messages import (
    OnnxNode,
    Proto,
    check_calls,
    check_names,
    inner_graphs,
    read_array,
    read_node,
    read_sparse,
    tensors_read,
)
from workloads.sources.onnx.order import sort_nodes
from workloads.sources.onnx.quantised import expand_quantised
from workloads.yaml_files import shorten

LONGEST_REASON = 200
"""Characters of a library's error that our message shows."""


class OnnxGraph(NamedTuple):
    """The contents of an ONNX file."""

    path: Path
    model: Proto  # its nodes are `nodes`
    nodes: tuple[OnnxNode, ...]  # in the order in which they run
    constants: Mapping[str, np.ndarray]  # [any shape], any dtype, by the tensor's name: given, or computed of these
    sizes: Mapping[str, tuple[int, ...]]  # declared shapes of tensors; 0 where a size is open
    inputs: Mapping[str, int]  # tensors that a user must give -> element type in onnx's numbering, 0: no tensor
    users: Mapping[str, tuple[OnnxNode, ...]]  # the nodes that read a tensor
    outputs: frozenset[str]
    unread: tuple[str, ...]  # a sentence for each part that may hold weights and is not read
    expanded: Mapping[str, str]  # nodes that replace another one, by name -> its kind

    def only_user(self, tensor: str) -> OnnxNode | None:
        """Return the only node that reads the tensor; None where there are others or the tensor is a model output."""
        users = self.users.get(tensor, ())
        return users[0] if len(users) == 1 and tensor not in self.outputs else None


def load_graph(path: Path) -> OnnxGraph:
    """Read an ONNX file; InputError where it is missing or damaged, or onnx is not installed."""
    onnx = import_extra("onnx", "onnx", path)
    check_regular(path, "an ONNX model")
    try:
        model = onnx.load(str(path), format="protobuf")
    except FileNotFoundError as error:
        refuse(path, f"its external data is missing ({reason(error)})", "an ONNX model")
    except Exception as error:  # damaged bytes raise nearly any exception in protobuf and onnx
        refuse(path, f"it cannot be read ({reason(error)})", "an ONNX model")
    return make_graph(path, model)


def make_graph(path: Path, model: Proto) -> OnnxGraph:
    """The graph of a loaded model, which is changed. InputError where it is damaged, or onnx is not installed."""
    onnx = import_extra("onnx", "onnx", path)
    for part in ("inliner", "reference", "shape_inference"):
        import_extra(f"onnx.{part}", "onnx", path)
    try:
        return _graph(onnx, path, model)
    except InputError:
        raise
    except Exception as error:  # damaged values raise nearly any exception in protobuf, onnx and numpy
        refuse(path, f"it cannot be read ({reason(error)})", "an ONNX model")


def reason(error: object) -> str:
    """The text of an error of a library in one line, or its type where it has none."""
    return shorten(" ".join(str(error).split()) or type(error).__name__, LONGEST_REASON)


def _graph(onnx: Proto, path: Path, model: Proto) -> OnnxGraph:
    """The graph of a model; onnx raises any exception where it is damaged."""
    if not model.graph.node:
        refuse(path, "it has no nodes", "an ONNX model")
    check_names(path, model.graph)
    if model.functions:
        check_calls(path, model)
        model = onnx.inliner.inline_local_functions(model)
    expanded = expand_quantised(onnx, model.graph)
    sort_nodes(path, model.graph)
    graph = model.graph
    nodes = tuple(read_node(onnx, node) for node in graph.node)
    constants = {tensor.name: read_array(onnx, tensor) for tensor in graph.initializer}
    constants |= {tensor.values.name: read_sparse(onnx, tensor) for tensor in graph.sparse_initializer}
    declared = [*graph.input, *graph.value_info, *graph.output]
    given = {info.name: info.type.tensor_type.elem_type for info in graph.input if info.name not in constants}
    folding = Folding(onnx, model, constants)
    for node, proto in zip(nodes, graph.node, strict=True):
        constants |= folding.fold(node, proto, constants)
    return OnnxGraph(
        path=path,
        model=model,
        nodes=nodes,
        constants=constants,
        sizes={info.name: _size(info) for info in declared},
        inputs=given,
        users=_users(graph, nodes),
        outputs=frozenset(info.name for info in graph.output),
        unread=tuple(_unread(graph, nodes)),
        expanded=expanded,
    )


def _size(info: Proto) -> tuple[int, ...]:
    """The declared shape of a tensor, 0 where a size is open."""
    return tuple(max(0, dimension.dim_value) for dimension in info.type.tensor_type.shape.dim)


def _users(graph: Proto, nodes: tuple[OnnxNode, ...]) -> dict[str, tuple[OnnxNode, ...]]:
    """The nodes that read each tensor, also from graphs inside of them."""
    users: dict[str, list[OnnxNode]] = defaultdict(list)
    for node, proto in zip(nodes, graph.node, strict=True):
        for name in set(tensors_read(proto)):
            users[name].append(node)
    return {name: tuple(found) for name, found in users.items()}


def _unread(graph: Proto, nodes: tuple[OnnxNode, ...]) -> Iterator[str]:
    """A sentence for each part that may hold weights and is not read."""
    for node, proto in zip(nodes, graph.node, strict=True):
        if any(True for _ in inner_graphs(proto)):
            yield f"{node.kind} {node.name}: graphs inside a node are not read"


def dtype_of(graph: OnnxGraph, name: str) -> np.dtype:
    """The dtype that a model declares for an input. InputError where it is no tensor, or onnx is not installed."""
    helper = import_extra("onnx", "onnx", graph.path).helper
    try:
        found: np.dtype = helper.tensor_dtype_to_np_dtype(graph.inputs[name])
    except Exception:  # a KeyError, or another one in other versions
        found = np.dtype(object)
    if found.hasobject:
        refuse(graph.path, f"its input {name} is no tensor of numbers", "a model whose inputs are")
    return found
