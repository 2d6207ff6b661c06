"""GRU layers: as a network has them, and compressed as a delta machine reads them."""

from typing import NamedTuple

import numpy as np

WORD_FRACTION = 8
"""Fraction bits of inputs and states."""


class Gru(NamedTuple):
    """A GRU layer and its input sequence, in floating point; gates in the order reset, update, candidate.

    The reset gate multiplies the candidate's product with the state (and its bias), not the state itself:
    h' = (1 - u) . c + u . h, c = tanh(Wc x + b + r . (Rc h + hidden_bias)).
    """

    name: str
    weight_input: np.ndarray  # float32 [3, cells, inputs]
    weight_hidden: np.ndarray  # float32 [3, cells, cells]
    bias: np.ndarray | None  # float32 [3, cells]: outside the product with the reset gate
    activation: np.ndarray | None  # float32 [steps, inputs]; None: no input was given
    hidden_bias: np.ndarray | None = None  # float32 [cells]: of the candidate, multiplied by the reset gate


class GruStack(NamedTuple):
    """GRU layers one above the other, in floating point: the lowest has the input, the others none."""

    name: str
    layers: tuple[Gru, ...]  # the lowest first
    reverse: bool = False  # the sequence runs through them from its end


class CompressedGruLayer(NamedTuple):
    """A fixed-point GRU layer: with the stack's tables and thresholds, all but its input that decides its output."""

    name: str
    inputs: int
    weight: np.ndarray  # int8 [1 + inputs + cells, 3, cells]: columns of the biases, of each input and each state
    first: np.ndarray  # int32 [cells]: what the candidate's sum over states starts with; 8 + fraction_bits bits
    fraction_bits: int  # of weights, 0 .. 7

    @property
    def cells(self) -> int:
        """States, which are the outputs."""
        return self.weight.shape[2]


class CompressedGru(NamedTuple):
    """GRU layers one above the other, with the sequence that enters the lowest."""

    name: str
    layers: tuple[CompressedGruLayer, ...]
    activation: np.ndarray  # int16 [steps, inputs], 8 fraction bits
    sigmoid: np.ndarray  # int16 [4096]: of arguments from -2048/256 on
    tanh: np.ndarray  # int16 [4096]
    input_threshold: int  # in 1/256
    state_threshold: int
    exact: np.ndarray  # float64 [steps, cells]: the top's output with the weights that stayed, not rounded
    notes: tuple[str, ...] = ()

    @property
    def inputs(self) -> int:
        """Inputs of the lowest layer in a time step."""
        return self.layers[0].inputs

    @property
    def outputs(self) -> int:
        """Outputs of the top layer in a time step."""
        return self.layers[-1].cells

    @property
    def weights(self) -> int:
        """Weights of all layers before pruning, biases left out."""
        return sum(one.weight[1:].size for one in self.layers)

    @property
    def weight_density(self) -> float:
        """Weights that are not zero over all."""
        return sum(int(np.count_nonzero(one.weight[1:])) for one in self.layers) / self.weights

    @property
    def activation_density(self) -> float:
        """Inputs that are not zero over all."""
        return int(np.count_nonzero(self.activation)) / self.activation.size

    @property
    def dense_operations(self) -> int:
        """Operations without any skipping: a multiply and an add for each weight and step."""
        return 2 * self.weights * len(self.activation)

    def output_value(self, output: np.ndarray) -> np.ndarray:
        """The top layer's part of the output words -> float64 [steps, cells]."""
        return np.ldexp(output[-self.exact.size :].reshape(self.exact.shape).astype(np.float64), -WORD_FRACTION)

    def measures(self, output: np.ndarray) -> dict[str, float]:
        """Time steps, and how far the output is from `exact`: |y' - y| / |y| over the whole sequence.

        output: int16 [outputs of the run].
        """
        size = float(np.linalg.norm(self.exact))
        distance = float(np.linalg.norm(self.output_value(output) - self.exact)) / size if size else 0.0
        return {"voices": 1, "time_steps": len(self.activation), "distance_from_float": distance}
