"""Rows gathered column by column, for tables of hundreds of thousands of points in little memory."""

from array import array
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from workloads.document_types import Cell

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

CODES: dict[type, str] = {float: "d", int: "q"}
"""Of columns that hold only numbers of one type: eight bytes each, as in the DataFrame."""
MOST_SHARED = 4096
"""In a column with more different values than these, equal ones are not looked for any more."""


class CellColumns:
    """The cells of some columns."""

    def __init__(self, names: Sequence[str]):
        self._columns = {name: _Column() for name in names}

    def add(self, row: Mapping[str, Cell]) -> None:
        """A row by column; a column that it lacks is None."""
        for name, column in self._columns.items():
            column.add(row.get(name))

    def sort(self, names: Sequence[str]) -> None:
        """Order the rows by these columns, the first of them first: nothing before numbers before words."""
        places = list(range(self._rows()))
        for name in reversed(names):  # each sort keeps the order of the one before where cells are equal
            cells = self._columns[name].cells
            places.sort(key=lambda place, cells=cells: order(cells[place]))  # type: ignore[misc]
        for column in self._columns.values():
            column.take(places)

    def frame(self, names: Sequence[str]) -> "pd.DataFrame":
        """A DataFrame of these columns; what is kept here is given up."""
        import pandas as pd

        rows = self._rows()
        found = {name: pd.Series(self._columns.pop(name).values(), copy=False) for name in names}
        return pd.DataFrame(found, columns=list(names), index=range(rows))

    def _rows(self) -> int:
        return len(next(iter(self._columns.values())).cells) if self._columns else 0


class _Column:
    """Numbers of one type as numbers, until there is another cell; else objects, equal ones as one."""

    def __init__(self) -> None:
        self.cells: list[Cell] | array[float] | array[int] = []
        self._type: type | None = None  # of numbers, while all cells are of it
        self._known: dict[tuple[type, Cell], Cell] = {}

    def add(self, cell: Cell) -> None:
        kind = type(cell)
        if not self.cells and kind in CODES:
            self._type, self.cells = kind, array(CODES[kind])
        elif self._type not in (None, kind):
            self._type, self.cells = None, list(self.cells)
        if self._type is None:
            if len(self._known) < MOST_SHARED:
                cell = self._known.setdefault((kind, cell), cell)
            self.cells.append(cell)  # type: ignore[arg-type]
            return
        try:
            self.cells.append(cell)  # type: ignore[arg-type]
        except OverflowError:  # an integer of more than 64 bits
            self._type, self.cells = None, [*self.cells, cell]

    def take(self, places: Sequence[int]) -> None:
        """The cells at these places, in this order."""
        taken = [self.cells[place] for place in places]
        self.cells = array(CODES[self._type], taken) if self._type else taken  # type: ignore[type-var, assignment]

    def values(self) -> "Sequence[Cell] | np.ndarray":
        """For a DataFrame's column."""
        import numpy as np

        return np.asarray(self.cells) if self._type else self.cells


def order(cell: Cell) -> tuple[int, str | float]:
    """Where a cell belongs: nothing before numbers before words."""
    return (0, 0) if cell is None else (2, cell) if isinstance(cell, str) else (1, cell)
