"""Products of two sparse matrices, A x B, both stored by rows: in floating point, and as machines multiply them."""

from typing import NamedTuple

import numpy as np

from workloads.errors import refuse

MOST_ENTRIES = 1 << 25
"""Of a matrix: 0.5 GB with their places."""
MOST_PRODUCTS = 1 << 26
"""Pairs of entries that meet: a run takes a minute and 2 GB."""
MOST_SIDE = 1 << 24
"""Rows or columns of a matrix: a run takes a hundred bytes or so for each."""


class SparseMatrix(NamedTuple):
    """A matrix by rows."""

    starts: np.ndarray  # int64 [rows + 1]: the first entry of each row
    columns: np.ndarray  # int64 [entries], ascending within a row
    values: np.ndarray  # float64 [entries]
    width: int  # columns

    @property
    def rows(self) -> int:
        """Of the matrix."""
        return self.starts.size - 1

    @property
    def entries(self) -> int:
        """That are stored."""
        return self.columns.size

    @property
    def density(self) -> float:
        """The share of places with an entry."""
        return self.entries / (self.rows * self.width)


class SparseProduct(NamedTuple):
    """A times B in floating point."""

    name: str
    left: SparseMatrix
    right: SparseMatrix
    notes: tuple[str, ...] = ()


class CompressedSparseProduct(NamedTuple):
    """The same with values of 16 bits in fixed point: every sum of products is exact in FP64, whatever its order.

    The output is float64 [rows + 1 + 2 x entries]: the product by rows, its starts, then its columns, then its values.
    """

    name: str
    left: SparseMatrix
    right: SparseMatrix
    fraction_bits: tuple[int, int]  # of the values of both: whole multiples of 2**-bits, which may be below 0
    notes: tuple[str, ...] = ()

    @property
    def inputs(self) -> int:
        """Columns of A, rows of B."""
        return self.left.width

    @property
    def outputs(self) -> int:
        """Columns of B."""
        return self.right.width

    @property
    def dense_operations(self) -> int:
        """A multiply and an add for each place of A and each column of B."""
        return 2 * self.left.rows * self.inputs * self.outputs

    @property
    def products(self) -> int:
        """Pairs of entries that meet."""
        return count_products(self.left, self.right)


def count_products(left: SparseMatrix, right: SparseMatrix) -> int:
    """Pairs of entries of both that meet: of each entry of A the entries in its row of B."""
    return int(np.diff(right.starts)[left.columns].sum())


def check_product(source: object, left: SparseMatrix, right: SparseMatrix) -> None:
    """InputError about `source` where the matrices do not fit each other, or have too many products."""
    if left.width != right.rows:
        sizes = f"A is {left.rows:,} x {left.width:,} and B is {right.rows:,} x {right.width:,}"
        refuse(source, sizes, "as many rows of B as columns of A")
    if (products := count_products(left, right)) > MOST_PRODUCTS:
        refuse(source, f"it has {products:,} products of two entries", f"at most {MOST_PRODUCTS:,}")


def by_rows(
    source: object, shape: tuple[int, int], row: np.ndarray, column: np.ndarray, value: np.ndarray
) -> SparseMatrix:
    """Entries as a matrix by rows; those of one place are added.

    row, column: int64 [entries], from 0; value: float64 [entries]. InputError about `source` where a matrix has too
    many rows, columns or entries, or a sum of entries is not finite.
    """
    if not (0 < min(shape) <= max(shape) <= MOST_SIDE and value.size <= MOST_ENTRIES):
        sizes = f"it is {shape[0]:,} x {shape[1]:,} with {value.size:,} entries"
        refuse(source, sizes, f"sides from 1 to {MOST_SIDE:,} and at most {MOST_ENTRIES:,} entries")
    place, which = np.unique(row * shape[1] + column, return_inverse=True)
    with np.errstate(over="ignore", invalid="ignore"):
        total = np.bincount(which, value, place.size).astype(np.float64)
    if not np.isfinite(total).all():
        first = int(np.flatnonzero(~np.isfinite(total))[0])
        refuse(source, f"entry {first} is {total[first]}", "finite numbers")
    rows, columns = np.divmod(place, shape[1])
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.bincount(rows, minlength=shape[0]))])
    return SparseMatrix(starts.astype(np.int64), columns, total, shape[1])
