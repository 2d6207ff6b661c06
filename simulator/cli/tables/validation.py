"""Published figures and the simulated ones as tables for a terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from simulator.cli.tables.result import make_table
from simulator.core.overview import COLUMNS, draws_of, lines, used_columns
from simulator.core.published import PublishedFigure


def print_validation(console: Console, rows: Sequence[PublishedFigure], every_row: bool) -> None:
    """Print how far the figures of each table are off, by class; before that each table where `every_row` is set."""
    for title in dict.fromkeys((row.table, row.quantity) for row in rows if every_row):
        chosen = [row for row in rows if (row.table, row.quantity) == title]
        console.print(_matrix(title, chosen) if "," in chosen[0].row else _list(title, chosen))
    cells = lines(rows)
    shown = used_columns(cells)[2:]
    table = make_table("how far simulated figures are off, by class; only what is predicted is averaged", "figure")
    for place in shown:
        table.add_column(COLUMNS[place], justify="right")
    for line in cells:
        table.add_row(f"{line[0]}: {line[1].replace('_', ' ')}", *(line[place] for place in shown))
    console.print(table)
    console.print(draws_of(rows), style="dim")
    if not every_row:
        console.print("--rows prints every row, --csv and --json have their classes with reasons", style="dim")


def _list(title: tuple[str, str], rows: Sequence[PublishedFigure]) -> Table:
    """A line for each row: published, simulated, error, class."""
    table = make_table(" ".join(title), "row")
    for column in ("published", "simulated", "error", "class"):
        table.add_column(column, justify="left" if column == "class" else "right")
    for row in rows:
        table.add_row(row.row, published_cell(row), simulated_cell(row), error_cell(row), row.figure_class or "-")
    return table


def published_cell(row: PublishedFigure) -> str:
    """The published value with its uncertainty."""
    if row.published is None:
        return "-"
    return f"{row.published:,.6g}" + ("" if row.uncertainty is None else f" ± {row.uncertainty:.2g}")


def simulated_cell(row: PublishedFigure) -> str:
    """The simulated value with the standard deviation over draws."""
    return f"{row.simulated:,.6g}" + (f" ± {row.deviation:.2g}" if row.deviation else "")


def error_cell(row: PublishedFigure) -> str:
    """The relative error, signed."""
    return "-" if row.error_percent is None else f"{row.error_percent:+.1f}%"


def _matrix(title: tuple[str, str], rows: Sequence[PublishedFigure]) -> Table:
    """A line for each layer, a column for each value of what is varied: published, simulated, standard deviation."""
    key = rows[0].row.partition(", ")[2].partition("=")[0]
    under = ", ± over draws" if any(row.deviation for row in rows) else ""
    known = next((row.uncertainty for row in rows if row.uncertainty), None)
    above = "" if known is None else f" ± {known:.2g}"
    table = make_table(f"{' '.join(title)} (above: published{above}, below: simulated{under}) by {key}", "row")
    lines: dict[str, list[PublishedFigure]] = {}
    for row in rows:
        lines.setdefault(row.row.partition(", ")[0], []).append(row)
    for row in next(iter(lines.values())):
        table.add_column(row.row.partition("=")[2], justify="right")
    for layer, cells in lines.items():
        published = ["-" if cell.published is None else _short(cell.published) for cell in cells]
        table.add_row(layer, *published)
        table.add_row("", *(f"[bold]{_short(cell.simulated)}[/]" for cell in cells))
        if under:
            table.add_row("", *(f"[dim]± {cell.deviation or 0:.2g}[/]" for cell in cells))
    return table


def _short(value: float) -> str:
    """Two decimals below 10, one up to 1,000, six digits beyond."""
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}" if abs(value) < 1000 else f"{value:,.6g}"
