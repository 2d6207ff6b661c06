"""ONNX models with an `If`: the branch that a run takes, in place of the node."""

from collections.abc import Mapping

import numpy as np

from workloads.errors import refuse
from workloads.extras import import_extra
from workloads.sources.onnx.graph import OnnxGraph, make_graph
from workloads.sources.onnx.messages import Proto, inner_graphs
from workloads.sources.onnx.running import run_graph

DEEPEST = 32
"""Levels of branches inside of branches."""


def take_branches(graph: OnnxGraph, given: Mapping[str, np.ndarray]) -> tuple[OnnxGraph, tuple[str, ...]]:
    """The graph without `If` nodes, and a note for each: which branch is taken for the arrays given by input name.

    given: numbers [shapes of the inputs]. A condition is computed by running the model. InputError where the model
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
            taken = "then_branch" if values[node.input[0]].any() else "else_branch"
            name = node.name or "".join(node.output[:1])
            branch = next((one.g for one in node.attribute if one.name == taken), None)
            if branch is None or len(branch.output) != len(node.output):
                refuse(graph.path, f"If {name} has no {taken} that gives its outputs", "a branch that does")
            notes.append(f"If {name}: its {taken.replace('_', ' ')} is taken on this input")
            _inline(onnx, model.graph, node, branch)
        changed = make_graph(graph.path, model)
        graph = changed._replace(expanded={**graph.expanded, **changed.expanded})
    return graph, tuple(notes)


def _inline(onnx: Proto, into: Proto, node: Proto, branch: Proto) -> None:
    """Append a branch's nodes and constants under names that no other node has; its outputs are those of the node."""
    made = [*(name for one in branch.node for name in one.output), *(one.name for one in branch.initializer)]
    made += [one.values.name for one in branch.sparse_initializer]
    prefix = f"{node.name or ''.join(node.output[:1])}/"
    names = {name: f"{prefix}{name}" for name in made if name}
    for tensor in branch.initializer:
        into.initializer.add().CopyFrom(tensor)
        into.initializer[-1].name = names[tensor.name]
    for sparse in branch.sparse_initializer:
        into.sparse_initializer.add().CopyFrom(sparse)
        into.sparse_initializer[-1].values.name = names[sparse.values.name]
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
    for graph in inner_graphs(node):
        own = {name for one in graph.node for name in one.output} | {one.name for one in graph.input}
        own |= {one.name for one in graph.initializer} | {one.values.name for one in graph.sparse_initializer}
        seen = {name: new for name, new in names.items() if name not in own}
        for one in graph.node:
            _rename(one, seen)
        for output in graph.output:
            output.name = seen.get(output.name, output.name)
