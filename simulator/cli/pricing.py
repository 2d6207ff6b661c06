"""The option `--ert`: a user's own prices, as an energy reference table."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from simulator.results.result import Result
    from simulator.results.stored_energy import Stored

ResultName = Annotated[str, typer.Argument(help="What `run --json` printed: a file, or - for standard input.")]
ErtOption = Annotated[
    Path | None, typer.Option("--ert", help="Price the events by this energy reference table (Accelergy's YAML, pJ).")
]


def repricing(ert: Path | None) -> "Callable[[Result], Result]":
    """What puts a table's prices into a result; without a table, the result as it is. InputError as in `read_ert`."""
    if ert is None:
        return lambda result: result
    from simulator.export.ert import price_with, read_ert

    table = read_ert(ert)
    return lambda result: price_with(result, table)


def read_priced(result: str, ert: Path | None) -> "tuple[Stored, list[str]]":
    """A stored result, at other prices if a table is given, and what is wrong with its own sums.

    InputError where one of the files is none.
    """
    from simulator.export.ert import price_stored, read_ert
    from simulator.results.audit import disagreements
    from simulator.results.stored_energy import read_result

    table = None if ert is None else read_ert(ert)
    stored = read_result(result)
    return (stored if table is None else price_stored(stored, table)), disagreements(stored)


def complain(wrong: list[str]) -> None:
    """Print what does not add up; if there is any, typer.Exit with code 1."""
    from simulator.cli.console import console

    for sentence in wrong:
        console(stderr=True).print(f" does not add up: {sentence}", style="red", highlight=False, markup=False)
    if wrong:
        raise typer.Exit(1)
