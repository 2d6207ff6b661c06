"""A sparse matrix by columns."""

from typing import NamedTuple

import numpy as np


class Columns(NamedTuple):
    """A sparse matrix by columns: entries `start[j] .. start[j + 1]` are column j's, by ascending row."""

    start: np.ndarray  # int64 [columns + 1]
    row: np.ndarray  # uint32 [stored]
    code: np.ndarray  # [stored]: uint8, 1 .. levels - 1 of a codebook; or int16, words of a linear format other than 0
