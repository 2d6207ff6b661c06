"""The order in which the nodes of a graph run, whatever their order in the file."""

from pathlib import Path

from workloads.errors import refuse
from workloads.sources.onnx.messages import Proto, replace_nodes, tensors_read


def sort_nodes(path: Path, graph: Proto) -> None:
    """Sort the nodes of a graph in place: each after those whose outputs it reads; InputError where there is a cycle.

    The order depends on the graph only: depth first from its outputs, then from nodes that nobody reads, by name.
    """
    nodes = list(graph.node)
    makers = {name: index for index, node in enumerate(nodes) for name in node.output if name}
    needed = [list(dict.fromkeys(makers[n] for n in tensors_read(node) if n in makers)) for node in nodes]
    read = {index for found in needed for index in found}
    ends = [makers[info.name] for info in graph.output if info.name in makers]
    unread = [index for index in range(len(nodes)) if index not in read]
    ends += sorted(unread, key=lambda index: (list(nodes[index].output), nodes[index].SerializeToString()))
    order = _depth_first(needed, ends)
    place = {index: k for k, index in enumerate(order)}
    for index, node in enumerate(nodes):
        if any(place.get(before, index) >= place.get(index, -1) for before in needed[index]):
            refuse(path, f"{node.op_type} {node.name or node.output[:1]} is part of a cycle", "a graph without cycles")
    if order != list(range(len(nodes))):
        replace_nodes(graph, (nodes[index] for index in order))


def _depth_first(needed: list[list[int]], ends: list[int]) -> list[int]:
    """What the ends need, each before what needs it, unless there is a cycle."""
    seen, order = set[int](), list[int]()
    for end in ends:
        waiting = [] if end in seen else [(end, iter(needed[end]))]
        seen.add(end)
        while waiting:
            index, rest = waiting[-1]
            following = next((one for one in rest if one not in seen), None)
            if following is None:
                order.append(index)
                waiting.pop()
            else:
                seen.add(following)
                waiting.append((following, iter(needed[following])))
    return order
