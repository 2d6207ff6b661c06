"""Figures out of kept files: the rows of `validate`, the tables of studies."""

import json
from pathlib import Path
from typing import Any

from docs.generate.markdown import table
from docs.generate.validation import read
from simulator.core.published import PublishedFigure

FOLDER = Path(__file__).parents[1] / "validation"


class Validation:
    """The rows of a machine's `validate --csv`, by table, quantity and row."""

    def __init__(self, name: str):
        self.rows = read(FOLDER / f"{name}.csv")

    def find(self, table: str, quantity: str, row: str | None = None) -> list[PublishedFigure]:
        """All rows of a table and quantity, or those whose name begins so."""
        return [
            one
            for one in self.rows
            if (one.table, one.quantity) == (table, quantity) and (row is None or one.row.startswith(row))
        ]

    def one(self, table: str, quantity: str, row: str) -> PublishedFigure:
        """The row of this name."""
        (found,) = (one for one in self.find(table, quantity) if one.row == row)
        return found

    def error(self, table: str, quantity: str, row: str) -> float:
        """In per cent."""
        error = self.one(table, quantity, row).error_percent
        assert error is not None
        return error

    def errors(self, table: str, quantity: str, row: str | None = None, predicted: bool = False) -> list[float]:
        """In per cent, of the rows that have a published value."""
        return [
            one.error_percent
            for one in self.find(table, quantity, row)
            if one.error_percent is not None and (not predicted or one.figure_class == "predicted")
        ]

    def predicted(self) -> list[float]:
        """The errors of all that is predicted, in per cent."""
        free = (one.error_percent for one in self.rows if one.figure_class == "predicted")
        return [error for error in free if error is not None]


def mean_error(errors: list[float]) -> float:
    """The mean of their sizes."""
    return sum(map(abs, errors)) / len(errors)


def kept(name: str) -> Any:
    """A JSON file of the folder `validation`."""
    return json.loads((FOLDER / name).read_text("utf-8"))


def study_table(found: dict[str, Any], right_from: int = 1, columns: list[str] | None = None) -> str:
    """A table that a study printed, numbers to the right from a column on; only some of its columns."""
    names = found["columns"]
    chosen = range(len(names)) if columns is None else [names.index(name) for name in columns]
    rows = [[row[place] for place in chosen] for row in found["rows"]]
    shown = [names[place] for place in chosen]
    return table(shown, rows, right=shown[right_from:])
