"""Recipe and seed -> a square matrix whose rows and columns have entries after a power law, times itself.

A row has weight (place + 1) ** -slope, in random order, and a column that of the row of its number: what has many
entries as a row has many as a column. An entry falls on a row and a column by their weights. The number of rows with d
entries then falls as d ** -(1 + 1 / slope).
"""

from typing import Annotated

import numpy as np
from pydantic import Field

from workloads.distinct import distinct
from workloads.errors import refuse
from workloads.kinds.drawing import Size, check_bytes
from workloads.kinds.sparse_product.layer import MOST_ENTRIES, SparseMatrix, SparseProduct, by_rows
from workloads.yaml_files import Strict, Text

ROUNDS = 64
"""How often entries are drawn anew for those that fell on places that were taken."""
BYTES = 120
"""Of memory that an entry takes while it is drawn."""


class Slope(Strict):
    """Of the weights of rows and columns, with where it comes from; 0: all are alike."""

    value: Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)]
    source: Text


class SparseProductRecipe(Strict):
    """Sizes, each with its source; values are Gaussian."""

    about: Text
    sides: Size  # rows, and as many columns
    entries: Size
    slope: Slope


def draw_sparse(name: str, recipe: SparseProductRecipe, scale: float, rng: np.random.Generator) -> SparseProduct:
    """The matrix times itself; rows and entries times `scale`.

    InputError where there is no room for the entries, or there are too many.
    """
    side, entries = (max(1, round(one.value * scale)) for one in (recipe.sides, recipe.entries))
    if entries > MOST_ENTRIES or 2 * entries > side * side:
        sizes = f"it has {entries:,} entries in {side:,} rows and columns"
        refuse(name, sizes, f"at most {MOST_ENTRIES:,}, in at most half of the places")
    check_bytes(name, f"{entries:,} entries in {side:,} rows", BYTES * (entries + side))
    matrix = draw_matrix(name, side, entries, recipe.slope.value, rng)
    return SparseProduct(name, matrix, matrix)


def draw_matrix(name: str, side: int, entries: int, slope: float, rng: np.random.Generator) -> SparseMatrix:
    """A square matrix. InputError where the entries fall on too few places."""
    edge = np.cumsum(rng.permutation((np.arange(side) + 1.0) ** -slope))
    held = np.zeros(0, np.int64)
    for _ in range(ROUNDS):
        missing = entries - held.size
        if not missing:
            break
        row, column = np.searchsorted(edge, rng.random((2, 2 * missing)) * edge[-1], side="right")
        new = np.minimum(row, side - 1) * side + np.minimum(column, side - 1)
        fresh = distinct(new)
        fresh = fresh[np.isin(fresh, held, assume_unique=True, invert=True, kind="sort")]
        held = np.concatenate([held, rng.permutation(fresh)[:missing]])
    if held.size < entries:
        refuse(name, f"{entries:,} entries fall on {held.size:,} places", "a smaller slope, or fewer entries")
    row, column = np.divmod(held, side)
    return by_rows(name, (side, side), row, column, rng.standard_normal(entries))
