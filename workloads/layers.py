"""The layer kinds: as a network has them, and compressed as a machine reads them."""

import math
from typing import Any, NamedTuple

import numpy as np

from kernels_ref.fixed_point import to_float


class FullyConnected(NamedTuple):
    """A fully connected layer with one input vector, in floating point."""

    name: str
    weight: np.ndarray  # float32 [outputs, inputs]
    bias: np.ndarray | None  # float32 [outputs]
    activation: np.ndarray | None  # float32 [inputs]; None: no input was given
    relu: bool


class Convolution(NamedTuple):
    """A convolution with one input image, in floating point."""

    name: str
    weight: np.ndarray  # float32 [outputs, inputs / groups, height, width]
    bias: np.ndarray | None  # float32 [outputs]
    activation: np.ndarray | None  # float32 [inputs, height, width]; None: no input was given
    relu: bool
    stride: tuple[int, int]  # down, right
    padding: tuple[int, int, int, int]  # top, left, bottom, right; of zeros
    groups: int


class Lstm(NamedTuple):
    """An LSTM layer and its input sequences, in floating point; gates in the order input, output, forget, cell.

    Peepholes show the old cell to the input and the forget gate, and the new one to the output gate. A projection
    makes fewer outputs of the cells; without one, every cell is an output.
    """

    name: str
    weight_input: np.ndarray  # float32 [4, cells, inputs]
    weight_hidden: np.ndarray  # float32 [4, cells, outputs]
    bias: np.ndarray | None  # float32 [4, cells]: the sum where a format has two
    activation: np.ndarray | None  # float32 [steps, inputs] or [voices, steps, inputs]; None: no input was given
    peephole: np.ndarray | None = None  # float32 [3, cells]: of the input, the output and the forget gate
    projection: np.ndarray | None = None  # float32 [outputs, cells]
    cell_gate: str = "tanh"  # or "sigmoid": what the cell gate's sum goes through


class Network(NamedTuple):
    """The layers of a network that have weights, in the order in which they run."""

    name: str
    layers: tuple[FullyConnected | Convolution | Lstm, ...]
    skipped: tuple[str, ...]  # what was found and is not among the layers, a sentence each


class CodedFullyConnected(NamedTuple):
    """A fully connected layer whose weights are codebook indices already; code 0 is a pruned weight."""

    name: str
    weight_code: np.ndarray  # uint8 [outputs, inputs]
    bias_code: np.ndarray | None  # uint8 [outputs]
    codebook: np.ndarray  # float32 [levels], level 0 is 0
    activation: np.ndarray | None  # float32 [inputs]
    relu: bool


class Columns(NamedTuple):
    """A sparse matrix by columns: entries `start[j] .. start[j + 1]` are column j's, by ascending row."""

    start: np.ndarray  # int64 [columns + 1]
    row: np.ndarray  # uint32 [stored]
    code: np.ndarray  # [stored]: uint8, 1 .. levels - 1 of a codebook; or int16, words of a linear format other than 0


class SharedFullyConnected(NamedTuple):
    """The weights of a fully connected layer after pruning and sharing: what is stored, with no input yet."""

    name: str
    inputs: int
    outputs: int
    columns: Columns  # of the inputs
    codebook: np.ndarray  # float32 [levels], level 0 is 0
    bias: np.ndarray | None  # float32 [outputs], as given; a machine takes the nearest levels
    bias_code: np.ndarray | None  # uint8 [outputs], those levels
    relu: bool

    @property
    def density(self) -> float:
        """Stored weights over inputs x outputs."""
        return self.columns.row.size / (self.inputs * self.outputs)


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
        """Output words -> float64."""
        return to_float(output, self.output_fraction_bits)

    def measures(self, output: np.ndarray) -> dict[str, float]:  # noqa: ARG002
        """Nothing beside what every layer tells."""
        return {}


class CompressedConvolution(NamedTuple):
    """A pruned, fixed-point convolution with its input: all that decides its output to the last bit.

    `shift` takes each product, rounded, to the format of the output before it is added; sums and bias are kept modulo
    2**24 and saturate to 16 bits at the end (see `kernels_ref.convolution`).
    """

    name: str
    weight: np.ndarray  # int16 [outputs, inputs / groups, height, width], 0 where pruned
    bias: np.ndarray | None  # int32 [outputs], in the format of the output
    activation: np.ndarray  # int16 [inputs, height, width]
    relu: bool
    stride: tuple[int, int]  # down, right
    padding: tuple[int, int, int, int]  # top, left, bottom, right; of zeros
    groups: int
    weight_fraction_bits: int
    activation_fraction_bits: int
    shift: int
    notes: tuple[str, ...] = ()  # what fixed point took away

    @property
    def inputs(self) -> int:
        """Input channels."""
        return self.activation.shape[0]

    @property
    def outputs(self) -> int:
        """Output channels."""
        return self.weight.shape[0]

    @property
    def output_plane(self) -> tuple[int, int]:
        """Height and width of the output."""
        top, left, bottom, right = self.padding
        (_, high, wide), (_, _, tall, broad) = self.activation.shape, self.weight.shape
        down, across = self.stride
        return (high + top + bottom - tall) // down + 1, (wide + left + right - broad) // across + 1

    @property
    def output_fraction_bits(self) -> int:
        """Fraction bits of the output's words."""
        return self.weight_fraction_bits + self.activation_fraction_bits - self.shift

    @property
    def weight_density(self) -> float:
        """Non-zero weights over all."""
        return int(np.count_nonzero(self.weight)) / self.weight.size

    @property
    def activation_density(self) -> float:
        """Non-zero activations over all, padding apart."""
        return int(np.count_nonzero(self.activation)) / self.activation.size

    @property
    def dense_operations(self) -> int:
        """Operations of the same layer without any skipping: a multiply and an add per weight and output place."""
        return 2 * self.weight.size * math.prod(self.output_plane)

    def output_value(self, output: np.ndarray) -> np.ndarray:
        """Output words -> float64."""
        return to_float(output, self.output_fraction_bits)

    def measures(self, output: np.ndarray) -> dict[str, float]:  # noqa: ARG002
        """Nothing beside what every layer tells."""
        return {}


class Workload(NamedTuple):
    """A compressed layer and where it comes from."""

    name: str
    source: str  # a zoo file or a path
    seed: int | None  # None: nothing was drawn
    layer: Any  # a compressed layer of one of the kinds above
