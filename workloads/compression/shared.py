"""A fully connected layer after pruning and weight sharing."""

from typing import NamedTuple

import numpy as np

from workloads.compression.columns import Columns


class SharedFullyConnected(NamedTuple):
    """A fully connected layer after pruning and weight sharing, without an input."""

    name: str
    inputs: int
    outputs: int
    columns: Columns  # one for each input; codes are uint8 indices into the codebook
    codebook: np.ndarray  # float32 [levels], level 0 is 0
    bias: np.ndarray | None  # float32 [outputs], not rounded
    bias_code: np.ndarray | None  # uint8 [outputs]: the nearest levels, which a machine computes with
    relu: bool

    @property
    def density(self) -> float:
        """The share of the weights that are stored: stored / (inputs x outputs)."""
        return self.columns.row.size / (self.inputs * self.outputs)
