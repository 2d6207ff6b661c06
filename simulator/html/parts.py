"""The parts of a page, independent of HTML."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from workloads.document_types import Document

MOST_ROWS, MOST_CELLS = 10_000, 200_000
"""Limits of a table: with more, a browser takes long to open the page."""
FIRST = "the first"


class Facts(NamedTuple):
    """A list of names and values, each with a remark on its meaning or its source."""

    lines: tuple[tuple[str, object, str], ...]


class Grid(NamedTuple):
    """A table that a reader can sort and filter."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    left_out: int = 0  # further rows that the page does not show
    shown: str = FIRST  # which rows it shows where some are left out

    @property
    def numeric(self) -> tuple[bool, ...]:
        """For each column, whether all of its values are numbers or None, and at least one is a number."""
        return tuple(_is_numeric([row[place] for row in self.rows]) for place in range(len(self.columns)))


class Sentences(NamedTuple):
    """A list of sentences. alarming: they say that something does not fit or is wrong."""

    items: tuple[str, ...]
    alarming: bool = False


class Picture(NamedTuple):
    """A drawing as SVG, and a caption that says what it shows."""

    svg: str
    caption: str


Block = Facts | Grid | Sentences | Picture


class Section(NamedTuple):
    """A part of the page with a heading."""

    title: str
    blocks: tuple[Block, ...]


class Page(NamedTuple):
    """A whole page. data: the JSON that it is made of, to be embedded; None: only the tables are kept."""

    title: str
    lead: str
    sections: tuple[Section, ...]
    data: Document | None = None


def make_grid(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Grid:
    """A table, cut after MOST_ROWS rows or MOST_CELLS cells."""
    every = [tuple(row) for row in rows]
    shown = every[: most_rows(len(columns))]
    return Grid(title, tuple(columns), tuple(shown), len(every) - len(shown))


def most_rows(columns: int) -> int:
    """How many rows of a table a page shows."""
    return min(MOST_ROWS, max(1, MOST_CELLS // max(1, columns)))


def _is_numeric(values: Sequence[object]) -> bool:
    known = [value for value in values if value is not None]
    return bool(known) and all(isinstance(value, int | float) and not isinstance(value, bool) for value in known)
