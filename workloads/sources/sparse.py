"""The entries of a sparse matrix -> a fully connected layer; scipy's sparse matrices, in memory and in archives."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from workloads.errors import refuse
from workloads.kinds.fully_connected.layer import FullyConnected

MOST_WEIGHTS = 1 << 28
"""The most weights of a matrix, 1 GiB as float32: a file of a few bytes may claim any shape."""
FREE_WEIGHTS, PLACES_AN_ENTRY = 1 << 24, 1 << 12
"""A matrix of more weights than these needs entries: one for each of that number of places."""
FORMATS = {
    "csr": ("indices", "indptr"),
    "csc": ("indices", "indptr"),
    "bsr": ("indices", "indptr"),
    "coo": ("row", "col"),
    "dia": ("offsets",),
}
"""The arrays of each of scipy's formats, next to `data`, `shape` and `format`."""


class Entries(NamedTuple):
    """A sparse matrix; entries of the same place are to be added."""

    shape: tuple[int, int]
    row: np.ndarray  # int64 [entries], from 0
    column: np.ndarray  # int64 [entries], from 0
    value: np.ndarray  # float64 [entries]


def check_shape(source: object, shape: tuple[int, int], entries: int) -> None:
    """InputError about `source` where a matrix is empty, or too large for its number of entries."""
    rows, columns = shape
    most = min(MOST_WEIGHTS, FREE_WEIGHTS + entries * PLACES_AN_ENTRY)
    if min(shape) < 1 or rows * columns > most:
        sizes = f"it is {rows} x {columns} with {entries} entries"
        refuse(source, sizes, f"from 1 to {most} places, {PLACES_AN_ENTRY} for each entry beyond {FREE_WEIGHTS}")


def sparse_layer(source: object, name: str, matrix: Entries) -> FullyConnected:
    """The matrix as a layer without bias, ReLU or input, of weights float32 [outputs, inputs].

    InputError about `source` where a place or a value is out of range, or the matrix is too large for its entries.
    """
    shape, row, column, value = matrix
    check_shape(source, shape, value.size)
    if not row.size == column.size == value.size:
        refuse(source, f"it has {row.size} rows, {column.size} columns and {value.size} values", "as many of each")
    if value.size and not (0 <= row.min() <= row.max() < shape[0] and 0 <= column.min() <= column.max() < shape[1]):
        sizes = f"rows below {shape[0]}, columns below {shape[1]}"
        refuse(source, "it has an entry outside of the matrix", sizes)
    place, which = np.unique(row * shape[1] + column, return_inverse=True)
    total = np.bincount(which, value, place.size)
    with np.errstate(over="ignore"):
        narrow = total.astype(np.float32)
    finite = np.isfinite(narrow)
    if not finite.all():
        first = int(np.flatnonzero(~finite)[0])
        at = list(map(int, divmod(int(place[first]), shape[1])))
        bad = f"matrix{at} is {total[first]} ({np.count_nonzero(~finite)} such values)"
        refuse(source, bad, "finite numbers within float32")
    weight = np.zeros(shape, np.float32)
    weight.reshape(-1)[place] = narrow
    return FullyConnected(name, weight, None, None, relu=False)


def is_scipy_archive(arrays: Mapping[str, np.ndarray]) -> bool:
    """Whether arrays, numbers and texts [any shape] by name, are what scipy.sparse.save_npz writes."""
    return {"format", "data", "shape"} <= arrays.keys()


def scipy_entries(source: object, arrays: Mapping[str, np.ndarray]) -> Entries:
    """The entries of what scipy.sparse.save_npz writes, numbers [shapes of its format] by name.

    InputError about `source` where an array is missing, of another type, or does not fit.
    """
    form = arrays["format"]
    text = form.item() if form.size == 1 else None
    name = text.decode("ascii", "replace") if isinstance(text, bytes) else str(text)
    if name not in FORMATS:
        refuse(source, f"its format is {name[:60]!r}", f"one of {', '.join(FORMATS)}")
    for key in FORMATS[name]:
        if key not in arrays:
            refuse(source, f"it has no {key}", f"the arrays of scipy's format {name}")
    shape, *indices = (_integers(source, key, arrays[key]) for key in ("shape", *FORMATS[name]))
    if shape.size != 2:
        refuse(source, f"shape has {shape.size} sizes", "2, of a matrix")
    sizes, data = (int(shape[0]), int(shape[1])), _numbers(source, arrays["data"])
    check_shape(source, sizes, data.size)
    if name in ("coo", "csr", "csc") and data.ndim != 1:
        refuse(source, f"data has shape {list(data.shape)}", f"a row of values, as scipy's format {name} has them")
    if name == "coo":
        return Entries(sizes, indices[0], indices[1], data.reshape(-1))
    if name == "dia":
        return _diagonals(source, sizes, data, *indices)
    return _compressed(source, name, sizes, data, *indices)


def _compressed(
    source: object, name: str, shape: tuple[int, int], data: np.ndarray, index: np.ndarray, pointer: np.ndarray
) -> Entries:
    """Entries by rows (csr), by columns (csc) or in blocks by rows (bsr)."""
    block = data.shape[1:] if name == "bsr" else (1, 1)
    if len(block) != 2 or min(block) < 1 or shape[0] % block[0] or shape[1] % block[1] or index.size != len(data):
        what = f"data has shape {list(data.shape)} and indices {list(index.shape)}"
        refuse(source, what, f"those of scipy's format {name} for {shape[0]} x {shape[1]}")
    lines = (shape[1] if name == "csc" else shape[0]) // block[0]
    steps = np.diff(pointer)
    whole = pointer.size == lines + 1 and pointer[0] == 0 and pointer[-1] == index.size
    if not whole or (steps < 0).any():
        refuse(source, "indptr does not divide the entries", f"{lines + 1} places from 0 to {index.size}, ascending")
    line, values = np.repeat(np.arange(lines), steps), data.reshape(len(data), *block)
    if name == "csc":
        return Entries(shape, index, line, values.reshape(-1))
    row = line[:, None, None] * block[0] + np.arange(block[0])[None, :, None]
    column = index[:, None, None] * block[1] + np.arange(block[1])[None, None, :]
    row, column = np.broadcast_arrays(row, column)
    return Entries(shape, row.reshape(-1), column.reshape(-1), values.reshape(-1))


def _diagonals(source: object, shape: tuple[int, int], data: np.ndarray, offsets: np.ndarray) -> Entries:
    """Entries by diagonals: data[d, j] is in column j and row j - offsets[d]; those outside do not count."""
    if data.ndim != 2 or len(data) != offsets.size:
        what = f"data has shape {list(data.shape)} and offsets {list(offsets.shape)}"
        refuse(source, what, "a row of data for each diagonal")
    column = np.broadcast_to(np.arange(data.shape[1]), data.shape)
    row = column - offsets[:, None]
    inside = (row >= 0) & (row < shape[0]) & (column < shape[1])
    return Entries(shape, row[inside], column[inside], data[inside])


def _integers(source: object, key: str, array: np.ndarray) -> np.ndarray:
    """The array as int64 [n], each below 2**31 in magnitude."""
    if array.dtype.kind not in "ui" or array.ndim != 1:
        refuse(source, f"{key} has dtype {array.dtype} and shape {list(array.shape)}", "integers in one dimension")
    if array.size and max(abs(int(array.min())), abs(int(array.max()))) >= 1 << 31:
        refuse(source, f"{key} has values from {array.min()} to {array.max()}", "integers below 2**31")
    return array.astype(np.int64)


def _numbers(source: object, array: np.ndarray) -> np.ndarray:
    """The array as float64 of the same shape, at least one dimension."""
    if array.dtype.kind not in "fuib" or array.ndim == 0:
        refuse(source, f"data has dtype {array.dtype} and shape {list(array.shape)}", "real numbers")
    return array.astype(np.float64)
