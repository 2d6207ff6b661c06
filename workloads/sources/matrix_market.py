"""Matrix Market files (.mtx) -> a fully connected layer.

The format, which is plain text, is read here, because scipy's reader ends the process on some damaged files (1.17: an
index out of bounds in a symmetric matrix). The tests compare the two readers on good files.
"""

from os import PathLike
from pathlib import Path

import numpy as np

from workloads.array_checks import float32
from workloads.errors import refuse
from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.yaml_files import read_text

MOST_WEIGHTS = 2**28
"""The most weights of a matrix, 1 GiB as float32: a file of a few bytes may claim any shape."""
FORMS, FIELDS = ("coordinate", "array"), ("real", "double", "integer", "pattern")
MIRRORED = {"general": 0, "symmetric": 1, "skew-symmetric": -1}
"""The factor of an entry on the other side of the diagonal, by symmetry; 0: there is none."""
EXPECTED = "a Matrix Market file"


def read_matrix_market(path: str | PathLike[str]) -> FullyConnected:
    """Read the matrix as a layer without bias, ReLU or input, of weights float32 [outputs, inputs].

    The entries of a pattern are 1; entries of the same row and column are added. InputError where the file is missing
    or damaged, or the matrix is complex or has more than 2**28 weights.
    """
    path = Path(path)
    head, _, rest = read_text(path, EXPECTED).partition("\n")
    form, field, symmetry = _header(path, head)
    lines = [line for line in rest.splitlines() if line.strip() and not line.startswith("%")]
    counts = _numbers(path, " ".join(lines[:1]))
    needed = 3 if form == "coordinate" else 2
    if counts.size != needed or not all(count.is_integer() and 0 <= count <= MOST_WEIGHTS for count in counts):
        refuse(path, f"its size is {lines[:1]}", f"{needed} integers from 0 to {MOST_WEIGHTS}")
    shape = (int(counts[0]), int(counts[1]))
    if not 0 < shape[0] * shape[1] <= MOST_WEIGHTS or (symmetry != "general" and shape[0] != shape[1]):
        refuse(path, f"it is {symmetry} with {shape[0]} x {shape[1]} places", f"from 1 to {MOST_WEIGHTS}, that fit")
    row, column, value = _entries(path, form, field, symmetry, shape, _numbers(path, " ".join(lines[1:])))
    if form == "coordinate" and value.size != counts[2]:
        refuse(path, f"it has {value.size} entries", f"{counts[2]:.0f}, as its size line says")
    weight = np.zeros(shape)
    np.add.at(weight, (row, column), value)
    off_diagonal = row != column
    if MIRRORED[symmetry]:
        np.add.at(weight, (column[off_diagonal], row[off_diagonal]), MIRRORED[symmetry] * value[off_diagonal])
    return FullyConnected(path.stem, float32(path, "matrix", weight), None, None, relu=False)


def _header(path: Path, line: str) -> tuple[str, str, str]:
    """The form, field and symmetry that the first line names."""
    words = line.lower().split()
    if len(words) != 5 or words[:2] != ["%%matrixmarket", "matrix"]:
        refuse(path, "its first line is no header of a matrix", "%%MatrixMarket matrix FORM FIELD SYMMETRY")
    form, field, symmetry = words[2:]
    known = form in FORMS and field in FIELDS and symmetry in MIRRORED
    if not known or (form, field) == ("array", "pattern"):
        refuse(path, f"it is {form} {field} {symmetry}", f"one each of {FORMS}, {FIELDS} and {tuple(MIRRORED)}")
    return form, field, symmetry


def _numbers(path: Path, text: str) -> np.ndarray:
    """The numbers of a text, float64 [n]."""
    try:
        return np.array(text.split(), np.float64)
    except ValueError as error:
        refuse(path, f"it has an entry that is no number ({error})", EXPECTED)


def _entries(
    path: Path, form: str, field: str, symmetry: str, shape: tuple[int, int], numbers: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Row and column, int64 [entries] from 0, and value, float64 [entries], of each entry in the file."""
    if form == "array":
        below = {"general": -shape[0] - shape[1], "symmetric": 0, "skew-symmetric": 1}[symmetry]
        column, row = (index.reshape(-1) for index in np.indices(shape[::-1]))
        given = row - column >= below
        if numbers.size != np.count_nonzero(given):
            refuse(path, f"it has {numbers.size} entries", f"{np.count_nonzero(given)}, as its size line says")
        return row[given], column[given], numbers
    width = 2 if field == "pattern" else 3
    if numbers.size % width:
        refuse(path, f"it has {numbers.size} numbers", f"{width} for each entry")
    table = numbers.reshape(-1, width)
    place = table[:, :2]
    if table.size and not ((place >= 1) & (place <= shape) & (place == np.floor(place))).all():
        refuse(path, "it has an entry outside of the matrix", f"rows from 1 to {shape[0]}, columns to {shape[1]}")
    row, column = (place.astype(np.int64) - 1).T
    return row, column, np.ones(len(table)) if field == "pattern" else table[:, 2]
