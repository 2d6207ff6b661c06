"""A matrix after pruning and weight sharing: what is stored."""

from typing import NamedTuple

import numpy as np

from workloads.compression.columns import Columns


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
