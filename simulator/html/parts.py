"""What a page is made of, before it is HTML."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

MOST_ROWS, MOST_CELLS = 10_000, 200_000
"""What a table shows at most: beyond them a browser takes long to open the page."""


class Facts(NamedTuple):
    """Names and values, a line for each; the third says what the value means or where it comes from."""

    lines: tuple[tuple[str, Any, str], ...]


class Grid(NamedTuple):
    """A table that a reader sorts and filters."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    left_out: int = 0  # rows that there are, but not here

    @property
    def numeric(self) -> tuple[bool, ...]:
        """Of each column, whether it holds numbers and nothing else, None aside."""
        return tuple(_is_numeric([row[place] for row in self.rows]) for place in range(len(self.columns)))


class Sentences(NamedTuple):
    """A list of sentences; `alarming`: something does not fit, or is wrong."""

    items: tuple[str, ...]
    alarming: bool = False


class Picture(NamedTuple):
    """A drawing and what it shows, in words."""

    svg: str
    caption: str


Block = Facts | Grid | Sentences | Picture


class Section(NamedTuple):
    """A part of the page with a heading."""

    title: str
    blocks: tuple[Block, ...]


class Page(NamedTuple):
    """A whole page. data: what it was made from, to be kept in it; None: the tables are all there is."""

    title: str
    lead: str
    sections: tuple[Section, ...]
    data: dict[str, Any] | None = None


def make_grid(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Grid:
    """A table, cut to the rows that a page bears."""
    every = [tuple(row) for row in rows]
    shown = every[: min(MOST_ROWS, max(1, MOST_CELLS // max(1, len(columns))))]
    return Grid(title, tuple(columns), tuple(shown), len(every) - len(shown))


def _is_numeric(values: Sequence[Any]) -> bool:
    known = [value for value in values if value is not None]
    return bool(known) and all(isinstance(value, int | float) and not isinstance(value, bool) for value in known)
