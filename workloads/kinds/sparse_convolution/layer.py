"""Sparse convolutions: voxels of a grid with features, and kernels in three dimensions."""

from typing import NamedTuple

import numpy as np

from kernels_ref.fixed_point import to_float
from workloads.kinds.sparse_convolution.rulebook import Geometry, Rulebook


class SparseConvolution(NamedTuple):
    """A layer over the voxels that hold something, in floating point."""

    name: str
    places: np.ndarray  # int32 [voxels, 3]: along x, y, z, each once, in ascending order
    geometry: Geometry
    weight: np.ndarray  # float32 [outputs, inputs, kx, ky, kz]
    bias: np.ndarray | None  # float32 [outputs]
    activation: np.ndarray | None  # float32 [voxels, inputs]; None: no input was given
    relu: bool
    shares_map: bool = False  # its pairs are those of the layer before it in a network
    book: Rulebook | None = None  # its pairs, where they are known already


class CompressedSparseConvolution(NamedTuple):
    """A layer in 16-bit words with its input and its pairs: all that decides its output to the last bit.

    Sums of products are exact; `shift` takes them, rounded once, to the output's format, where they saturate (see
    `kernels_ref.sparse_convolution`).
    """

    name: str
    places: np.ndarray  # int32 [voxels, 3]: along x, y, z, each once, in ascending order
    geometry: Geometry
    weight: np.ndarray  # int16 [outputs, inputs, kx, ky, kz]
    bias: np.ndarray | None  # int64 [outputs], in the format of the products
    activation: np.ndarray  # int16 [voxels, inputs]
    relu: bool
    weight_fraction_bits: int
    activation_fraction_bits: int
    shift: int
    book: Rulebook
    shares_map: bool = False  # its pairs are those of the layer before it in a network
    notes: tuple[str, ...] = ()  # what fixed point took away

    @property
    def inputs(self) -> int:
        """Features of an input."""
        return self.weight.shape[1]

    @property
    def outputs(self) -> int:
        """Features of an output."""
        return self.weight.shape[0]

    @property
    def voxels(self) -> int:
        """Places with an input."""
        return len(self.places)

    @property
    def sites(self) -> int:
        """Places with an output."""
        return len(self.book.places)

    @property
    def multiplies(self) -> int:
        """Multiplications of all pairs."""
        return self.book.pairs * self.inputs * self.outputs

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
        """Non-zero features over all those of its voxels."""
        return int(np.count_nonzero(self.activation)) / max(1, self.activation.size)

    @property
    def dense_operations(self) -> int:
        """A multiply and an add for each weight and output: as if all neighbours of each output held something."""
        return 2 * self.weight.size * self.sites

    def output_value(self, output: np.ndarray) -> np.ndarray:
        """Output words, int16 [any shape] -> numbers, float64 of that shape."""
        return to_float(output, self.output_fraction_bits)
