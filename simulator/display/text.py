"""Results as plain text, as `print` shows them."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

from simulator.display.blocks import summarise
from simulator.html.parts import Block, Facts, Grid, Picture, Sentences
from simulator.html.render import NOTHING, show

if TYPE_CHECKING:
    from simulator.display.blocks import AnyResult

INDENT, WIDTH = "  ", 100


def as_text(result: AnyResult) -> str:
    """The short form of a result, a fact or a row of its table in a line."""
    title, blocks = summarise(result)
    return "\n".join([title, *(line for block in blocks for line in _lines(block))])


def _lines(block: Block) -> list[str]:
    match block:
        case Facts():
            width = max(len(name) for name, _, _ in block.lines)
            return [_wrap(f"{INDENT}{name:{width}}  {show(value)}", width + 4) for name, value, _ in block.lines]
        case Grid():
            return _table(block)
        case Sentences():
            return [_wrap(f"{INDENT}note: {sentence}", 8) for sentence in block.items]
        case Picture():
            return [f"{INDENT}({block.caption})"]


def _wrap(line: str, indent: int) -> str:
    """A line, on several where it is long."""
    return fill(line, WIDTH, subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False)


def _table(grid: Grid) -> list[str]:
    """Columns under their names, numbers to the right."""
    cells = [grid.columns, *([show(value) for value in row] for row in grid.rows)]
    widths = [max(len(row[place]) for row in cells) for place in range(len(grid.columns))]
    right = [
        all(row[place][:1].isdigit() or row[place] == NOTHING for row in cells[1:]) for place in range(len(widths))
    ]
    lines = []
    for row in cells:
        parts = [
            f"{text:>{width}}" if number else f"{text:<{width}}"
            for text, width, number in zip(row, widths, right, strict=True)
        ]
        lines.append(f"{INDENT}{INDENT.join(parts)}".rstrip())
    if grid.left_out:
        lines.append(f"{INDENT}and {grid.left_out:,} more rows: `to_frame()`")
    return ["", *lines, ""]


def _is_number(texts: list[str]) -> bool:
    """Whether all of a column are numbers, with or without a unit."""
    return all(text[:1].isdigit() or text == NOTHING for text in texts)
