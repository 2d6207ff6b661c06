"""Published figures and the simulated ones as tables for a terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from simulator.cli.tables.result import make_table
from simulator.core.published import PublishedFigure, summarise


def print_validation(console: Console, rows: Sequence[PublishedFigure]) -> None:
    """Print each table of the paper, simulated figures with the published ones, and how far they are apart."""
    for title in dict.fromkeys((row.table, row.quantity) for row in rows):
        chosen = [row for row in rows if (row.table, row.quantity) == title]
        console.print(_matrix(title, chosen) if "," in chosen[0].row else _list(title, chosen))
    table = make_table("error of the simulated figures", "table", "quantity")
    for column in ("figures", "mean absolute", "geometric mean"):
        table.add_column(column, justify="right")
    for summary in summarise(rows):
        errors = (
            f"{summary.mean_absolute_error_percent:.2f}%",
            f"{summary.geometric_mean_error_percent:+.2f}%",
        )
        table.add_row(summary.table, summary.quantity, str(summary.figures), *errors)
    console.print(table)


def _list(title: tuple[str, str], rows: Sequence[PublishedFigure]) -> Table:
    """A line for each row: published, simulated, error."""
    table = make_table(" ".join(title), "row")
    for column in ("published", "simulated", "error"):
        table.add_column(column, justify="right")
    for row in rows:
        known = ("-", "-") if row.published is None else (f"{row.published:,.6g}", f"{row.error_percent:+.1f}%")
        table.add_row(row.row, known[0], f"{row.simulated:,.6g}", known[1])
    return table


def _matrix(title: tuple[str, str], rows: Sequence[PublishedFigure]) -> Table:
    """A line for each layer, a column for each value of what is varied; above published, below simulated."""
    key = rows[0].row.partition(", ")[2].partition("=")[0]
    table = make_table(f"{' '.join(title)} (above: published, below: simulated) by {key}", "row")
    lines: dict[str, list[PublishedFigure]] = {}
    for row in rows:
        lines.setdefault(row.row.partition(", ")[0], []).append(row)
    for row in next(iter(lines.values())):
        table.add_column(row.row.partition("=")[2], justify="right")
    for layer, cells in lines.items():
        published = ["-" if cell.published is None else f"{cell.published:.1f}" for cell in cells]
        table.add_row(layer, *published)
        table.add_row("", *(f"[bold]{cell.simulated:.1f}[/]" for cell in cells))
    return table
