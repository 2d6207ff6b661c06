"""Quantised operations -> operations in floating point that compute the same, so that layers and weights are found.

QLinearConv, QLinearMatMul, ConvInteger and MatMulInteger of ONNX become a Conv or MatMul between conversions; `Quant`
and `BipolarQuant` of qonnx become arithmetic. A node of a form that is not known here stays as it is.
"""

from collections.abc import Callable, Sequence

import numpy as np

from workloads.sources.onnx.messages import Proto, replace_nodes

QONNX = ("qonnx.custom_op.general", "finn.custom_op.general", "onnx.brevitas")
"""Domains that `Quant` has had."""
FLOAT, INT32 = 1, 6
"""Element types in onnx's numbering."""


class Builder:
    """Nodes and constants that replace one node; the names of their tensors begin with that of its output."""

    def __init__(self, onnx: Proto, node: Proto, known: dict[str, Proto]) -> None:
        self._onnx = onnx
        self.node = node
        self.nodes: list[Proto] = []
        self.constants: list[Proto] = []
        self._known = known  # constant tensors by name

    def attribute(self, name: str, default: int | str) -> int | str:
        """An attribute of the replaced node: of the default's type, or the default."""
        found = [one for one in self.node.attribute if one.name == name]
        value = self._onnx.helper.get_attribute_value(found[0]) if found else default
        value = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
        return value if isinstance(value, int | str) else default

    def input(self, index: int) -> str:
        """The name of an input, "" where it is left out."""
        return self.node.input[index] if index < len(self.node.input) else ""

    def single(self, *indices: int) -> bool:
        """Whether none of these inputs is a constant of several elements; computed ones are numbers."""
        return all(max(self._known[name].dims, default=1) <= 1 for name in self._names(indices))

    def column(self, index: int) -> str:
        """The name of a new constant: the shape of numbers for each row of a constant input; "" where it is none."""
        if not self._names((index,)):
            return ""
        dimensions = len(self._known[self.input(index)].dims)
        return self.constant([-1, *(1 for _ in range(1, dimensions))], np.int64)

    def is_one(self, index: int) -> bool:
        """Whether an input is the constant 1."""
        return any(
            np.array_equal(self._onnx.numpy_helper.to_array(self._known[name]).ravel(), [1])
            for name in self._names((index,))
        )

    def _names(self, indices: Sequence[int]) -> list[str]:
        """Those of these inputs that are constants."""
        return [name for name in map(self.input, indices) if name in self._known]

    def constant(self, value: object, dtype: type) -> str:
        """The name of a new constant."""
        name = f"{self.node.output[0]}:constant{len(self.constants)}"
        self.constants.append(self._onnx.numpy_helper.from_array(np.array(value, dtype), name))
        return name

    def add(self, kind: str, *inputs: str, output: str = "", **attributes: object) -> str:
        """Add a node; the name of its output, a new one where none is given."""
        made = output or f"{self.node.output[0]}:{kind.lower()}{len(self.nodes)}"
        self.nodes.append(self._onnx.helper.make_node(kind, inputs, [made], **attributes))
        return made

    def layer(self, kind: str, *inputs: str, output: str = "") -> str:
        """Add the layer itself, with the replaced node's name and attributes; the name of its output."""
        made = self.add(kind, *inputs, output=output, name=self.node.name or self.node.output[0])
        self.nodes[-1].attribute.extend(self.node.attribute)
        return made

    def dequantise(self, value: str, scale: str, zero: str, column: str = "") -> str:
        """(value - zero) x scale in floating point; column: a constant shape that scale and zero are brought to."""
        found = self.number(value)
        if zero:
            moved = self.number(zero)
            found = self.add("Sub", found, self.add("Reshape", moved, column) if column else moved)
        if scale:
            factor = self.number(scale)
            found = self.add("Mul", found, self.add("Reshape", factor, column) if column else factor)
        return found

    def number(self, value: str) -> str:
        """A tensor in float32."""
        return self.add("Cast", value, to=FLOAT)


def expand_quantised(onnx: Proto, graph: Proto) -> dict[str, str]:
    """Replace the quantised nodes of a graph in place; the kinds of those that were layers, by name."""
    known = {tensor.name: tensor for tensor in graph.initializer}
    made = [node for node in graph.node if node.op_type == "Constant" and node.output]
    known |= {node.output[0]: one.t for node in made for one in node.attribute if one.HasField("t")}
    nodes, layers = [], dict[str, str]()
    for node in graph.node:
        builder = Builder(onnx, node, known)
        expand = EXPANSIONS.get((node.domain, node.op_type))
        if expand is None or not node.output or not node.output[0] or not expand(builder):
            nodes.append(node)
            continue
        nodes += builder.nodes
        graph.initializer.extend(builder.constants)
        if node.domain == "":
            layers[node.name or node.output[0]] = node.op_type
    if len(nodes) != len(graph.node) or layers:
        replace_nodes(graph, nodes)
    return layers


def _qlinear_conv(builder: Builder) -> bool:
    """X, its scale and zero, W, its scales and zeros, the output's scale and zero, a bias in X's scale x W's."""
    if len(builder.node.input) < 8 or not builder.single(1, 2, 6, 7):
        return False
    x, x_scale, x_zero, w, w_scale, w_zero, y_scale, y_zero = builder.node.input[:8]
    column = builder.column(3)
    if not column:
        return False
    inputs = [builder.dequantise(x, x_scale, x_zero), builder.dequantise(w, w_scale, w_zero, column)]
    if builder.input(8):
        scale = builder.add("Mul", builder.number(x_scale), builder.number(w_scale))
        inputs.append(builder.add("Mul", builder.number(builder.input(8)), scale))
    result = builder.layer("Conv", *inputs)
    builder.add("QuantizeLinear", result, builder.number(y_scale), y_zero, output=builder.node.output[0])
    return True


def _qlinear_matmul(builder: Builder) -> bool:
    """A, its scale and zero, B, its scales and zeros (of columns), the output's scale and zero."""
    if len(builder.node.input) < 8 or not builder.single(1, 2, 6, 7):
        return False
    a, a_scale, a_zero, b, b_scale, b_zero, y_scale, y_zero = builder.node.input[:8]
    factors = builder.dequantise(a, a_scale, a_zero), builder.dequantise(b, b_scale, b_zero)
    result = builder.layer("MatMul", *factors)
    builder.add("QuantizeLinear", result, builder.number(y_scale), y_zero, output=builder.node.output[0])
    return True


def _conv_integer(builder: Builder) -> bool:
    """X, W and their zeros; the output is a sum of integers."""
    column = builder.column(1)
    if not column or not builder.single(2):
        return False
    x = builder.dequantise(builder.input(0), "", builder.input(2))
    w = builder.dequantise(builder.input(1), "", builder.input(3), column)
    builder.add("Cast", builder.layer("Conv", x, w), to=INT32, output=builder.node.output[0])
    return True


def _matmul_integer(builder: Builder) -> bool:
    """A, B and their zeros, B's of columns; the output is a sum of integers."""
    if len(builder.node.input) < 2 or not builder.single(2):
        return False
    a = builder.dequantise(builder.input(0), "", builder.input(2))
    b = builder.dequantise(builder.input(1), "", builder.input(3))
    builder.add("Cast", builder.layer("MatMul", a, b), to=INT32, output=builder.node.output[0])
    return True


def _quant(builder: Builder) -> bool:
    """X, scale, zero, bits: round(clip(X / scale + zero)), minus the zero, times the scale.

    Source: docs/qonnx-custom-ops/quant_op.md of github.com/fastmachinelearning/qonnx.
    """
    mode = str(builder.attribute("rounding_mode", "ROUND")).upper()
    if len(builder.node.input) != 4 or mode not in ROUNDING:
        return False
    x, scale, zero, bits = builder.node.input
    signed, narrow = bool(builder.attribute("signed", 1)), bool(builder.attribute("narrow", 0))
    if signed and builder.is_one(3):  # qonnx takes one bit with a sign for two levels
        return False
    one, two = builder.constant(1, np.float32), builder.constant(2, np.float32)
    width = builder.number(bits)
    levels = builder.add("Pow", two, builder.add("Sub", width, one) if signed else width)
    highest = builder.add("Sub", levels, two if narrow and not signed else one)
    lowest = builder.constant(0, np.float32)
    if signed:
        lowest = builder.add("Neg", highest if narrow else levels)
    value = builder.add("Add", builder.add("Div", x, scale), zero)
    clipped = builder.add("Max", builder.add("Min", value, highest), lowest)
    rounded = ROUNDING[mode](builder, clipped)
    builder.add("Mul", builder.add("Sub", rounded, zero), scale, output=builder.node.output[0])
    return True


def _bipolar(builder: Builder) -> bool:
    """X and a scale: the scale where X is 0 or more, else its negative."""
    if len(builder.node.input) != 2:
        return False
    x, scale = builder.node.input
    negative = builder.add("Cast", builder.add("Less", x, builder.constant(0, np.float32)), to=FLOAT)
    twice = builder.add("Mul", builder.constant(2, np.float32), negative)
    sign = builder.add("Sub", builder.constant(1, np.float32), twice)
    builder.add("Mul", sign, scale, output=builder.node.output[0])
    return True


def _away(kind: str, offset: float) -> Callable[[Builder, str], str]:
    """Rounding of the magnitude by `kind`, after an offset is added."""

    def rounded(builder: Builder, value: str) -> str:
        moved = builder.add("Add", builder.add("Abs", value), builder.constant(offset, np.float32))
        return builder.add("Mul", builder.add("Sign", value), builder.add(kind, moved))

    return rounded


ROUNDING: dict[str, Callable[[Builder, str], str]] = {
    "ROUND": lambda builder, value: builder.add("Round", value),
    "HALF_EVEN": lambda builder, value: builder.add("Round", value),
    "CEIL": lambda builder, value: builder.add("Ceil", value),
    "FLOOR": lambda builder, value: builder.add("Floor", value),
    "UP": _away("Ceil", 0.0),
    "DOWN": _away("Floor", 0.0),
    "HALF_UP": _away("Floor", 0.5),
    "HALF_DOWN": _away("Ceil", -0.5),
}
EXPANSIONS: dict[tuple[str, str], Callable[[Builder], bool]] = {
    ("", "QLinearConv"): _qlinear_conv,
    ("", "QLinearMatMul"): _qlinear_matmul,
    ("", "ConvInteger"): _conv_integer,
    ("", "MatMulInteger"): _matmul_integer,
    **{(domain, kind): _quant for domain in QONNX for kind in ("Quant", "IntQuant")},
    **{(domain, "BipolarQuant"): _bipolar for domain in QONNX},
}
