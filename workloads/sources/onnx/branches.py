"""ONNX models with an `If`: the branch that a run takes, in place of the node."""

from collections.abc import Iterator, Mapping

import numpy as np

from workloads.extras import import_extra
from workloads.sources.onnx.graph import OnnxGraph, Proto, make_graph, run_graph

DEEPEST = 32
"""Levels of branches inside of branches."""


def take_branches(graph: OnnxGraph, given: Mapping[str, np.ndarray]) -> tuple[OnnxGraph, tuple[str, ...]]:
    """The graph without `If` nodes, and a note for each: which branch is taken for the arrays given by input name.

    given: [shapes of the inputs], any dtype. A condition is computed by running the model. InputError where the model
    does not run, or onnx or onnxruntime is not installed.
    """
    onnx = import_extra("onnx", "onnx", graph.path)
    notes: list[str] = []
    for _ in range(DEEPEST):
        found = [node for node in graph.model.graph.node if node.op_type == "If" and not node.domain and node.input]
        if not found:
            break
        values = run_graph(graph, given, {node.input[0] for node in found})
        model = type(graph.model)()
        model.CopyFrom(graph.model)
        del model.graph.node[:]
        for node in graph.model.graph.node:
            if node not in found:
                model.graph.node.append(node)
                continue
            taken = "then_branch" if bool(values[node.input[0]].reshape(-1)[0]) else "else_branch"
            notes.append(f"If {node.name or node.output[0]}: its {taken.replace('_', ' ')} is taken on this input")
            branch = next(one.g for one in node.attribute if one.name == taken)
            _inline(onnx, model.graph, node, branch)
        graph = make_graph(graph.path, model)
    return graph, tuple(notes)


def _inline(onnx: Proto, into: Proto, node: Proto, branch: Proto) -> None:
    """Append a branch's nodes and constants under names that no other node has; its outputs are those of the node."""
    made = [*(name for one in branch.node for name in one.output), *(one.name for one in branch.initializer)]
    prefix = f"{node.name or node.output[0]}/"
    names = {name: f"{prefix}{name}" for name in made if name}
    for tensor in branch.initializer:
        into.initializer.add().CopyFrom(tensor)
        into.initializer[-1].name = names[tensor.name]
    for one in branch.node:
        changed = into.node.add()
        changed.CopyFrom(one)
        changed.name = f"{prefix}{one.name}" if one.name else ""
        _rename(changed, names)
        changed.output[:] = [names.get(name, name) for name in one.output]
    for inner, outer in zip(branch.output, node.output, strict=False):
        source = names.get(inner.name, inner.name)
        into.node.append(onnx.helper.make_node("Identity", [source], [outer]))


def _rename(node: Proto, names: Mapping[str, str]) -> None:
    """Put new names of tensors into what a node reads, also in graphs inside of it that do not make their own."""
    node.input[:] = [names.get(name, name) for name in node.input]
    for graph in _graphs(node):
        own = {name for one in graph.node for name in one.output} | {one.name for one in graph.input}
        own |= {one.name for one in graph.initializer}
        seen = {name: new for name, new in names.items() if name not in own}
        for one in graph.node:
            _rename(one, seen)
        for output in graph.output:
            output.name = seen.get(output.name, output.name)


def _graphs(node: Proto) -> Iterator[Proto]:
    for attribute in node.attribute:
        yield from [attribute.g] if attribute.HasField("g") else []
        yield from attribute.graphs
