"""Tables in Markdown."""

from collections.abc import Iterable, Sequence

MADE = "<!-- Made by `python -m docs.generate`; edit what it is made from, not this file. -->\n\n"
"""The first line of every generated page."""


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], right: Sequence[str] = ()) -> str:
    """A table; the columns in `right` hold numbers."""
    rules = ["---:" if column in right else "---" for column in columns]
    lines = [_line(columns), _line(rules), *(_line([cell(value) for value in row]) for row in rows)]
    return "\n".join(lines) + "\n"


def cell(value: object) -> str:
    """Text that cannot end its cell."""
    return str(value).replace("|", "\\|").replace("\n", " ")


def code(value: object) -> str:
    """A name or a number as it is typed."""
    return f"`{value}`"


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"
