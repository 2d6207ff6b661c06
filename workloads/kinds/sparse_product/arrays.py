"""Arrays by name -> a sparse product."""

from collections.abc import Mapping

import numpy as np

from workloads.errors import refuse
from workloads.kinds.sparse_product.layer import SparseMatrix, SparseProduct, by_rows

PARTS = ("starts", "columns", "values")
KEYS = (*(f"{side}_{part}" for side in "ab" for part in PARTS), "width")
FORM = (
    "a_starts [rows + 1], a_columns [entries], a_values [entries], the same of b, and width, the columns of b; "
    "without b, a times itself"
)


def from_sparse_arrays(source: object, name: str, arrays: Mapping[str, np.ndarray]) -> SparseProduct:
    """A layer of `a_starts`, integers [rows + 1], `a_columns`, integers [entries], `a_values`, numbers [entries].

    Likewise of b, with `width`, an integer, its columns; without b, it is a times itself. InputError says of `source`
    what is missing or wrong.
    """
    for key in arrays:
        if key not in KEYS:
            refuse(source, f"it has an unknown key {key}", FORM)
    given = "ab" if any(key.startswith("b_") for key in arrays) else "a"
    for key in KEYS:
        if key not in arrays and key[0] in given:
            refuse(source, f"it has no {key}", FORM)
    rows = {side: arrays[f"{side}_starts"].size - 1 for side in given}
    width = arrays.get("width")
    if width is None and given == "ab":
        refuse(source, "it has no width", FORM)
    if width is not None and (width.size != 1 or width.dtype.kind not in "ui"):
        refuse(source, f"width has dtype {width.dtype} and shape {list(width.shape)}", "one integer, the columns of b")
    last = rows["a"] if width is None else int(width.reshape(-1)[0])
    left = _matrix(source, arrays, "a", rows.get("b", last))
    return SparseProduct(name, left, _matrix(source, arrays, "b", last) if given == "ab" else left)


def _matrix(source: object, arrays: Mapping[str, np.ndarray], side: str, width: int) -> SparseMatrix:
    """InputError where the arrays do not fit each other."""
    starts, columns, values = (arrays[f"{side}_{part}"] for part in PARTS)
    for part, array in zip(PARTS, (starts, columns, values), strict=True):
        if array.ndim != 1 or array.dtype.kind not in ("fui" if part == "values" else "ui"):
            refuse(source, f"{side}_{part} has dtype {array.dtype} and shape {list(array.shape)}", FORM)
    fits = starts.size > 1 and columns.size == values.size and starts[0] == 0 and starts[-1] == columns.size
    if not fits or (np.diff(starts.astype(np.int64)) < 0).any():
        refuse(source, f"{side}_starts does not divide the entries", f"ascending places from 0 to {columns.size}")
    if columns.size and not 0 <= int(columns.min()) <= int(columns.max()) < width:
        refuse(source, f"{side}_columns has places up to {columns.max()}", f"places from 0 to {width - 1}")
    row = np.repeat(np.arange(starts.size - 1), np.diff(starts.astype(np.int64)).astype(np.int64))
    return by_rows(source, (starts.size - 1, width), row, columns.astype(np.int64), values.astype(np.float64))
