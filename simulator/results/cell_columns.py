"""Rows gathered column by column, for tables of hundreds of thousands of points in little memory."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from workloads.document_types import Cell

if TYPE_CHECKING:
    import pandas as pd

MOST_SHARED = 4096
"""A column with more different values than these is taken to be of figures, which are seldom equal."""


class CellColumns:
    """The cells of some columns; equal ones of a column are one object, as most columns have few values."""

    def __init__(self, names: Sequence[str]):
        self._cells: dict[str, list[Cell]] = {name: [] for name in names}
        self._known: dict[str, dict[tuple[type, Cell], Cell]] = {name: {} for name in names}

    def add(self, row: Mapping[str, Cell]) -> None:
        """A row by column; a column that it lacks is None."""
        for name, cells in self._cells.items():
            cell, known = row.get(name), self._known[name]
            if len(known) < MOST_SHARED:
                cell = known.setdefault((type(cell), cell), cell)
            cells.append(cell)

    def sort(self, names: Sequence[str]) -> None:
        """Order the rows by these columns, the first of them first: nothing before numbers before words."""
        places = list(range(len(next(iter(self._cells.values()), []))))
        for name in reversed(names):  # each sort keeps the order of the one before where cells are equal
            cells = self._cells[name]
            places.sort(key=lambda place, cells=cells: order(cells[place]))  # type: ignore[misc]
        for name, cells in self._cells.items():
            self._cells[name] = [cells[place] for place in places]

    def frame(self, names: Sequence[str]) -> "pd.DataFrame":
        """A DataFrame of these columns; what is kept here is given up."""
        import pandas as pd

        rows = len(next(iter(self._cells.values()), []))
        found = {name: pd.Series(self._cells.pop(name)) for name in names}
        return pd.DataFrame(found, columns=list(names), index=range(rows))


def order(cell: Cell) -> tuple[int, str | float]:
    """Where a cell belongs: nothing before numbers before words."""
    return (0, 0) if cell is None else (2, cell) if isinstance(cell, str) else (1, cell)
