"""ONNX files -> plain nodes and constants, and the tensors between nodes when the model runs on an input."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from workloads.document_types import Fields
from workloads.errors import InputError, refuse
from workloads.extras import import_extra
from workloads.yaml_files import shorten

LONGEST_REASON = 200
"""Characters of a library's error that our message shows."""
Proto = Any
"""A module or a message of onnx, an optional library without types."""


class OnnxNode(NamedTuple):
    """An operation of an ONNX graph."""

    kind: str  # "Conv", or "domain.Conv" where the domain is not ONNX's
    name: str  # the node's name, or that of its first output where it has none
    inputs: tuple[str, ...]  # names of tensors; "" where an optional one is left out
    outputs: tuple[str, ...]  # names of tensors
    attributes: Fields  # int, float, str, arrays, tuples of numbers; anything else as onnx holds it


class OnnxGraph(NamedTuple):
    """The contents of an ONNX file."""

    path: Path
    model: Proto
    nodes: tuple[OnnxNode, ...]  # in the order in which they run
    constants: Mapping[str, np.ndarray]  # [any shape], any dtype, by the tensor's name
    sizes: Mapping[str, tuple[int, ...]]  # declared shapes of tensors; 0 where a size is open
    inputs: Mapping[str, int]  # tensors that a user must give -> element type in onnx's numbering
    users: Mapping[str, tuple[OnnxNode, ...]]  # the nodes that read a tensor
    outputs: frozenset[str]
    unread: tuple[str, ...]  # a sentence for each part that may hold weights and is not read

    def only_user(self, tensor: str) -> OnnxNode | None:
        """Return the only node that reads the tensor; None where there are others or the tensor is a model output."""
        users = self.users.get(tensor, ())
        return users[0] if len(users) == 1 and tensor not in self.outputs else None


def load_graph(path: Path) -> OnnxGraph:
    """Read an ONNX file; InputError where it is missing or damaged, or onnx is not installed."""
    onnx = import_extra("onnx", "onnx", path)
    try:
        model = onnx.load(str(path), format="protobuf")
        if model.functions:
            model = import_extra("onnx.inliner", "onnx", path).inline_local_functions(model)
        return _graph(onnx, path, model)
    except FileNotFoundError as error:
        what = "there is no such file" if not path.exists() else f"its external data is missing ({_reason(error)})"
        refuse(path, what, "an ONNX model")
    except InputError:
        raise
    except Exception as error:  # damaged bytes raise nearly any exception in protobuf, onnx and numpy
        refuse(path, f"it cannot be read ({_reason(error)})", "an ONNX model")


def run_graph(graph: OnnxGraph, given: Mapping[str, np.ndarray], wanted: Iterable[str]) -> dict[str, np.ndarray]:
    """Run the model and return the wanted tensors by name, arrays [batch, ...] of the model's dtypes (mostly float32).

    given: arrays by input name, of the declared dtypes. Constants and the model's inputs may be wanted too. InputError
    where the model does not run on the input, or onnx or onnxruntime is not installed.
    """
    runtime = import_extra("onnxruntime", "onnx", graph.path)
    known = {**graph.constants, **given}
    captured = sorted({name for name in wanted if name not in known})
    model = type(graph.model)()
    model.CopyFrom(graph.model)
    for name in captured:
        if name not in graph.outputs:
            model.graph.output.add(name=name)
    options = runtime.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = runtime.GraphOptimizationLevel.ORT_DISABLE_ALL
    try:
        content, here = model.SerializeToString(), ["CPUExecutionProvider"]
        session = runtime.InferenceSession(content, options, providers=here, enable_fallback=False)  # it would print
        values = session.run(captured, dict(given)) if captured else []
    except Exception as error:  # the exceptions of onnxruntime have no other common base
        needed = ", ".join(f"{name} {list(graph.sizes.get(name, ()))}" for name in graph.inputs)
        refuse(graph.path, f"it does not run on the given input ({_reason(error)})", f"{needed} (0: any size)")
    return {**known, **dict(zip(captured, values, strict=True))}


def _reason(error: Exception) -> str:
    """The text of a library's error in one line, or its type where it has none."""
    return shorten(" ".join(str(error).split()) or type(error).__name__, LONGEST_REASON)


def make_graph(path: Path, model: Proto) -> OnnxGraph:
    """The graph of a loaded model. InputError where it is damaged, or onnx is not installed."""
    return _graph(import_extra("onnx", "onnx", path), path, model)


def _graph(onnx: Proto, path: Path, model: Proto) -> OnnxGraph:
    """The graph of a loaded model."""
    graph = model.graph
    if not graph.node:
        refuse(path, "it has no nodes", "an ONNX model")
    _check_names(path, graph)
    nodes = tuple(_node(onnx, node) for node in graph.node)
    constants = {tensor.name: _array(onnx, tensor) for tensor in graph.initializer}
    _add_computed_constants(path, nodes, constants)
    declared = [*graph.input, *graph.value_info, *graph.output]
    return OnnxGraph(
        path=path,
        model=model,
        nodes=nodes,
        constants=constants,
        sizes={info.name: _size(info) for info in declared},
        inputs={info.name: info.type.tensor_type.elem_type for info in graph.input if info.name not in constants},
        users=_users(graph, nodes),
        outputs=frozenset(info.name for info in graph.output),
        unread=tuple(_unread(model, nodes)),
    )


def _check_names(path: Path, graph: Proto) -> None:
    """Check that all names are text; protobuf's fast decoder gives bytes where text is damaged."""
    named = (*graph.initializer, *graph.input, *graph.output, *graph.value_info, *graph.node)
    nodes = (name for node in graph.node for name in (node.op_type, node.domain, *node.input, *node.output))
    for name in (*(one.name for one in named), *nodes):
        if not isinstance(name, str):
            refuse(path, f"it has the name {name!r}", "names in UTF-8")


def _node(onnx: Proto, node: Proto) -> OnnxNode:
    """A node with its attributes as plain values."""
    kind = node.op_type if node.domain in ("", "ai.onnx") else f"{node.domain}.{node.op_type}"
    attributes = {}
    for attribute in node.attribute:
        value = onnx.helper.get_attribute_value(attribute)
        if isinstance(value, bytes):
            value = value.decode("utf-8", "replace")
        elif isinstance(value, onnx.TensorProto):
            value = _array(onnx, value)
        elif attribute.ints or attribute.floats or attribute.strings:
            value = tuple(value)
        attributes[attribute.name] = value
    name = node.name or (node.output[0] if node.output else "")
    return OnnxNode(kind, name, tuple(node.input), tuple(node.output), attributes)


def _array(onnx: Proto, tensor: Proto) -> np.ndarray:
    """A tensor as an array of its shape and dtype; bfloat16 becomes float32."""
    array = np.asarray(onnx.numpy_helper.to_array(tensor))
    return array.astype(np.float32) if array.dtype.name == "bfloat16" else array


def _add_computed_constants(path: Path, nodes: tuple[OnnxNode, ...], constants: dict[str, np.ndarray]) -> None:
    """Add the values of Constant nodes, and constants that are only renamed or transposed."""
    for node in nodes:
        source = constants.get(node.inputs[0]) if node.inputs else None
        value: np.ndarray | None = None
        if node.kind == "Constant":
            given = next(iter(node.attributes.values()), None)
            value = np.asarray(given) if isinstance(given, int | float | tuple | np.ndarray) else None
        elif node.kind == "Identity":
            value = source
        elif node.kind == "Transpose" and source is not None:
            axes = node.attributes.get("perm", tuple(reversed(range(source.ndim))))
            if not isinstance(axes, tuple) or sorted(axes) != list(range(source.ndim)):
                refuse(path, f"Transpose {node.name}: perm is {axes}", f"an order of {source.ndim} axes")
            value = source.transpose(axes)
        if value is not None and node.outputs:
            constants[node.outputs[0]] = value


def _size(info: Proto) -> tuple[int, ...]:
    """The declared shape of a tensor, 0 where a size is open."""
    return tuple(max(0, dimension.dim_value) for dimension in info.type.tensor_type.shape.dim)


def _users(graph: Proto, nodes: tuple[OnnxNode, ...]) -> dict[str, tuple[OnnxNode, ...]]:
    """The nodes that read each tensor, also from graphs inside of them."""
    users: dict[str, list[OnnxNode]] = defaultdict(list)
    for node, proto in zip(nodes, graph.node, strict=True):
        for name in {*node.inputs, *(name for inner in _inner_graphs(proto) for name in _names_read(inner))}:
            users[name].append(node)
    return {name: tuple(found) for name, found in users.items()}


def _inner_graphs(proto: Proto) -> Iterator[Proto]:
    """The graphs in a node's attributes, such as the body of a loop."""
    for attribute in proto.attribute:
        yield from [attribute.g] if attribute.HasField("g") else []
        yield from attribute.graphs


def _names_read(graph: Proto) -> Iterator[str]:
    """The tensors that a graph inside of a node reads or returns."""
    yield from (info.name for info in graph.output)
    for node in graph.node:
        yield from node.input
        for inner in _inner_graphs(node):
            yield from _names_read(inner)


def _unread(model: Proto, nodes: tuple[OnnxNode, ...]) -> Iterator[str]:
    """A sentence for each part that may hold weights and is not read."""
    local = {f"{function.domain}.{function.name}" for function in model.functions}
    for tensor in model.graph.sparse_initializer:
        yield f"{tensor.values.name}: sparse initializers are not read"
    for node, proto in zip(nodes, model.graph.node, strict=True):
        if node.kind in local:
            yield f"{node.kind} {node.name}: functions of the model are not read"
        if any(True for _ in _inner_graphs(proto)):
            yield f"{node.kind} {node.name}: graphs inside a node are not read"


def dtype_of(graph: OnnxGraph, name: str) -> np.dtype:
    """The dtype that a model declares for an input. InputError where onnx is not installed."""
    found: np.dtype = import_extra("onnx", "onnx", graph.path).helper.tensor_dtype_to_np_dtype(graph.inputs[name])
    return found
