"""Compressed columns without some of their entries."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from workloads.compression.columns import Columns


def dense(columns, rows):
    """Codes at their places, int64 [rows, columns]; 0 elsewhere."""
    found = np.zeros((rows, columns.start.size - 1), np.int64)
    for column in range(found.shape[1]):
        for entry in range(columns.start[column], columns.start[column + 1]):
            found[columns.row[entry], column] = columns.code[entry]
    return found


@given(seed=st.integers(0, 999), rows=st.integers(1, 9), columns=st.integers(1, 6))
def test_only_what_is_kept_remains(seed, rows, columns):
    rng = np.random.default_rng(seed)
    matrix = rng.integers(1, 16, (rows, columns)) * (rng.random((rows, columns)) < 0.6)
    column, row = np.nonzero(matrix.T)
    start = np.concatenate([[0], np.cumsum(np.count_nonzero(matrix, axis=0))])
    whole = Columns(start, row.astype(np.uint32), matrix[row, column].astype(np.uint8))
    np.testing.assert_array_equal(dense(whole, rows), matrix)
    kept = rng.random(row.size) < 0.5
    found = whole.only(kept)
    matrix[row[~kept], column[~kept]] = 0
    np.testing.assert_array_equal(dense(found, rows), matrix)
    assert (found.start[0], found.start[-1], found.row.dtype, found.code.dtype) == (0, kept.sum(), np.uint32, np.uint8)
