"""Sparse matrices of the Deep Learning Matrix Collection (.smtx) -> a fully connected layer whose weights are drawn.

The format (Gale et al., "Sparse GPU Kernels for Deep Learning", SC 2020): three lines of text, `rows, columns,
nonzeros`, the place where each row begins in the third line and where the last one ends, and the columns, from 0. It
holds no values.
"""

from pathlib import Path

import numpy as np

from workloads.distinct import distinct
from workloads.errors import refuse
from workloads.file_names import stem_text
from workloads.kinds.drawing import generator
from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.sources.loading import Read
from workloads.sources.sparse import Entries, check_shape, sparse_layer
from workloads.sources.text_numbers import parse_numbers
from workloads.yaml_files import LONGEST_SHOWN, read_text, shorten

EXPECTED = "a matrix of the Deep Learning Matrix Collection"
LEAST = 1 / 256
"""The least magnitude of a drawn weight: fixed point does not round it to zero."""
NOTE = "its file holds no values: the weights are drawn, normally distributed, at the places of its non-zeros"


def read_smtx(path: Path, seed: int) -> Read:
    """Read the places of a matrix, and draw its weights: float32 [outputs, inputs], normally distributed.

    InputError where the file is missing or damaged, or the matrix is too large for its entries.
    """
    lines = read_text(path, EXPECTED).splitlines()
    if not len(lines) >= 2 or any(line.strip() for line in lines[3:]):
        refuse(path, f"it has {len(lines)} lines", "3: sizes, where each row begins, and columns")
    sizes, start, column = (_integers(path, line) for line in (*lines, "")[:3])
    if sizes.size != 3 or sizes.min() < 0:
        refuse(path, f"its first line is {shorten(lines[0], LONGEST_SHOWN)!r}", "rows, columns and non-zeros")
    rows, columns, count = map(int, sizes)
    if column.size != count:
        refuse(path, f"it has {column.size} columns of entries", f"{count}, as its first line says")
    check_shape(path, (rows, columns), count)
    if start.size != rows + 1 or start[0] != 0 or start[-1] != count or (np.diff(start) < 0).any():
        refuse(path, "its second line does not divide the entries", f"{rows + 1} places from 0 to {count}, ascending")
    row = np.repeat(np.arange(rows), np.diff(start))
    values = generator(stem_text(path), seed).standard_normal(count)
    values = np.copysign(np.maximum(np.abs(values), LEAST), values)
    place = row * columns + column
    if distinct(place).size != count:
        refuse(path, "two of its entries have the same place", "each place once")
    layer: FullyConnected = sparse_layer(path, stem_text(path), Entries((rows, columns), row, column, values))
    return Read(layer, (NOTE,))


def _integers(path: Path, line: str) -> np.ndarray:
    """The integers of a line, int64 [n]."""
    try:
        return parse_numbers(line.replace(",", " "), np.int64)
    except (ValueError, OverflowError) as error:
        refuse(path, f"it has an entry that is no integer ({shorten(str(error), LONGEST_SHOWN)})", EXPECTED)
