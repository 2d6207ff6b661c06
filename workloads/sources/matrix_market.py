"""Matrix Market files (.mtx) -> a fully connected layer.

The format, which is plain text, is read here, because scipy's reader ends the process on some damaged files (1.17: an
index out of bounds in a symmetric matrix). The tests compare the two readers on good files.
"""

from os import PathLike
from pathlib import Path

import numpy as np

from workloads.errors import refuse
from workloads.file_names import stem_text
from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.sources.sparse import MOST_WEIGHTS, Entries, check_shape, sparse_layer
from workloads.sources.text_numbers import parse_numbers
from workloads.yaml_files import LONGEST_SHOWN, read_text, shorten

FORMS, FIELDS = ("coordinate", "array"), ("real", "double", "integer", "unsigned-integer", "pattern")
MIRRORED = {"general": 0, "symmetric": 1, "skew-symmetric": -1, "hermitian": 1}
"""The factor of an entry on the other side of the diagonal, by symmetry; 0: there is none. No number is complex."""
EXPECTED = "a Matrix Market file"


def read_matrix_market(path: str | PathLike[str]) -> FullyConnected:
    """Read the matrix as a layer without bias, ReLU or input, of weights float32 [outputs, inputs].

    The entries of a pattern are 1; entries of the same row and column are added. InputError where the file is missing
    or damaged, or the matrix is complex, has more than 2**28 weights, or is too large for its entries.
    """
    path = Path(path)
    return sparse_layer(path, stem_text(path), read_entries(path))


def read_entries(path: Path) -> Entries:
    """The entries of the matrix, those of the same place not yet added; of an array those that are not zero.

    InputError where the file is missing or damaged, or the matrix is complex or has a side of more than 2**28.
    """
    head, _, rest = read_text(path, EXPECTED).partition("\n")
    form, field, symmetry = _header(path, head)
    lines = [line for line in rest.splitlines() if line.strip() and not line.lstrip().startswith("%")]
    counts = _numbers(path, " ".join(lines[:1]))
    needed = 3 if form == "coordinate" else 2
    if counts.size != needed or not all(count.is_integer() and 0 <= count <= MOST_WEIGHTS for count in counts):
        refuse(
            path, f"its size is {shorten(str(lines[:1]), LONGEST_SHOWN)}", f"{needed} integers from 0 to {MOST_WEIGHTS}"
        )
    shape = (int(counts[0]), int(counts[1]))
    if symmetry != "general" and shape[0] != shape[1]:
        refuse(path, f"it is {symmetry} with {shape[0]} x {shape[1]} places", "as many rows as columns")
    entries = _entries(path, form, field, symmetry, shape, _numbers(path, " ".join(lines[1:])))
    if form == "coordinate" and entries.value.size != counts[2]:
        refuse(path, f"it has {entries.value.size} entries", f"{counts[2]:.0f}, as its size line says")
    if MIRRORED[symmetry]:
        entries = _mirror(entries, MIRRORED[symmetry])
    return entries


def _header(path: Path, line: str) -> tuple[str, str, str]:
    """The form, field and symmetry that the first line names."""
    words = line.lower().split()
    if len(words) != 5 or words[:2] != ["%%matrixmarket", "matrix"]:
        refuse(path, "its first line is no header of a matrix", "%%MatrixMarket matrix FORM FIELD SYMMETRY")
    form, field, symmetry = words[2:]
    if field == "complex":
        refuse(path, "its numbers are complex", f"one of {', '.join(FIELDS)}, as weights are real")
    known = form in FORMS and field in FIELDS and symmetry in MIRRORED
    if not known or (form, field) == ("array", "pattern"):
        refuse(path, f"it is {form} {field} {symmetry}", f"one each of {FORMS}, {FIELDS} and {tuple(MIRRORED)}")
    return form, field, symmetry


def _numbers(path: Path, text: str) -> np.ndarray:
    """The numbers of a text, float64 [n]; exponents may have Fortran's letter, as in 1.0D+3."""
    try:
        return parse_numbers(text.replace("D", "e").replace("d", "e"), np.float64)
    except ValueError as error:
        refuse(path, f"it has an entry that is no number ({shorten(str(error), LONGEST_SHOWN)})", EXPECTED)


def _entries(path: Path, form: str, field: str, symmetry: str, shape: tuple[int, int], numbers: np.ndarray) -> Entries:
    """The entries in the file, numbers, float64 [n]: those on one side of the diagonal where it is symmetric."""
    if form == "array":
        check_shape(path, shape, numbers.size)
        below = {"general": -shape[0] - shape[1], "skew-symmetric": 1}.get(symmetry, 0)
        column, row = (index.reshape(-1) for index in np.indices(shape[::-1]))
        given = row - column >= below
        if numbers.size != np.count_nonzero(given):
            refuse(path, f"it has {numbers.size} entries", f"{np.count_nonzero(given)}, as its size line says")
        kept = numbers != 0
        return Entries(shape, row[given][kept], column[given][kept], numbers[kept])
    width = 2 if field == "pattern" else 3
    if numbers.size % width:
        refuse(path, f"it has {numbers.size} numbers", f"{width} for each entry")
    table = numbers.reshape(-1, width)
    place = table[:, :2]
    if table.size and not ((place >= 1) & (place <= shape) & (place == np.floor(place))).all():
        refuse(path, "it has an entry outside of the matrix", f"rows from 1 to {shape[0]}, columns to {shape[1]}")
    row, column = (place.astype(np.int64) - 1).T
    return Entries(shape, row, column, np.ones(len(table)) if field == "pattern" else table[:, 2])


def _mirror(entries: Entries, factor: int) -> Entries:
    """The entries and, off the diagonal, their mirror images times `factor`."""
    shape, row, column, value = entries
    off = row != column
    both = (np.concatenate([row, column[off]]), np.concatenate([column, row[off]]))
    return Entries(shape, *both, np.concatenate([value, factor * value[off]]))
