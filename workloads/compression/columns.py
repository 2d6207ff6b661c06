"""A sparse matrix in compressed columns."""

from typing import NamedTuple

import numpy as np


class Columns(NamedTuple):
    """A sparse matrix in compressed columns: column j has the entries `start[j]` up to `start[j + 1]`, rows ascending.

    A code is an index into a codebook (1 .. levels - 1) or a fixed-point word other than 0.
    """

    start: np.ndarray  # int64 [columns + 1]
    row: np.ndarray  # uint32 [stored]
    code: np.ndarray  # [stored]: uint8 indices into a codebook, or int16 fixed-point words

    def only(self, kept: np.ndarray) -> "Columns":
        """Without some entries. kept: bool [stored], those that stay."""
        before = np.concatenate([[0], np.cumsum(kept)])
        return Columns(before[self.start], self.row[kept], self.code[kept])
