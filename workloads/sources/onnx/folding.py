"""Constants that a graph computes of constants: evaluated once, so that layers find their weights."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from workloads.sources.onnx.messages import OnnxNode, Proto

FOLDED = frozenset(
    [
        "Abs",
        "Add",
        "And",
        "Cast",
        "CastLike",
        "Ceil",
        "Clip",
        "Concat",
        "Constant",
        "ConstantOfShape",
        "Cos",
        "DequantizeLinear",
        "Div",
        "Equal",
        "Erf",
        "Exp",
        "Expand",
        "EyeLike",
        "Flatten",
        "Floor",
        "Gather",
        "GatherElements",
        "Greater",
        "GreaterOrEqual",
        "Identity",
        "Less",
        "LessOrEqual",
        "Log",
        "MatMul",
        "Max",
        "Mean",
        "Min",
        "Mod",
        "Mul",
        "Neg",
        "Not",
        "OneHot",
        "Or",
        "Pad",
        "Pow",
        "QuantizeLinear",
        "Range",
        "Reciprocal",
        "ReduceL1",
        "ReduceL2",
        "ReduceMax",
        "ReduceMean",
        "ReduceMin",
        "ReduceProd",
        "ReduceSum",
        "ReduceSumSquare",
        "Relu",
        "Reshape",
        "Round",
        "Shape",
        "Sigmoid",
        "Sign",
        "Sin",
        "Size",
        "Slice",
        "Softmax",
        "Split",
        "Sqrt",
        "Squeeze",
        "Sub",
        "Sum",
        "Tanh",
        "Tile",
        "Transpose",
        "Trilu",
        "Unsqueeze",
        "Where",
        "Xor",
    ]
)
"""Kinds of nodes that are evaluated: fast on large arrays, without graphs inside, and drawing nothing at random."""
LEAST_ROOM = 1 << 23
"""Elements that may be computed in all; where the file has more, 4 for each that it has."""
SHAPE_ELEMENTS = 4096
"""A constant of at most this size may be a shape, whose values decide the size of a result."""
SOFTMAX_OPSET = 13
"""Before, it was over all axes from the given one on, which onnx does not evaluate."""
QUANTISED_OPSET = 21
"""Version of the operators in which onnx evaluates quantisation; it includes the older ones."""


class Folding:
    """Evaluation of nodes with constant inputs, of a limited number of elements, so that a small file stays small."""

    def __init__(self, onnx: Proto, model: Proto, constants: Mapping[str, np.ndarray]) -> None:
        self._onnx = onnx
        self._opset = max((one.version for one in model.opset_import if one.domain in ("", "ai.onnx")), default=1)
        self._room = max(LEAST_ROOM, 4 * sum(array.size for array in constants.values()))

    def fold(self, node: OnnxNode, proto: Proto, constants: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The outputs of a node by name; none where they are not computed from constants, or cannot be here.

        constants: numbers [any shape] by name; the outputs likewise.
        """
        needed = list(filter(None, node.inputs))
        if node.kind == "Softmax" and self._opset < SOFTMAX_OPSET:
            return {}
        if node.kind not in FOLDED or not all(name in constants for name in needed) or not all(node.outputs):
            return {}
        try:
            with np.errstate(all="ignore"):
                found = self._evaluate(node, proto, {name: constants[name] for name in needed})
        except Exception:  # onnx raises nearly any exception where a node is damaged; it stays as it is
            return {}
        self._room -= sum(array.size for array in found.values())
        return found

    def _evaluate(self, node: OnnxNode, proto: Proto, given: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        if node.kind == "Constant":
            return {node.outputs[0]: _given_value(node)}
        if node.kind == "Identity":
            return {node.outputs[0]: given[node.inputs[0]]}
        model = self._model(node, proto, given)
        if not self._fits(self._onnx.shape_inference.infer_shapes(model, data_prop=True).graph.output):
            return {}
        values = self._onnx.reference.ReferenceEvaluator(model).run(None, given)
        return {name: np.asarray(value) for name, value in zip(node.outputs, values, strict=True)}

    def _model(self, node: OnnxNode, proto: Proto, given: dict[str, np.ndarray]) -> Proto:
        """A model of the node alone; constants that may decide the size of its result are in it."""
        helper, opset = self._onnx.helper, self._opset
        if node.kind in ("QuantizeLinear", "DequantizeLinear"):
            opset = max(opset, QUANTISED_OPSET)
        dtypes = {name: helper.np_dtype_to_tensor_dtype(array.dtype) for name, array in given.items()}
        inputs = [helper.make_tensor_value_info(name, dtypes[name], array.shape) for name, array in given.items()]
        small = {name: array for name, array in given.items() if array.size <= SHAPE_ELEMENTS}
        known = [self._onnx.numpy_helper.from_array(array, name) for name, array in small.items()]
        outputs = [self._onnx.ValueInfoProto(name=name) for name in node.outputs]
        graph = helper.make_graph([proto], "node", inputs, outputs, known)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])

    def _fits(self, outputs: Proto) -> bool:
        """Whether the sizes of the results are known, and there is room for them."""
        total = 0
        for info in outputs:
            kind = info.type.tensor_type
            sizes = [one.dim_value if one.HasField("dim_value") else -1 for one in kind.shape.dim]
            if not kind.HasField("shape") or min(sizes, default=0) < 0:
                return False
            total += int(np.prod(np.array(sizes, object)))
        return total <= self._room


def _given_value(node: OnnxNode) -> np.ndarray:
    """The value of a Constant node. TypeError where it is no number or array."""
    value: Any = next(iter(node.attributes.values()), None)
    if not isinstance(value, int | float | tuple | np.ndarray):
        raise TypeError(f"a constant of {type(value).__name__}")
    if isinstance(value, float) or (isinstance(value, tuple) and value and isinstance(value[0], float)):
        return np.asarray(value, np.float32)
    return np.asarray(value)
