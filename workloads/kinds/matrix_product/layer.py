"""Matrix products: weights times many tokens, in floating point and in a number format."""

from typing import NamedTuple

import numpy as np

from workloads.kinds.matrix_product.operand import Operand
from workloads.kinds.matrix_product.two_of_four import PLACE_BITS, kept_of


class MatrixProduct(NamedTuple):
    """A matrix times the vectors of several tokens, in floating point."""

    name: str
    weight: np.ndarray  # float32 [outputs, inputs]
    bias: np.ndarray | None  # float32 [outputs]
    activation: np.ndarray | None  # float32 [tokens, inputs]; None: no input was given
    relu: bool


class CompressedProduct(NamedTuple):
    """Both operands in a number format: all that decides the output to the last bit.

    The output is float32 [tokens x outputs], token after token: the sum of products as the format's unit adds it, times
    the scales of both tensors, plus the bias, then ReLU; see `kernels_ref.matrix_product`.
    """

    name: str
    weight: Operand  # codes [outputs, inputs]
    activation: Operand  # codes [tokens, inputs]
    bias: np.ndarray | None  # float32 [outputs]
    relu: bool
    two_of_four: bool = False  # at most two of each four weights along the inputs are not zero, and only two are stored
    own_format: bool = False  # the network chose the format, and not the machine, which computes in it all the same
    notes: tuple[str, ...] = ()
    weight_error: float = 0.0  # |w' - w| / |w| of the weights that were kept
    weight_density: float = 1.0  # non-zero weights over all
    activation_density: float = 1.0  # likewise
    active: np.ndarray | None = None  # bool [tokens, inputs]: not zero; None: as the codes are

    @property
    def inputs(self) -> int:
        """Inputs of a token."""
        return self.weight.code.shape[1]

    @property
    def outputs(self) -> int:
        """Outputs of a token."""
        return self.weight.code.shape[0]

    @property
    def tokens(self) -> int:
        """Vectors that the matrix is multiplied with."""
        return self.activation.code.shape[0]

    @property
    def number_format(self) -> str:
        """Of the weights."""
        return self.form

    @property
    def form(self) -> str:
        """The number format of the weights."""
        return self.weight.form.name

    @property
    def dense_operations(self) -> int:
        """Operations of the same layer without any skipping: a multiply and an add for each weight and token."""
        return 2 * self.tokens * self.inputs * self.outputs

    @property
    def stored_bits(self) -> int:
        """Bits of the stored weights: codes, scales and, of two of four, two bits of place for each code.

        Formats with scales fill their last blocks with zeros, which count.
        """
        return stored_bits(self.weight, self.two_of_four)


def stored_bits(weight: Operand, two_of_four: bool) -> int:
    """Bits of a stored matrix, see `CompressedProduct.stored_bits`."""
    form, encoded, outputs = weight.form, weight.encoded, weight.code.shape[0]
    whole, shared = form.storage_bits(encoded), form.shared_bits(encoded)
    if not two_of_four:
        return whole
    inputs = (whole - shared) // form.bits // outputs
    return shared + outputs * kept_of(inputs) * (form.bits + PLACE_BITS)
