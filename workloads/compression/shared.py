"""A fully connected layer after pruning, with codes for weights: of a shared codebook, or of another number format."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from workloads.compression.columns import Columns
from workloads.compression.scale_grid import ScaleGrid, grid_of

CODEBOOK = "codebook"
"""The number format of shared weights, whatever the width of its codes."""


class SharedFullyConnected(NamedTuple):
    """A fully connected layer after pruning and encoding, without an input.

    In a format whose blocks have scales, the codebook holds what elements are worth, and `shared` the scales.
    """

    name: str
    inputs: int
    outputs: int
    columns: Columns  # one for each input; codes are unsigned indices into the codebook
    codebook: np.ndarray  # float32 [levels], level 0 is 0
    bias: np.ndarray | None  # float32 [outputs], not rounded
    bias_code: np.ndarray | None  # unsigned integers [outputs]: the nearest levels, which a machine computes with
    relu: bool
    form: str = CODEBOOK  # a number format
    shared: Mapping[str, np.ndarray] = MappingProxyType({})  # see `Encoded.shared`; nothing of a codebook
    across: int = 0  # 0: blocks lie along the inputs; else along the outputs of each of this many PEs
    bias_scale: np.ndarray | None = None  # unsigned integers [grid's PEs, row groups]: of the biases' codes
    error: float | None = None  # |w' - w| / |w| of the weights that were kept; None: they came as codes
    lost: int = 0  # weights that were kept and are not stored, as their code means zero

    @property
    def density(self) -> float:
        """The share of the weights that are stored: stored / (inputs x outputs)."""
        return self.columns.row.size / (self.inputs * self.outputs)

    @property
    def scaled(self) -> bool:
        """Whether blocks have scales."""
        return "scale" in self.shared

    @property
    def tensor_scale(self) -> float:
        """The scale of the whole matrix; 1 where its format has none, or where levels hold it."""
        return float(self.shared["tensor_scale"][0]) if self.scaled and "tensor_scale" in self.shared else 1.0

    def grid(self) -> ScaleGrid:
        """The scales of the blocks, where they have some."""
        return grid_of(self.form, self.shared["scale"], self.across)

    def stored_values(self) -> np.ndarray:
        """What each stored weight is worth, float64 [stored], exactly."""
        values = self.codebook.astype(np.float64)[self.columns.code]
        if not self.scaled:
            return values
        column = np.repeat(np.arange(self.inputs), np.diff(self.columns.start))
        grid = self.grid()
        return values * grid.values()[grid.place(self.columns.row, column)] * self.tensor_scale

    def weights(self) -> np.ndarray:
        """All weights, float32 [outputs, inputs]; 0 where they are pruned."""
        dense = np.zeros((self.outputs, self.inputs), np.float32)
        dense[self.columns.row, np.repeat(np.arange(self.inputs), np.diff(self.columns.start))] = self.stored_values()
        return dense
