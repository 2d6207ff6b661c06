"""Convolutions: as a network has them, and compressed as a machine reads them."""

import math
from typing import NamedTuple

import numpy as np

from kernels_ref.fixed_point import to_float


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
    dilation: tuple[int, int] = (1, 1)  # rows and columns from one weight of the kernel to the next


class CompressedConvolution(NamedTuple):
    """A pruned, fixed-point convolution with its input: all that decides its output to the last bit.

    `shift` takes each product, rounded, to the format of the output before it is added; sums and bias are kept modulo
    2**24 and saturate to 16 bits at the end (see `kernels_ref.convolution`). A dilated kernel has zeros between its
    weights, which are no weights: they do not count.
    """

    name: str
    weight: np.ndarray  # int16 [outputs, inputs / groups, height, width], 0 where pruned and between dilated weights
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
    dilation: tuple[int, int] = (1, 1)  # down, right: rows and columns of `weight` from one weight to the next

    @property
    def kernel(self) -> np.ndarray:
        """The weights without the zeros between dilated ones: int16 [outputs, inputs / groups, rows, columns]."""
        return self.weight[:, :, :: self.dilation[0], :: self.dilation[1]]

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
        return int(np.count_nonzero(self.weight)) / self.kernel.size

    @property
    def activation_density(self) -> float:
        """Non-zero activations over all, padding apart."""
        return int(np.count_nonzero(self.activation)) / self.activation.size

    @property
    def dense_operations(self) -> int:
        """Operations of the same layer without any skipping: a multiply and an add per weight and output place."""
        return 2 * self.kernel.size * math.prod(self.output_plane)

    def output_value(self, output: np.ndarray) -> np.ndarray:
        """Output words, int16 [any shape] -> numbers, float64 of that shape."""
        return to_float(output, self.output_fraction_bits)
