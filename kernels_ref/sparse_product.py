"""Sparse times sparse: the reference kernel of products whose matrices and result are stored by rows.

A matrix is stored by rows: `starts`, int64 [rows + 1], the first entry of each row; `columns`, int64 [entries],
ascending within a row; `values`, float64 [entries]. An entry of the result is where any pair of entries meets, even if
their sum is zero. Values are few bits wide, so that every sum is exact in FP64, whatever its order.
"""

from typing import NamedTuple

import numpy as np
from numba import njit


class Rows(NamedTuple):
    """A matrix by rows."""

    starts: np.ndarray  # int64 [rows + 1]
    columns: np.ndarray  # int64 [entries]
    values: np.ndarray  # float64 [entries]


def product(left: Rows, right: Rows, width: int) -> Rows:
    """The product, row after row. width: columns of `right`."""
    starts = _count(left.starts, left.columns, right.starts, right.columns, width)
    columns, values = np.zeros(int(starts[-1]), np.int64), np.zeros(int(starts[-1]))
    _add(*left, *right, width, starts, columns, values)
    return Rows(starts, columns, values)


@njit(cache=True)
def _count(left, places, starts, columns, width):  # type: ignore[no-untyped-def]
    """The first entry of each row of the product, int64 [rows + 1]; all arrays int64, by rows."""
    seen, found = np.full(width, -1), np.zeros(left.size, np.int64)
    for row in range(left.size - 1):
        found[row + 1] = found[row]
        for e in range(left[row], left[row + 1]):
            for f in range(starts[places[e]], starts[places[e] + 1]):
                if seen[columns[f]] != row:
                    seen[columns[f]] = row
                    found[row + 1] += 1
    return found


@njit(cache=True)
def _add(left, places, factors, starts, columns, values, width, first, found, sums):  # type: ignore[no-untyped-def]
    """Fill `found`, int64 [entries], and `sums`, float64 [entries], row after row from `first`, int64 [rows + 1].

    left, starts: int64 [rows + 1]; places, columns: int64 [entries]; factors, values: float64 [entries].
    """
    seen, total = np.full(width, -1), np.zeros(width)
    for row in range(left.size - 1):
        end = first[row]
        for e in range(left[row], left[row + 1]):
            for f in range(starts[places[e]], starts[places[e] + 1]):
                column = columns[f]
                if seen[column] != row:
                    seen[column], total[column], found[end] = row, 0.0, column
                    end += 1
                total[column] += factors[e] * values[f]
        found[first[row] : end] = np.sort(found[first[row] : end])
        for place in range(first[row], end):
            sums[place] = total[found[place]]
