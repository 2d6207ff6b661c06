"""An ONNX model in which some recurrent nodes put out given states: what other tensors then are."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from workloads.extras import import_extra
from workloads.sources.onnx.graph import OnnxGraph
from workloads.sources.onnx.messages import replace_nodes
from workloads.sources.onnx.nodes.node import OnnxLayer
from workloads.sources.onnx.running import run_graph


def run_with_states(
    graph: OnnxGraph,
    given: Mapping[str, np.ndarray],
    layers: Sequence[OnnxLayer],
    states: Mapping[str, np.ndarray],
    wanted: Iterable[str],
) -> dict[str, np.ndarray]:
    """The wanted tensors, numbers [any shape] by name, where recurrent layers have these states.

    given: arrays by input name; layers: all directions of the nodes that are replaced; states: of each by its name,
    float [steps, cells] in the order in which it runs, a backward one from the sequence's end. The batch is a single
    sequence, and time the first axis. InputError where the model does not run, or where onnx or onnxruntime is not
    installed.
    """
    onnx = import_extra("onnx", "onnx", graph.path)
    model = type(graph.model)()
    model.CopyFrom(graph.model)
    gone = set[str]()
    for node in {one.node.outputs: one.node for one in layers}.values():
        own = [one for one in layers if one.node.outputs == node.outputs]
        each = [states[one.layer.name] for one in own]
        backward = [one.direction == 1 or node.attributes.get("direction") == "reverse" for one in own]
        ahead = [one[::-1] if reverse else one for one, reverse in zip(each, backward, strict=True)]
        made = np.stack(ahead, axis=1)[:, :, None], np.stack([one[-1] for one in each])[:, None]
        for name, array in zip(node.outputs, made, strict=False):
            if name:
                values = np.ascontiguousarray(array, np.float32)
                model.graph.initializer.append(onnx.numpy_helper.from_array(values, name))
                gone.add(name)
    replace_nodes(model.graph, [one for one in model.graph.node if not gone.intersection(one.output)])
    changed = graph._replace(model=model)
    return run_graph(changed, given, wanted)
