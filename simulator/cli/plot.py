"""The command `plot`: a picture of what other commands wrote."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.console import console
from simulator.cli.environment import load_plain_matplotlib
from simulator.cli.interruption import whole_step
from workloads.errors import InputError

if TYPE_CHECKING:
    from rich.table import Table

ENDINGS = (".png", ".svg", ".pdf")
RESULTS = (".json", ".csv", ".db")
"""Endings of what is drawn."""


def plot(
    results: Annotated[
        list[str] | None,
        typer.Argument(metavar="RESULT... KIND", help="Files that commands wrote (.json, .csv), then what to draw."),
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A .png, .svg or .pdf file to write.")] = None,
    fits: Annotated[bool, typer.Option("--fits", help="Only results that fit their machine.")] = False,
) -> None:
    """Draw a picture of results; without any, list the pictures and what they are drawn of."""
    from simulator import plots

    if not results:
        console().print(_list())
        return
    *files, kind = results
    if Path(kind).suffix in ENDINGS and output is None:
        raise InputError(f"plot: {kind} is not after -o; expected RESULT... KIND -o {kind}, with a kind of {_kinds()}")
    if Path(kind).suffix in RESULTS:
        raise InputError(f"plot: {kind} is the last word; expected a kind of picture after it: one of {_kinds()}")
    load_plain_matplotlib()
    plots.kinds.find(kind)
    if not files:
        raise InputError(f"plot {kind}: no file is given; expected {plots.KINDS[kind].command}, then {kind}")
    if output is None:
        raise InputError("plot: no file to write is given; expected -o with a name that ends with .png, .svg or .pdf")
    if output.suffix not in ENDINGS:
        raise InputError(f"{output}: it ends with {output.suffix!r}; expected one of {', '.join(ENDINGS)}")
    drawn = plots.draw([Path(name) for name in files], kind, fits)
    with whole_step(output):
        plots.save(drawn, output)
    console().print(f" written to {output}", highlight=False)


def _kinds() -> str:
    from simulator import plots

    return ", ".join(plots.KINDS)


def _list() -> "Table":
    from rich.markup import escape

    from simulator import plots
    from simulator.cli.tables.result import make_table

    table = make_table("pictures", "name", "what it shows", "drawn of")
    for kind in plots.KINDS.values():
        table.add_row(kind.name, kind.about, escape(kind.command))
    return table
