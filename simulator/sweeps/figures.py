"""The tables of a sweep: one value by rows and columns, the mean over draws, with the published ones."""

import math
from collections.abc import Iterable
from os import PathLike
from typing import NamedTuple

from simulator.core.registry import find_paper
from simulator.results.store_reader import Results
from simulator.sweeps.axes import Value
from simulator.sweeps.identity import Resolver
from simulator.sweeps.points import MACHINE, WORKLOAD, Point, points
from simulator.sweeps.sweep_file import FigureFile, NamedSweep, Published
from workloads.document_types import Cell, Document, Fields
from workloads.errors import InputError, refuse


class Figure(NamedTuple):
    """A table; a cell is None where there is no point."""

    title: str
    rows_name: str
    columns_name: str
    columns: tuple[Cell, ...]
    simulated: dict[Cell, list[float | None]]
    published: dict[Cell, list[float | None]]


def figures(sweep: NamedSweep, store: str | PathLike[str]) -> list[Figure]:
    """The tables of a sweep that was run into this store. InputError where a name in one of them is no column."""
    rows = sweep_points(sweep, store)
    return [_figure(sweep, figure, rows) for figure in sweep.figures]


def sweep_points(sweep: NamedSweep, store: str | PathLike[str]) -> list[Document]:
    """The points of a sweep that the store holds, those that failed left out; `machine` is as the sweep names it."""
    resolver, wanted = Resolver(), dict[str, Point]()
    for point in points(sweep.space):
        try:
            wanted[resolver.resolve(point).identity] = point
        except InputError:  # its row in the store says so
            continue
    rows = []
    for row in Results(store).rows(ids=list(wanted)):
        if row["error"] is None:
            point = wanted[row["id"]]
            rows.append({**row, MACHINE: point.machine, WORKLOAD: point.workload, **dict(point.settings)})
    return rows


def _figure(sweep: NamedSweep, figure: FigureFile, rows: list[Document]) -> Figure:
    for name in (figure.rows, figure.columns, figure.value, *figure.where, *figure.over):
        if rows and not any(name in row for row in rows):
            refuse(f"figure {figure.title}", f"{name} is no column", "an axis or a figure of the sweep's points")
    chosen = [row for row in rows if all(row.get(key) == value for key, value in figure.where.items())]
    names = list(dict.fromkeys(row.get(figure.rows) for row in _ordered(sweep, figure.rows, chosen)))
    columns = tuple(dict.fromkeys(row.get(figure.columns) for row in _ordered(sweep, figure.columns, chosen)))
    cells: dict[tuple[Cell, Cell], list[float]] = {}
    for row, value in zip(chosen, _values(sweep, figure, rows, chosen), strict=True):
        if value is not None:
            cells.setdefault((row.get(figure.rows), row.get(figure.columns)), []).append(value)
    simulated = {name: [_mean(figure, cells.get((name, column))) for column in columns] for name in names}
    known = {} if figure.published is None else read_published(figure.published)
    published = {name: [known.get((name, column)) for column in columns] for name in names}
    return Figure(figure.title, figure.rows, figure.columns, columns, simulated, published)


def _mean(figure: FigureFile, values: list[float] | None) -> float | None:
    return figure.times * math.fsum(values) / len(values) if values else None


def _values(
    sweep: NamedSweep, figure: FigureFile, rows: Iterable[Fields], chosen: Iterable[Fields]
) -> list[float | None]:
    """Each point's value; with a baseline, the baseline's over the point's, all else that varies being the same."""
    if not figure.over:
        return [row.get(figure.value) for row in chosen]
    keys = list(dict.fromkeys((MACHINE, WORKLOAD, *sweep.space.varied)))
    held = {tuple(row.get(key) for key in keys): row.get(figure.value) for row in rows}
    found = []
    for row in chosen:
        base = held.get(tuple(figure.over.get(key, row.get(key)) for key in keys))
        found.append(base / row[figure.value] if base is not None and row.get(figure.value) else None)
    return found


def _ordered(sweep: NamedSweep, name: str, rows: list[Document]) -> list[Document]:
    """The rows in the order in which the sweep names the values of an axis."""
    listed: dict[str, tuple[Value, ...]] = {MACHINE: sweep.space.machines, WORKLOAD: sweep.space.workloads}
    listed.update({axis.name: axis.values for group in sweep.space.axes for axis in group})
    places: dict[Cell, int] = {value: place for place, value in enumerate(listed.get(name, ()))}
    return sorted(rows, key=lambda row: places.get(row.get(name), len(places)))


def read_published(where: Published) -> dict[tuple[Cell, Cell], float | None]:
    """A table of a machine's `published.yaml`: (row, column) -> value. InputError where there is no such table."""
    tables = find_paper(where.machine).published()["tables"]
    found = [one for one in tables if (one["table"], one["quantity"]) == (where.table, where.quantity)]
    if not found:
        refuse(f"figure {where.table}", f"{where.machine} publishes no {where.quantity} in it", "one that it publishes")
    return _cells(found[0])


def _cells(table: Fields) -> dict[tuple[Cell, Cell], float | None]:
    if "densities" in table:
        return {(table["workload"], density): value for density, value in table["densities"].items()}
    ((_, columns),) = table["over"].items()
    return {
        (row, column): value
        for row, values in table["rows"].items()
        for column, value in zip(columns, values or [None] * len(columns), strict=True)
    }
