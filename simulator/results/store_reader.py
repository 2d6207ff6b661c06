"""What a store holds: rows, tables, summaries, fronts."""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from os import PathLike
from pathlib import Path
from sqlite3 import Connection
from typing import TYPE_CHECKING, Any

from simulator.results.cell_columns import CellColumns, order
from simulator.results.condition_kinds import NUMBER, TEXT, TRUTH, Kinds
from simulator.results.conditions import Condition, check_column
from simulator.results.fit import FITS, row_fits
from simulator.results.pareto_points import AREA, Front, Objectives, find_front, is_number
from simulator.results.store import CHUNK
from simulator.results.store_files import explained_errors, open_for_reading
from simulator.results.store_form import form_column
from simulator.results.stored_json import EXPECTED, stored_layers
from simulator.results.stored_kinds import column_kinds
from simulator.results.whole_rows import WholeRows
from workloads.document_types import Cell, Document
from workloads.errors import refuse
from workloads.path_texts import path_text
from workloads.yaml_files import shorten

if TYPE_CHECKING:
    import pandas as pd

FIRST = ("machine", "config", "workload")
"""Columns that every table has after its axes."""
LAST = ("error", "elapsed_s", "finished_at", "code", "configuration", "id")
"""Columns of the store itself."""
MISFIT = "instr(coalesce(layers, ''), '\"violations\":') > 0"
"""Whether one of a network's layers does not fit."""
SELECT = (
    f"SELECT id, {{form}}, parameters, results, error, elapsed_s, finished_at, code, configuration, {MISFIT} FROM point"
)


class Results:
    """A store, read as it is at the moment of each question; nothing is ever written."""

    def __init__(self, path: str | PathLike[str]):
        self.path = Path(path)
        names: dict[str, list[str]] = {"axis": [], "parameter": [], "result": []}
        with closing(open_for_reading(self.path)) as file, explained_errors(self.path):
            for name, part in file.execute("SELECT name, part FROM name ORDER BY part, place, name"):
                if not isinstance(name, str) or part not in names:
                    refuse(self.path, f"a column is called {shorten(repr(name), 60)}", EXPECTED)
                names[part].append(name)
        self.axes, self._parameters, self._figures = (tuple(names[part]) for part in names)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of all columns: axes, machine and workload, other parameters, figures, `fits`, the store's own."""
        named = (*self.axes, *FIRST, *self._parameters, *self._figures, FITS)
        return tuple(dict.fromkeys((*(name for name in named if name not in LAST), *LAST)))

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of what was asked for at any point: axes, machine, configuration and workload, settings."""
        return tuple(dict.fromkeys((*self.axes, *FIRST, *self._parameters)))

    def rows(self, where: str | None = None, ids: Sequence[str] | None = None) -> Iterator[Document]:
        """The points one after the other, as columns by name; a column that a point lacks is missing.

        Where a parameter and a figure have the same name, as `weight_density`, the parameter is taken.
        """
        condition = (lambda _: True) if where is None else self._condition(where)
        with closing(open_for_reading(self.path)) as file, explained_errors(self.path):
            whole, form = WholeRows(self.path, file), form_column(file)
            for text, values in _questions(ids):
                for row in file.execute(text.format(form=form), values):
                    flat = _flat(whole, row)
                    if condition(flat):
                        yield flat

    def _condition(self, where: str) -> Condition:
        """The condition, checked against the kinds of the columns' values. InputError where it is none."""
        condition = Condition(where, self.columns)
        with closing(open_for_reading(self.path)) as file, explained_errors(self.path):
            kinds = {name: _kinds_of(file, name) for name in condition.named}
        condition.check_kinds(kinds)
        return condition

    def frame(
        self, where: str | None = None, columns: Sequence[str] | None = None, ids: Sequence[str] | None = None
    ) -> "pd.DataFrame":
        """A DataFrame with a row for each point, ordered by the values of axes and columns. columns: only these."""
        chosen = self.choose(columns)
        asked = [name for name in columns or () if name in self.parameters]
        keys = list(dict.fromkeys((*self.axes, *FIRST, *asked, "id")))
        found = CellColumns(list(dict.fromkeys((*chosen, *keys))))
        for row in self.rows(where, ids):
            found.add(row)
        found.sort(keys)
        return found.frame(chosen)

    to_frame = frame  # the name that results have

    def summary(self, by: Sequence[str], values: Sequence[str], where: str | None = None) -> "pd.DataFrame":
        """Points, and least, mean and greatest of each value, by the columns `by`, in the order of their values.

        A column that is named twice counts once. InputError where there is no such column.
        """
        import pandas as pd

        groups: dict[tuple[Cell, ...], list[list[float]]] = {}
        counts: Counter[tuple[Cell, ...]] = Counter()
        self.choose((*by, *values))
        by, values = list(dict.fromkeys(by)), list(dict.fromkeys(values))
        for row in self.rows(where):
            if row.get("error") is None:
                key = tuple(row.get(name) for name in by)
                counts[key] += 1
                for numbers, name in zip(groups.setdefault(key, [[] for _ in values]), values, strict=True):
                    numbers += [row[name]] if is_number(row.get(name)) else []
        summaries = [[*key, counts[key], *_summary(groups[key])] for key in sorted(groups, key=_order)]
        names = [f"{name}.{kind}" for name in values for kind in SUMMARY]
        return pd.DataFrame(summaries, columns=[*by, "points", *names])

    def pareto(
        self,
        minimise: Sequence[str] = (),
        maximise: Sequence[str] = (),
        by: Sequence[str] = (),
        where: str | None = None,
        columns: Sequence[str] | None = None,
        every: bool = False,
    ) -> "pd.DataFrame":
        """The points that no other one dominates, within each group of equal `by`; of equal points all stay.

        Points that lack one of the objectives take no part, and neither do those that do not fit their machine, unless
        `every` is set. InputError where there is no objective, no such column, or no point that has the objectives.
        """
        found = self.front(minimise, maximise, by, where, every)
        return self.of_front(found, (*by, *minimise, *maximise), columns)

    def front(
        self,
        minimise: Sequence[str] = (),
        maximise: Sequence[str] = (),
        by: Sequence[str] = (),
        where: str | None = None,
        every: bool = False,
    ) -> Front:
        """As `pareto`, also for InputError: the ids of the points, and sentences about those that are left out."""
        if not minimise and not maximise:
            refuse("pareto", "no objective is given", "columns to minimise or to maximise")
        if AREA in (*minimise, *maximise) and AREA not in self.columns:
            refuse(self.path, f"none of its points has {AREA}, as their configurations give no area", "other columns")
        self.choose((*minimise, *maximise, *by))
        wanted = Objectives(tuple(minimise), tuple(maximise))
        return find_front(self.path, self.rows(where), wanted, by, every)

    def of_front(self, front: Front, by: Sequence[str], columns: Sequence[str] | None = None) -> "pd.DataFrame":
        """A DataFrame of the points of a front, in the order of the values of the columns `by`."""
        found = self.frame(ids=front.ids, columns=columns and (*columns, "id"))
        keys = [*by, "id"]
        order = sorted(self.rows(ids=front.ids), key=lambda row: _order(tuple(row.get(name) for name in keys)))
        ordered = found.set_index("id", drop=False).loc[[row["id"] for row in order]].reset_index(drop=True)
        return ordered if columns is None else ordered[list(dict.fromkeys(columns))]

    def layers(
        self, where: str | None = None, columns: Sequence[str] | None = None, also: Sequence[str] = ()
    ) -> "pd.DataFrame":
        """The layers of networks: a row for each, with the axes of its point.

        columns: only these, of layers or among the parameters of points. also: parameters of points, added to the axes.
        InputError where there are layers, and neither they nor the parameters have such a column.
        """
        import pandas as pd

        about = (*self.axes, *FIRST, *(name for name in (*(columns or ()), *also) if name in self.parameters))
        chosen = {row["id"]: {name: row.get(name) for name in about} for row in self.rows(where)}
        rows = []
        with closing(open_for_reading(self.path)) as file, explained_errors(self.path):
            for one, text in file.execute("SELECT id, layers FROM point WHERE layers IS NOT NULL ORDER BY id"):
                found = stored_layers(self.path, one, text) if one in chosen else []
                rows += [{**layer, FITS: row_fits(layer), **chosen[one]} for layer in found]
        names = list(dict.fromkeys((*about, *(name for row in rows for name in row))))
        for name in (columns or ()) if rows else ():
            check_column(f"{self.path}: layers", name, names)
        return pd.DataFrame(rows, columns=names if columns is None else list(dict.fromkeys(columns)))

    def choose(self, columns: Sequence[str] | None) -> list[str]:
        """These columns, or all; a name that is none is refused."""
        for name in columns or ():
            check_column(str(self.path), name, self.columns)
        return list(dict.fromkeys(self.columns if columns is None else columns))


def open_store(path: str | PathLike[str]) -> Results:
    """A store for reading.

    >>> from zeroskip import sweep
    >>> done = sweep("eie", "alexnet-fc8", {"pes": [1, 4]}, fixed={"scale": 0.01}, store="example.db", jobs=1)
    >>> open_store("example.db").frame(columns=["pes", "cycles"]).to_dict("list")
    {'pes': [1, 4], 'cycles': [70, 34]}

    InputError where it is no store.
    """
    return Results(path_text("store", path, "the path of a file that a sweep wrote"))


SUMMARY: dict[str, Callable[[Sequence[float]], float]] = {
    "min": min,
    "mean": lambda numbers: math.fsum(numbers) / len(numbers),
    "max": max,
}


def _summary(found: Sequence[Sequence[float]]) -> list[float | None]:
    return [kind(numbers) if numbers else None for numbers in found for kind in SUMMARY.values()]


def _questions(ids: Sequence[str] | None) -> Iterator[tuple[str, Sequence[str]]]:
    if ids is None:
        yield f"{SELECT} ORDER BY id", ()
        return
    for first in range(0, len(ids), CHUNK):
        part = ids[first : first + CHUNK]
        yield f"{SELECT} WHERE id IN ({','.join('?' * len(part))}) ORDER BY id", part


def _flat(whole: WholeRows, row: Sequence[Any]) -> Document:
    one, form, parameters, results, error, elapsed, finished, code, configuration, misfit = row
    flat = whole.figures(one, form, results)
    if flat.get(AREA) == 0:  # written when a missing area was 0
        del flat[AREA]
    flat.update(whole.parameters(one, form, parameters))
    flat[FITS] = None if error is not None else not misfit and row_fits(flat)
    flat.update(error=error, elapsed_s=elapsed, finished_at=finished, code=code, configuration=configuration, id=one)
    return flat


def _kinds_of(file: Connection, name: str) -> Kinds:
    """The kinds of a column's values at all points; none where it has no values."""
    if name == FITS:
        return frozenset([TRUTH])
    if name in LAST:
        return frozenset([NUMBER if name == "elapsed_s" else TEXT])
    return column_kinds(file, name)


def _order(key: Sequence[Cell]) -> list[tuple[int, str | float]]:
    return [order(one) for one in key]
