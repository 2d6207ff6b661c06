"""LSTM layers: as a network has them, and compressed as a machine reads them."""

from typing import NamedTuple

import numpy as np

from kernels_ref.fixed_point import to_float
from workloads.compression.columns import Columns


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


class LstmStack(NamedTuple):
    """LSTM layers one above the other, in floating point: the lowest has the input, the others none."""

    name: str
    layers: tuple[Lstm, ...]  # the lowest first
    reverse: bool = False  # the sequences run through them from their end


class SparseMatrix(NamedTuple):
    """One matrix of an LSTM, pruned and in linear fixed point."""

    name: str  # as in ESE: W, the gate (i, o, f, c, or y for the projection), the input (x, r, or m)
    outputs: int
    inputs: int
    columns: Columns  # of the inputs; the codes are the words, int16, never 0
    fraction_bits: int
    shift: int  # takes a sum of products to the format of its result; negative: to the left


class CompressedLstmLayer(NamedTuple):
    """A pruned, fixed-point LSTM layer: all that decides its output to the last bit, but for the input.

    Gates have the order input, output, forget, cell. The points of the tables are spaced evenly over all 16-bit
    arguments, from the lowest on; what they give has 15 fraction bits.
    """

    name: str
    inputs: int
    cells: int
    outputs: int
    matrices: dict[str, SparseMatrix]  # by name: Wix Wox Wfx Wcx Wir Wor Wfr Wcr, and Wym where there is a projection
    bias: np.ndarray  # int16 [4, cells], in the formats of the sums
    peephole: np.ndarray | None  # int16 [3, cells]: of the input, the output and the forget gate
    peephole_shift: int  # takes a product of peephole and cell to the format of the sums
    sigmoid: np.ndarray  # int16 [points]
    tanh: np.ndarray  # int16 [points]
    sigmoid_bits: int  # fraction bits of sigmoid's argument, the format of the gates' sums
    tanh_bits: int  # of tanh's argument; also of the cell gate's sum where that goes through tanh
    cell_bits: int  # of c
    input_bits: int  # of x
    output_bits: int  # of y
    cell_gate: str  # "tanh" or "sigmoid"


class CompressedLstm(NamedTuple):
    """LSTM layers one above the other, with the sequences that enter the lowest."""

    name: str
    layers: tuple[CompressedLstmLayer, ...]
    activation: np.ndarray  # int16 [voices, steps, inputs]
    exact: np.ndarray  # float64 [voices, steps, outputs]: the top's output with the same weights, not rounded
    notes: tuple[str, ...] = ()  # what fixed point took away

    @property
    def inputs(self) -> int:
        """Inputs of the lowest layer in a time step."""
        return self.layers[0].inputs

    @property
    def outputs(self) -> int:
        """Outputs of the top layer in a time step."""
        return self.layers[-1].outputs

    @property
    def weights(self) -> int:
        """Weights of all matrices before pruning."""
        return sum(one.inputs * one.outputs for layer in self.layers for one in layer.matrices.values())

    @property
    def weight_density(self) -> float:
        """Stored weights of the matrices over all."""
        return sum(one.columns.row.size for layer in self.layers for one in layer.matrices.values()) / self.weights

    @property
    def activation_density(self) -> float:
        """Non-zero inputs over all."""
        return int(np.count_nonzero(self.activation)) / self.activation.size

    @property
    def dense_operations(self) -> int:
        """Operations of the matrices without any skipping: a multiply and an add per weight, step and voice."""
        voices, steps, _ = self.activation.shape
        return 2 * self.weights * voices * steps

    def output_value(self, output: np.ndarray) -> np.ndarray:
        """The top layer's part of the output words -> float64 [voices, steps, outputs]."""
        return to_float(output[-self.exact.size :].reshape(self.exact.shape), self.layers[-1].output_bits)

    def measures(self, output: np.ndarray) -> dict[str, float]:
        """Voices, time steps, and how far the output is from `exact`: |y' - y| / |y| over the whole sequence.

        output: int16 [outputs of the run].
        """
        voices, steps, _ = self.activation.shape
        size = float(np.linalg.norm(self.exact))
        distance = float(np.linalg.norm(self.output_value(output) - self.exact)) / size if size else 0.0
        return {"voices": voices, "time_steps": steps, "distance_from_float": distance}
