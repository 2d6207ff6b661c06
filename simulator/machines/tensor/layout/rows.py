"""Weights that lie in DRAM input after input, so that those of inputs that are zero need not be read.

The row of an input holds its weights for all outputs of a column tile and begins a line; of two of four, each four
inputs share a row, as which of their weights are stored differs from output to output. Scales of blocks along the
inputs follow in rows of their own, one for each block, which is read when any of its inputs is used.
"""

from typing import NamedTuple

import numpy as np

from simulator.machines.tensor.layout.storage import Part, Precision, to_bytes, touched
from workloads.kinds.matrix_product.two_of_four import PLACE_BITS

FOUR = 4
"""Inputs that share a row of two of four."""


class Table(NamedTuple):
    """Rows of equal length, perhaps but for the last one; each begins a line."""

    first_line: int  # on all channels
    lines: int  # of a row
    inputs: int  # that share a row
    rows: int
    part: Part  # of a row
    last: Part  # of the last row
    line_bytes: int

    @property
    def end(self) -> int:
        """The line after the last row."""
        return self.first_line + self.lines * self.rows


class Gather(NamedTuple):
    """Weights of a step; only some of their rows are read."""

    tables: tuple[Table, ...]  # codes, then scales where blocks have any
    tokens: range  # of the stage: a row is read when any of them uses an input of it
    loaded: bool  # now; or they are there from an earlier row tile


class Span(NamedTuple):
    """Rows that follow each other and are read."""

    first_line: int
    lines: int
    part: Part


def tables_of(precision: Precision, columns: range, inputs: int, first_line: int, line_bytes: int) -> tuple[Table, ...]:
    """The rows of a column tile."""
    form, shared = precision.form, FOUR if precision.two_of_four else 1

    def codes(depth: int) -> Part:
        stored = len(columns) * precision.stored(depth)
        return Part(to_bytes(stored * form.bits), 0, to_bytes(stored * PLACE_BITS) if precision.two_of_four else 0)

    found = [_table(first_line, shared, inputs, codes(min(shared, inputs)), codes(inputs % shared), line_bytes)]
    if form.block:
        scales = Part(0, to_bytes(touched(columns, form.block_rows) * form.scale_bits), 0)
        found.append(_table(found[0].end, form.block, inputs, scales, scales, line_bytes))
    return tuple(found)


def _table(first_line: int, shared: int, inputs: int, part: Part, rest: Part, line_bytes: int) -> Table:
    """rest: of a last row of fewer inputs."""
    last = rest if inputs % shared else part
    return Table(first_line, -(-part.bytes // line_bytes), shared, -(-inputs // shared), part, last, line_bytes)


def spans_of(tables: tuple[Table, ...], places: range, used: np.ndarray) -> list[Span]:
    """Rows whose first input is among `places` and that have an input in use; used: bool [inputs]."""
    return [span for table in tables for span in _spans(table, places, used)]


def _spans(table: Table, places: range, used: np.ndarray) -> list[Span]:
    first, stop = (-(-place // table.inputs) for place in (places.start, places.stop))
    read = np.zeros((stop - first) * table.inputs, np.bool_)
    given = used[first * table.inputs : stop * table.inputs]
    read[: given.size] = given
    edges = np.diff(read.reshape(-1, table.inputs).any(axis=1), prepend=False, append=False).nonzero()[0] + first
    return [_span(table, begin, end) for begin, end in edges.reshape(-1, 2).tolist()]


def _span(table: Table, begin: int, end: int) -> Span:
    """Rows from `begin` on up to the one before `end`."""
    last = table.last if end == table.rows else table.part
    part = Part(*((end - begin - 1) * one + more for one, more in zip(table.part, last, strict=True)))
    lines = (end - begin - 1) * table.lines - (-last.bytes // table.line_bytes)
    return Span(table.first_line + begin * table.lines, lines, part)
