"""What the stages of a layer compute with, and what becomes of their sums, a number after the other."""

from typing import NamedTuple, Protocol

import numpy as np

from simulator.machines.tensor.layout.streams import Role, Stage
from simulator.machines.tensor.model.attention_numbers import finite, power
from workloads.kinds.experts.layer import CompressedExperts
from workloads.kinds.matrix_product.layer import CompressedProduct
from workloads.kinds.matrix_product.operand import Numbers, Operand, encode, numbers_of, rows_of

LARGEST = np.finfo(np.float32).max
LOG2_E = np.float32(np.log2(np.e))


class Operands(NamedTuple):
    """Of a stage."""

    activation: Numbers
    weight: Numbers
    factor: np.float32  # of sums: the scales of both tensors


class LayerNumbers(Protocol):
    """The numbers of a layer of any kind."""

    output: np.ndarray  # float32 [tokens, outputs]

    def operands(self, stage: Stage) -> Operands:
        """What a stage multiplies, when the one before has ended."""

    def put(self, stage: Stage, token: int, output: int, value: np.float32) -> None:
        """Take a sum of a stage that leaves the array."""


def numbers_for(layer: CompressedProduct | CompressedExperts) -> LayerNumbers:
    """The numbers of a layer."""
    return ExpertNumbers(layer) if isinstance(layer, CompressedExperts) else ProductNumbers(layer)


class ProductNumbers:
    """A matrix product: a bias and ReLU on the way out."""

    def __init__(self, layer: CompressedProduct):
        self.layer, self.output = layer, np.zeros((layer.tokens, layer.outputs), np.float32)

    def operands(self, stage: Stage) -> Operands:  # noqa: ARG002 - there is one
        """Activations and weights."""
        activation, weight = self.layer.activation, self.layer.weight
        return Operands(numbers_of(activation), numbers_of(weight), _factor(activation, weight))

    def put(self, stage: Stage, token: int, output: int, value: np.float32) -> None:  # noqa: ARG002
        """An output."""
        if self.layer.bias is not None:
            value = value + self.layer.bias[output]
        self.output[token, output] = max(value, np.float32(0)) if self.layer.relu else value


class ExpertNumbers:
    """Experts: what is between their matrices, and outputs that are added up, none beyond the largest of FP32."""

    def __init__(self, layer: CompressedExperts):
        self.layer, self.output = layer, np.zeros((layer.tokens, layer.inputs), np.float32)
        self.tokens = [layer.tokens_of(expert) for expert in layer.numbers.tolist()]
        self.shares = [layer.shares_of(expert) for expert in layer.numbers.tolist()]
        self.gate, self.hidden = (
            [np.zeros((len(mine), layer.width), np.float32) for mine in self.tokens] for _ in range(2)
        )

    def operands(self, stage: Stage) -> Operands:
        """The tokens of an expert, or what its matrices before gave, encoded as a tensor of its own; and a matrix."""
        expert = self.layer.weights[stage.expert]
        if stage.role is Role.SHARE:
            activation, weight = encode(self.layer.activation.form, self.hidden[stage.expert]), expert.down
            return Operands(numbers_of(activation), numbers_of(weight), _factor(activation, weight))
        weight = expert.gate if stage.role is Role.GATE and expert.gate is not None else expert.up
        mine = rows_of(numbers_of(self.layer.activation), self.tokens[stage.expert])
        return Operands(mine, numbers_of(weight), _factor(self.layer.activation, weight))

    def put(self, stage: Stage, token: int, output: int, value: np.float32) -> None:
        """A sum of one of the matrices; token: of those of the expert."""
        value, e = finite(value), stage.expert
        if stage.role is Role.GATE:
            self.gate[e][token, output] = value
        elif stage.role is Role.SQUARED:
            self.hidden[e][token, output] = _squared(value)
        elif stage.role is Role.GATED:
            self.hidden[e][token, output] = finite(_silu(self.gate[e][token, output]) * value)
        else:
            place = self.tokens[e][token], output
            self.output[place] = finite(self.output[place] + finite(value * self.shares[e][token]))


def _factor(activation: Operand, weight: Operand) -> np.float32:
    with np.errstate(over="ignore", under="ignore"):
        return min(np.float32(activation.tensor_scale) * np.float32(weight.tensor_scale), LARGEST)


def _squared(value: np.float32) -> np.float32:
    """max(value, 0)**2."""
    kept = max(value, np.float32(0))
    return finite(kept * kept)


def _silu(value: np.float32) -> np.float32:
    """The number over 1 + e**-value, with a power of at most 1."""
    small = power(-finite(abs(value) * LOG2_E))
    return (value if value >= 0 else value * small) / (np.float32(1) + small)
