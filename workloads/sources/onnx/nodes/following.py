"""What follows a layer in the graph and is part of it: an added constant, a normalisation, a Relu."""

from typing import NamedTuple

import numpy as np

from workloads.array_checks import float32
from workloads.sources.onnx.messages import OnnxNode
from workloads.sources.onnx.nodes.node import OnnxModel, attribute, complain, constant


class Linear(NamedTuple):
    """A layer without its input, while nodes are folded into it."""

    weight: np.ndarray  # float32 [outputs, ...]
    bias: np.ndarray | None  # float32 [outputs]
    axes_after: int = 0  # axes of the output after that of the layer's outputs: 2 of an image
    axes: int | None = None  # of the output; None: not known, as the model was not run
    relu: bool = False
    folded: tuple[OnnxNode, ...] = ()  # nodes that the layer includes

    def output(self, node: OnnxNode) -> str:
        """The tensor that the layer computes, which begins with `node`."""
        last = self.folded[-1] if self.folded else node
        return last.outputs[0] if last.outputs else ""


def fold(model: OnnxModel, node: OnnxNode, linear: Linear) -> Linear:
    """Fold in the nodes directly after the layer that read nothing else: added constants, a normalisation, a Relu."""
    last = node
    while last.outputs and not linear.relu:
        following = model.graph.only_user(last.outputs[0])
        if following is None or len(following.outputs) != 1:
            break
        if following.kind == "Add":
            changed = _add(model, last.outputs[0], following, linear)
        elif following.kind == "BatchNormalization" and node.kind != "MatMul":
            changed = _normalise(model, last.outputs[0], following, linear)
        else:
            changed = linear._replace(relu=True) if following.kind == "Relu" else None
        if changed is None:
            break
        linear, last = changed._replace(folded=(*linear.folded, following)), following
    path = model.graph.path
    weight = float32(path, f"{node.kind} {node.name}: weight after folding", linear.weight)
    bias = None if linear.bias is None else float32(path, f"{node.kind} {node.name}: folded bias", linear.bias)
    return linear._replace(weight=weight, bias=bias)


def _add(model: OnnxModel, tensor: str, node: OnnxNode, linear: Linear) -> Linear | None:
    """Fold in an added constant; None where the addend is computed or is not one number for each output."""
    other = [name for name in node.inputs if name != tensor]
    if len(other) != 1 or other[0] not in model.graph.constants:
        return None
    shape, outputs = model.graph.constants[other[0]].shape, len(linear.weight)
    if linear.axes is not None and len(shape) > linear.axes:  # the sum has more axes than the layer's output
        return None
    per_output = (1,) * (len(shape) - 1 - linear.axes_after) + (outputs,) + (1,) * linear.axes_after
    if set(shape) - {1} and shape != per_output:
        return None
    addend = constant(model, node, node.inputs.index(other[0]), "addend")
    added = np.broadcast_to(addend.reshape(-1), outputs)
    return linear._replace(bias=added if linear.bias is None else linear.bias + added)


def _normalise(model: OnnxModel, tensor: str, node: OnnxNode, linear: Linear) -> Linear | None:
    """Fold in y -> (y - mean) / sqrt(variance + epsilon) x scale + shift; None where these are not constant."""
    known = all(name in model.graph.constants for name in node.inputs[1:5])
    if node.inputs[0] != tensor or not known or attribute(model, node, "training_mode", 0):
        return None
    scale, shift, mean, variance = (
        constant(model, node, i, what, 1).astype(np.float64)
        for i, what in enumerate(("scale", "shift", "mean", "variance"), start=1)
    )
    outputs, epsilon = len(linear.weight), attribute(model, node, "epsilon", 1e-5)
    if {scale.size, shift.size, mean.size, variance.size} != {outputs} or (variance + epsilon).min() <= 0:
        complain(model, node, "it does not fit its layer", f"{outputs} positive variances, scales, shifts and means")
    factor = scale / np.sqrt(variance + epsilon)
    weight = linear.weight * factor.reshape(-1, *(1 for _ in linear.weight.shape[1:]))
    bias = np.zeros(outputs) if linear.bias is None else linear.bias.astype(np.float64)
    return linear._replace(weight=weight, bias=(bias - mean) * factor + shift)
