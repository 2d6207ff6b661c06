"""Fully connected layers: as a network has them, with coded weights, and compressed as a machine reads them."""

from typing import NamedTuple

import numpy as np

from kernels_ref.fixed_point import to_float
from workloads.compression.columns import Columns
from workloads.compression.shared import SharedFullyConnected
from workloads.errors import refuse

MOST_SIDE = 1 << 24
"""Inputs or outputs of a matrix: each takes about a hundred bytes, and a packed file of zeros may claim any number."""


class FullyConnected(NamedTuple):
    """A fully connected layer with one input vector, in floating point."""

    name: str
    weight: np.ndarray  # float32 [outputs, inputs]
    bias: np.ndarray | None  # float32 [outputs]
    activation: np.ndarray | None  # float32 [inputs]; None: no input was given
    relu: bool


class CodedFullyConnected(NamedTuple):
    """A fully connected layer whose weights are codebook indices already; code 0 is a pruned weight."""

    name: str
    weight_code: np.ndarray  # uint8 [outputs, inputs]
    bias_code: np.ndarray | None  # uint8 [outputs]
    codebook: np.ndarray  # float32 [levels], level 0 is 0
    activation: np.ndarray | None  # float32 [inputs]
    relu: bool


class StoredFullyConnected(NamedTuple):
    """A fully connected layer of a compressed network, whose codes stay as they are."""

    name: str
    shared: SharedFullyConnected
    activation: np.ndarray | None  # float32 [inputs]


def matrix_of(layer: FullyConnected | CodedFullyConnected) -> np.ndarray:
    """The weights, float32 [outputs, inputs], or their codes, uint8 of the same shape."""
    return layer.weight if isinstance(layer, FullyConnected) else layer.weight_code


def shape_of(layer: FullyConnected | CodedFullyConnected | StoredFullyConnected) -> tuple[int, int]:
    """Outputs and inputs."""
    if isinstance(layer, StoredFullyConnected):
        return layer.shared.outputs, layer.shared.inputs
    outputs, inputs = matrix_of(layer).shape
    return outputs, inputs


class CompressedFullyConnected(NamedTuple):
    """A pruned, shared and fixed-point layer with its input: all that decides its output to the last bit.

    Column j < inputs holds the weights of input j; where `has_bias`, one more column holds the bias, and its
    activation is 1.0. `shift` takes a product of weight and activation to the format of the output.
    """

    name: str
    inputs: int
    outputs: int
    columns: Columns
    codebook: np.ndarray  # int16 [levels], level 0 is 0
    activation: np.ndarray  # int16 [inputs + has_bias]
    has_bias: bool
    relu: bool
    weight_fraction_bits: int
    activation_fraction_bits: int
    shift: int
    notes: tuple[str, ...] = ()  # what fixed point took away
    initial: np.ndarray | None = None  # int16 [outputs], what sums begin with: the bias, where it is no column

    @property
    def output_fraction_bits(self) -> int:
        """Fraction bits of the output's words."""
        return self.weight_fraction_bits + self.activation_fraction_bits - self.shift

    @property
    def weight_density(self) -> float:
        """Stored weights (bias apart) over inputs x outputs."""
        return int(self.columns.start[self.inputs]) / (self.inputs * self.outputs)

    @property
    def activation_density(self) -> float:
        """Non-zero activations over inputs."""
        return int(np.count_nonzero(self.activation[: self.inputs])) / self.inputs

    @property
    def dense_operations(self) -> int:
        """Operations of the same layer without any skipping: a multiply and an add per weight."""
        return 2 * self.inputs * self.outputs

    def output_value(self, output: np.ndarray) -> np.ndarray:
        """Output words, int16 [any shape] -> numbers, float64 of that shape."""
        return to_float(output, self.output_fraction_bits)


def check_sides(name: str, inputs: int, outputs: int) -> None:
    """InputError where a matrix has more than `MOST_SIDE` inputs or outputs."""
    if max(inputs, outputs) > MOST_SIDE:
        refuse(name, f"it has {inputs:,} inputs and {outputs:,} outputs", f"at most {MOST_SIDE:,} of each")
