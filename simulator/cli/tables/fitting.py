"""Tables that fit a terminal: long names are shortened in the middle, texts wrap, and no number is ever cut."""

from collections.abc import Iterator

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.measure import Measurement
from rich.style import StyleType
from rich.table import Column, Table
from rich.text import Text

from simulator.results.text import DOTS, cut, without_controls

NAMES = ("name", "row", "table", "layer")
"""Headings of columns whose cells are names."""
LEAST = 16
"""Characters of a name or of a line of text that a table always shows."""
WIDEST = 10_000
PADDINGS = ((0, 1, 0, 0), (0, 0))
"""Narrower ones, tried in this order where a table is too wide."""


class Name:
    """A name in a table's cell; it takes the width that is left, but LEAST characters at least."""

    def __init__(self, markup: str):
        self._text = Text.from_markup(without_controls(markup), emoji=False)

    def __rich_measure__(self, _console: Console, options: ConsoleOptions) -> Measurement:
        length = self._text.cell_len
        return Measurement(min(length, LEAST), length).with_maximum(options.max_width)

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> RenderResult:
        length = len(self._text)
        begin, end = cut(length, options.max_width)
        if begin < length:
            self._text = Text.assemble(self._text[:begin], DOTS, self._text[length - end :])
        self._text.no_wrap = True
        yield self._text


class FittingTable(Table):
    """A table whose names shrink where it is wider than the terminal; the console grows where that is not enough."""

    def add_row(self, *cells: RenderableType | None, style: StyleType | None = None, end_section: bool = False) -> None:
        """Add a row; cells are rich's markup."""
        heads = [column.header for column in self.columns]
        shown = [
            Name(cell) if isinstance(cell, str) and place < len(heads) and heads[place] in NAMES else cell
            for place, cell in enumerate(cells)
        ]
        super().add_row(*shown, style=style, end_section=end_section)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        wide = options.update(max_width=WIDEST, width=WIDEST)
        if self._width(console, wide) > options.max_width:
            for column in self._rigid():
                column.no_wrap = True
                column.header = _wrapped(console, wide, column)
            for padding in PADDINGS:
                if self._width(console, wide) - self._spare(console, wide) > options.max_width:
                    self.padding = padding
            least = self._width(console, wide) - self._spare(console, wide)
            console.width = max(console.width, least)
            options = options.update(max_width=max(options.max_width, least))
        yield from super().__rich_console__(console, options)

    def _width(self, console: Console, wide: ConsoleOptions) -> int:
        return super().__rich_measure__(console, wide).maximum

    def _spare(self, console: Console, wide: ConsoleOptions) -> int:
        """What the table can shrink by: names and texts to LEAST characters."""
        return sum(max(0, _width_of(console, wide, one) - LEAST) for one in self.columns if not one.no_wrap)

    def _rigid(self) -> Iterator[Column]:
        """The columns of numbers, and those that must not wrap."""
        return (column for column in self.columns if column.justify == "right" or column.no_wrap)


def _width_of(console: Console, wide: ConsoleOptions, column: Column) -> int:
    """What a column's longest cell or heading takes."""
    return max(Measurement.get(console, wide, one).maximum for one in (column.header, *column.cells))


def _wrapped(console: Console, wide: ConsoleOptions, column: Column) -> RenderableType:
    """A heading in several lines, each as wide as the column's cells, or as the heading's longest word."""
    if not isinstance(column.header, str):
        return column.header
    cells = [Measurement.get(console, wide, cell).maximum for cell in column.cells]
    text = Text.from_markup(column.header, emoji=False)
    width = max([*cells, Measurement.get(console, wide, column.header).minimum], default=1)
    return Text("\n").join(text.wrap(console, width))
