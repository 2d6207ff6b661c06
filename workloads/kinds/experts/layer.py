"""A mixture of experts: in floating point, and in the words that a machine reads."""

from typing import NamedTuple

import numpy as np

from workloads.distinct import distinct
from workloads.kinds.matrix_product.layer import stored_bits
from workloads.kinds.matrix_product.operand import Operand


class Expert(NamedTuple):
    """The matrices of an expert in floating point."""

    up: np.ndarray  # float32 [width, inputs]
    down: np.ndarray  # float32 [inputs, width]
    gate: np.ndarray | None = None  # float32 [width, inputs]; None: squared ReLU of `up`, else SiLU(gate) x up


class Experts(NamedTuple):
    """Tokens, and those experts that any of them chose, in floating point."""

    name: str
    activation: np.ndarray  # float32 [tokens, inputs]
    choice: np.ndarray  # int64 [tokens, chosen]: experts of a token, all different
    share: np.ndarray  # float32 [tokens, chosen]: what the output of each is multiplied with
    experts: int  # that could be chosen
    weights: tuple[Expert, ...]  # of each distinct expert of `choice`, in ascending order


class CompressedExpert(NamedTuple):
    """The matrices of an expert in a number format."""

    up: Operand  # codes [width, inputs]
    down: Operand  # codes [inputs, width]
    gate: Operand | None = None  # codes [width, inputs]; None: squared ReLU of `up`, else SiLU(gate) x up

    @property
    def matrices(self) -> tuple[Operand, ...]:
        """In the order in which they are multiplied."""
        return (self.up, self.down) if self.gate is None else (self.gate, self.up, self.down)


class DrawnHidden(NamedTuple):
    """Which values between the matrices count as other than zero in a layer without values."""

    density: float  # the share of a token's
    draw: np.ndarray  # float32 [distinct experts, width], uniform from 0 up to 1

    def used(self, expert: int, tokens: int) -> np.ndarray:
        """Values that any of a number of tokens of an expert has, each token independent of the others: bool [width].

        expert: its place among the distinct ones. A value that some tokens have is among those of more tokens.
        """
        found: np.ndarray = self.draw[expert] < 1 - (1 - self.density) ** tokens
        return found


class CompressedExperts(NamedTuple):
    """All that decides the output to the last bit: float32 [tokens x inputs], see `kernels_ref.experts`."""

    name: str
    activation: Operand  # codes [tokens, inputs]
    choice: np.ndarray  # int64 [tokens, chosen]: experts of a token, all different
    share: np.ndarray  # float32 [tokens, chosen]
    experts: int  # that could be chosen
    weights: tuple[CompressedExpert, ...]  # of each distinct expert of `choice`, in ascending order
    two_of_four: bool = False  # of weights, as in a matrix product
    own_format: bool = False  # the network chose the format, and not the machine
    notes: tuple[str, ...] = ()
    weight_error: float = 0.0  # |w' - w| / |w| of all weights that were kept
    weight_density: float = 1.0  # non-zero weights over all
    activation_density: float = 1.0  # non-zero inputs over all
    drawn: DrawnHidden | None = None  # of a layer without values, whose inputs all count; None: as the values are

    @property
    def tokens(self) -> int:
        """Vectors that are routed."""
        return self.choice.shape[0]

    @property
    def chosen(self) -> int:
        """Experts of a token."""
        return self.choice.shape[1]

    @property
    def inputs(self) -> int:
        """Numbers of a token."""
        return self.activation.code.shape[1]

    @property
    def outputs(self) -> int:
        """Numbers of a token's output: as many as it has inputs."""
        return self.inputs

    @property
    def width(self) -> int:
        """Numbers between the matrices of an expert."""
        return self.weights[0].up.code.shape[0]

    @property
    def gated(self) -> bool:
        """Whether an expert has three matrices."""
        return self.weights[0].gate is not None

    @property
    def number_format(self) -> str:
        """Of the weights."""
        return self.form

    @property
    def form(self) -> str:
        """The number format of the weights."""
        return self.weights[0].up.form.name

    @property
    def numbers(self) -> np.ndarray:
        """The experts that any token chose, ascending: int64 [distinct experts]."""
        return distinct(self.choice)

    @property
    def dense_operations(self) -> int:
        """A multiply and an add for each weight of each token's experts; experts that were not chosen do not count."""
        return 2 * self.tokens * self.chosen * len(self.weights[0].matrices) * self.inputs * self.width

    @property
    def stored_bits(self) -> int:
        """Bits of the stored matrices, see `CompressedProduct.stored_bits`."""
        matrices = (matrix for expert in self.weights for matrix in expert.matrices)
        return sum(stored_bits(matrix, self.two_of_four) for matrix in matrices)

    def tokens_of(self, expert: int) -> np.ndarray:
        """The tokens that chose an expert, ascending: int64 [tokens of it]."""
        return np.flatnonzero((self.choice == expert).any(axis=1))

    def shares_of(self, expert: int) -> np.ndarray:
        """What these tokens multiply its output with, float32 [tokens of it]."""
        shares: np.ndarray = self.share[self.choice == expert]
        return shares
