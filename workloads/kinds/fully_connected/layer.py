"""Fully connected layers: as a network has them, with coded weights, and compressed as a machine reads them."""

from typing import NamedTuple

import numpy as np

from kernels_ref.fixed_point import to_float
from workloads.compression.columns import Columns
from workloads.compression.shared import CODEBOOK, SharedFullyConnected
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


class WordScales(NamedTuple):
    """The scales of a layer's blocks as integers, and how a product becomes a sum's word.

    A weight is `codebook[code] * significand[place]`; its product with an activation is shifted right by `shift[place]`
    (to the left where it is negative), with the place (group[column], row % pes, row // pes // rows).
    """

    significand: np.ndarray  # int32 [column groups, pes, row groups]
    shift: np.ndarray  # int16, the same shape, -14 .. 62
    group: np.ndarray  # int32 [columns]: the group that a column is in
    rows: int  # of the rows of a PE that share a scale
    across: int  # PEs along whose outputs blocks lie; 0: they lie along the inputs
    bits: int  # of a stored scale
    sum_fraction_bits: int  # of sums, before the tensor's scale
    multiplier: int  # of sums on the way out, over 2**15: the significand of the tensor's scale; 0: it has none
    exponent: int  # of the tensor's scale, multiplier / 2**15 * 2**exponent

    @property
    def output_fraction_bits(self) -> int:
        """Fraction bits of the output's words."""
        return self.sum_fraction_bits - self.exponent


class CompressedFullyConnected(NamedTuple):
    """A pruned, shared and fixed-point layer with its input: all that decides its output to the last bit.

    Column j < inputs holds the weights of input j; where `has_bias`, one more column holds the bias, and its
    activation is 1.0. `shift` takes a product of weight and activation to the format of the output.
    """

    name: str
    inputs: int
    outputs: int
    columns: Columns
    codebook: np.ndarray  # int16 [levels], level 0 is 0; with scales int32 [levels], what elements are worth
    activation: np.ndarray  # int16 [inputs + has_bias]
    has_bias: bool
    relu: bool
    weight_fraction_bits: int
    activation_fraction_bits: int
    shift: int
    notes: tuple[str, ...] = ()  # what fixed point took away
    initial: np.ndarray | None = None  # int16 [outputs], what sums begin with: the bias, where it is no column
    scales: WordScales | None = None  # of blocks; then `shift` is not used
    form: str = CODEBOOK  # the number format of the weights
    weight_error: float | None = None  # |w' - w| / |w| of the weights that were kept; None: they came as codes
    stored_bits: int | None = None  # of the weights' codes, and of what these share; None: not known

    @property
    def output_fraction_bits(self) -> int:
        """Fraction bits of the output's words."""
        if self.scales is not None:
            return self.scales.output_fraction_bits
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

    def weights(self) -> np.ndarray:
        """The weights that are computed with, float64 [outputs, inputs + has_bias]: with the bias' column, exactly."""
        start, row, code = self.columns
        column = np.repeat(np.arange(start.size - 1), np.diff(start))
        value = to_float(self.codebook, self.weight_fraction_bits)[code]
        if self.scales is not None:
            value *= _scale_values(self, row, column)
        dense = np.zeros((self.outputs, start.size - 1))
        dense[row, column] = value
        return dense

    def biases(self) -> np.ndarray | None:
        """The biases that are computed with, float64 [outputs]; None: there are none."""
        if self.initial is not None:
            if self.scales is None:
                return to_float(self.initial, self.output_fraction_bits)
            return to_float(self.initial, self.scales.sum_fraction_bits) * _tensor_scale(self.scales)
        if not self.has_bias:
            return None
        found: np.ndarray = self.weights()[:, self.inputs] * to_float(
            self.activation[-1:], self.activation_fraction_bits
        )
        return found

    def output_value(self, output: np.ndarray) -> np.ndarray:
        """Output words, int16 [any shape] -> numbers, float64 of that shape."""
        return to_float(output, self.output_fraction_bits)


def _scale_values(layer: CompressedFullyConnected, row: np.ndarray, column: np.ndarray) -> np.ndarray:
    """The scales of weights at rows and columns, integers [n] each, the tensor's included: float64 [n]."""
    scales = layer.scales
    assert scales is not None
    pes = scales.significand.shape[1]
    place = scales.group[column], row % pes, row // pes // scales.rows
    bits = layer.weight_fraction_bits + layer.activation_fraction_bits - scales.sum_fraction_bits
    return np.ldexp(scales.significand[place].astype(np.float64), bits - scales.shift[place]) * _tensor_scale(scales)


def _tensor_scale(scales: WordScales) -> float:
    """The scale of the tensor as the machine has it."""
    return 2.0**scales.exponent * (scales.multiplier / (1 << 15) if scales.multiplier else 1.0)


def check_sides(name: str, inputs: int, outputs: int) -> None:
    """InputError where a matrix has more than `MOST_SIDE` inputs or outputs."""
    if max(inputs, outputs) > MOST_SIDE:
        refuse(name, f"it has {inputs:,} inputs and {outputs:,} outputs", f"at most {MOST_SIDE:,} of each")
