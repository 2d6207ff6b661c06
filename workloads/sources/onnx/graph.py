"""ONNX files -> plain nodes and constants, and the tensors between the nodes as the model runs on an input."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import numpy as np

from workloads.errors import InputError, refuse
from workloads.extras import import_extra
from workloads.yaml_files import shorten

LONGEST_REASON = 200


class Node(NamedTuple):
    """An operation of the graph."""

    kind: str  # "Conv"; of a domain that is not ONNX's own, "domain.Conv"
    name: str  # its own, or else that of its first output
    inputs: tuple[str, ...]  # "" where an optional one is left out
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]  # int, float, str, arrays, and tuples of numbers; whatever else as onnx has it


class Graph(NamedTuple):
    """What an ONNX file holds."""

    path: Path
    model: Any  # onnx.ModelProto
    nodes: tuple[Node, ...]  # in the order in which they run
    constants: Mapping[str, np.ndarray]
    sizes: Mapping[str, tuple[int, ...]]  # of tensors as declared; 0 where a size is open
    inputs: Mapping[str, int]  # what must be given, and its element type in onnx's numbering
    users: Mapping[str, tuple[Node, ...]]  # who reads a tensor
    outputs: frozenset[str]
    unread: tuple[str, ...]  # what may hold weights and is not among the above, a sentence each

    def only_user(self, tensor: str) -> Node | None:
        """The node that reads the tensor, if it is the only one and the tensor is no output of the model."""
        users = self.users.get(tensor, ())
        return users[0] if len(users) == 1 and tensor not in self.outputs else None


def load_graph(path: Path) -> Graph:
    """Read the file; InputError where it is none, is damaged, or onnx is missing."""
    onnx = import_extra("onnx", "onnx", path)
    try:
        model = onnx.load(str(path), format="protobuf")
        return _graph(onnx, path, model)
    except FileNotFoundError as error:
        what = "there is no such file" if not path.exists() else f"its external data is missing ({_reason(error)})"
        refuse(path, what, "an ONNX model")
    except InputError:
        raise
    except (
        Exception
    ) as error:  # damaged bytes raise nearly anything in protobuf, onnx and numpy, and none of it is ours
        refuse(path, f"it cannot be read ({_reason(error)})", "an ONNX model")


def run_graph(
    graph: Graph, given: Mapping[str, np.ndarray] | np.ndarray, wanted: Iterable[str]
) -> dict[str, np.ndarray]:
    """Run the model and return the wanted tensors, with their batch; constants and the model's inputs are no exception.

    given: arrays by input name, or one array for a model of one input. InputError where the model does not run on them.
    """
    runtime = import_extra("onnxruntime", "onnx", graph.path)
    fed = _match_inputs(graph, given)
    known = {**graph.constants, **fed}
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
        values = session.run(captured, fed) if captured else []
    except Exception as error:  # onnxruntime's own exceptions have no common base but this one
        needed = ", ".join(f"{name} {list(graph.sizes.get(name, ()))}" for name in graph.inputs)
        refuse(graph.path, f"it does not run on the given input ({_reason(error)})", f"{needed} (0: any size)")
    return {**known, **dict(zip(captured, values, strict=True))}


def _reason(error: Exception) -> str:
    return shorten(" ".join(str(error).split()) or type(error).__name__, LONGEST_REASON)


def _graph(onnx: Any, path: Path, model: Any) -> Graph:
    graph = model.graph
    if not graph.node:
        refuse(path, "it has no nodes", "an ONNX model")
    _check_names(path, graph)
    nodes = tuple(_node(onnx, node) for node in graph.node)
    constants = {tensor.name: _array(onnx, tensor) for tensor in graph.initializer}
    _add_computed_constants(path, nodes, constants)
    declared = [*graph.input, *graph.value_info, *graph.output]
    return Graph(
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


def _check_names(path: Path, graph: Any) -> None:
    """Damaged text reaches us as bytes from protobuf's fast decoder."""
    named = (*graph.initializer, *graph.input, *graph.output, *graph.value_info, *graph.node)
    nodes = (name for node in graph.node for name in (node.op_type, node.domain, *node.input, *node.output))
    for name in (*(one.name for one in named), *nodes):
        if not isinstance(name, str):
            refuse(path, f"it has the name {name!r}", "names in UTF-8")


def _node(onnx: Any, node: Any) -> Node:
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
    return Node(kind, name, tuple(node.input), tuple(node.output), attributes)


def _array(onnx: Any, tensor: Any) -> np.ndarray:
    array = np.asarray(onnx.numpy_helper.to_array(tensor))
    return array.astype(np.float32) if array.dtype.name == "bfloat16" else array


def _add_computed_constants(path: Path, nodes: tuple[Node, ...], constants: dict[str, np.ndarray]) -> None:
    """The values of Constant nodes, and constants that are only renamed or transposed."""
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


def _size(info: Any) -> tuple[int, ...]:
    return tuple(max(0, dimension.dim_value) for dimension in info.type.tensor_type.shape.dim)


def _users(graph: Any, nodes: tuple[Node, ...]) -> dict[str, tuple[Node, ...]]:
    users: dict[str, list[Node]] = defaultdict(list)
    for node, proto in zip(nodes, graph.node, strict=True):
        for name in {*node.inputs, *(name for inner in _inner_graphs(proto) for name in _names_read(inner))}:
            users[name].append(node)
    return {name: tuple(found) for name, found in users.items()}


def _inner_graphs(proto: Any) -> Iterator[Any]:
    for attribute in proto.attribute:
        yield from [attribute.g] if attribute.HasField("g") else []
        yield from attribute.graphs


def _names_read(graph: Any) -> Iterator[str]:
    yield from (info.name for info in graph.output)
    for node in graph.node:
        yield from node.input
        for inner in _inner_graphs(node):
            yield from _names_read(inner)


def _unread(model: Any, nodes: tuple[Node, ...]) -> Iterator[str]:
    own = {f"{function.domain}.{function.name}" for function in model.functions}
    for tensor in model.graph.sparse_initializer:
        yield f"{tensor.values.name}: sparse initializers are not read"
    for node, proto in zip(nodes, model.graph.node, strict=True):
        if node.kind in own:
            yield f"{node.kind} {node.name}: functions of the model are not read"
        if any(True for _ in _inner_graphs(proto)):
            yield f"{node.kind} {node.name}: graphs inside a node are not read"


def _match_inputs(graph: Graph, given: Mapping[str, np.ndarray] | np.ndarray) -> dict[str, np.ndarray]:
    """The inputs by name; floating point is converted to what the model declares."""
    if isinstance(given, np.ndarray):
        if len(graph.inputs) != 1:
            _refuse_inputs(graph, "one array is given")
        given = {next(iter(graph.inputs)): given}
    if set(given) != set(graph.inputs):
        _refuse_inputs(graph, f"the input is given for {', '.join(given) or 'nothing'}")
    helper = import_extra("onnx", "onnx", graph.path).helper
    matched = {}
    for name, array in given.items():
        floating = array.dtype.kind == "f" and graph.inputs[name] in (1, 10, 11)  # float, float16, double
        matched[name] = array.astype(helper.tensor_dtype_to_np_dtype(graph.inputs[name])) if floating else array
    return matched


def _refuse_inputs(graph: Graph, what: str) -> NoReturn:
    refuse(graph.path, what, f"arrays for {', '.join(graph.inputs) or 'no input'}")
