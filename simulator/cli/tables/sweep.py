"""Stores and sweeps as tables for a terminal."""

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from simulator.cli.tables.result import make_table
from simulator.sweeps.figures import Figure, figures
from simulator.sweeps.sweep_file import NamedSweep
from workloads.document_types import Cell

if TYPE_CHECKING:
    import pandas as pd

LARGEST_WHOLE = 1e15
"""Of numbers in floating point that are printed with all their digits."""


def print_frame(console: Console, frame: "pd.DataFrame") -> None:
    """Print a table of points; columns without anything in them are left out."""
    names = [name for name in frame.columns if frame[name].notna().any()]
    table = make_table("")
    table.title = None
    for name in names:
        words = frame[name].map(lambda value: isinstance(value, str)).any()
        table.add_column(escape(str(name)), justify="left" if words else "right", no_wrap=True)
    for row in frame[names].itertuples(index=False):
        table.add_row(*map(_cell, row))
    console.print(table)


def print_figures(console: Console, sweep: NamedSweep, path: Path) -> None:
    """Print the tables of a sweep; above what is published, where it is known."""
    for figure in figures(sweep, path):
        console.print(_matrix(figure))


def _matrix(figure: Figure) -> Table:
    known = any(value is not None for row in figure.published.values() for value in row)
    order = " (above: published, below: simulated)" if known else ""
    table = make_table(escape(f"{figure.title}{order}, by {figure.columns_name}"), figure.rows_name)
    for value in figure.columns:
        table.add_column(str(value), justify="right")
    for row, cells in figure.simulated.items():
        if known:
            table.add_row(escape(str(row)), *map(_cell, figure.published[row]), style="dim")
        table.add_row("" if known else escape(str(row)), *map(_cell, cells))
    return table


def _cell(value: Cell) -> str:
    if value is None or value != value:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "[red]no[/]"
    if isinstance(value, str):
        return escape(value)
    whole = isinstance(value, int) or (abs(value) < LARGEST_WHOLE and value == int(value))
    return f"{value:,}" if whole else f"{value:,.4g}"
