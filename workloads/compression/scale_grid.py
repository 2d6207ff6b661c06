"""Where the scale of a weight is: block scales of a matrix, with blocks along its inputs or along the outputs of PEs.

A number format has its blocks along K, the inputs of a row. A machine that works column by column meets a new block
with each entry. Blocks along the outputs of a PE (outputs k, k + P, k + 2 P ... of PE k of P) are met entry by entry.
"""

import math
from typing import NamedTuple

import numpy as np

from kernels_ref.formats import Parts
from workloads.number_formats import find_format
from workloads.number_formats.block import BlockFormat


class ScaleGrid(NamedTuple):
    """The scales of a matrix: of row i and column j it is `code[j // columns, i % pes, i // pes // rows]`."""

    code: np.ndarray  # unsigned integers [column groups, pes, row groups]
    parts: Parts  # of all codes
    rows: int  # of those of a PE that share a scale
    columns: int
    bits: int  # of a stored scale

    def place(self, row: np.ndarray, column: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The place of the scales of weights at rows and columns, integers [n] each."""
        pes = self.code.shape[1]
        return column // self.columns, row % pes, row // pes // self.rows

    def values(self) -> np.ndarray:
        """The scales as numbers, float64 [column groups, pes, row groups]."""
        return self.parts.of(self.code).value()


def grid_of(form: str, scale: np.ndarray, across: int) -> ScaleGrid:
    """The grid of scales, unsigned integers [row blocks, column blocks], of `arrange`'s matrix for these PEs (0: none).

    InputError where the format is unknown.
    """
    found = find_format(form)
    assert isinstance(found, BlockFormat)
    down, along = found.block
    if across:
        return ScaleGrid(scale.reshape(len(scale), across, -1), found.rule.parts, along, down, found.rule.bits)
    return ScaleGrid(scale.T[:, None, :], found.rule.parts, down, along, found.rule.bits)


def arrange(weight: np.ndarray, across: int, block_columns: int) -> np.ndarray:
    """A matrix, float32 [outputs, inputs], as a format encodes it: itself, or float32 [inputs, PEs x outputs of a PE].

    across: PEs; the outputs of each are filled with zeros to whole blocks of `block_columns`. 0: as it is.
    """
    if not across:
        return weight
    outputs, inputs = weight.shape
    local = math.ceil(outputs / across / block_columns) * block_columns
    found = np.zeros((inputs, local, across), weight.dtype)
    found.reshape(inputs, -1)[:, :outputs] = weight.T
    return np.ascontiguousarray(found.transpose(0, 2, 1)).reshape(inputs, -1)


def arrange_back(matrix: np.ndarray, across: int, outputs: int) -> np.ndarray:
    """What `arrange` was given: [outputs, inputs], of the dtype of `matrix`, uint8 or bool [inputs, PEs x outputs]."""
    if not across:
        return matrix
    return matrix.reshape(len(matrix), across, -1).transpose(0, 2, 1).reshape(len(matrix), -1)[:, :outputs].T
