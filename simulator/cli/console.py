"""What the commands share: a console, formats of output, files."""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from simulator.config.load import Config

LEAST_WIDTH, PIPED_WIDTH = 80, 100
"""Columns on a terminal, and where output goes elsewhere; COLUMNS in the environment decides both."""

JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON.")]
CsvFlag = Annotated[bool, typer.Option("--csv", help="Print CSV.")]


def one_format(as_json: bool, as_csv: bool) -> None:
    """Refuse two formats at once (InputError)."""
    from workloads.errors import InputError

    if as_json and as_csv:
        raise InputError("both --json and --csv are given; expected one of them")


def check_output(output: Path, *endings: str) -> None:
    """Refuse an output file of another ending, or where none can be written, before the work begins (InputError)."""
    from workloads.errors import InputError
    from workloads.whole_files import check_place

    if output.suffix not in endings:
        expected = f"a name that ends with {' or '.join(endings)}"
        raise InputError(f"{output}: it ends with {output.suffix!r}; expected {expected}")
    check_place(output)


def put_out(
    as_json: bool,
    as_csv: bool,
    document: Callable[[], object],
    frame: "Callable[[], pd.DataFrame] | None",
    show: Callable[[], None],
    notes: Callable[[], Sequence[str]] = tuple,
) -> None:
    """Print a document as JSON, a frame as CSV, or what `show` prints.

    notes: sentences that CSV has no place for; they go to standard error.
    """
    if as_json:
        print(json.dumps(document(), indent=2, allow_nan=False))
    elif as_csv and frame is not None:
        print(frame().to_csv(index=False), end="")
        for note in notes():
            console(stderr=True).print(f"note  {note}", highlight=False, markup=False, soft_wrap=True)
    else:
        show()


def load_config(machine: str, settings: list[str] | None, engine: str = "numba", form: str | None = None) -> "Config":
    """A configuration with the user's changes. InputError where one is wrong: cheap checks come first.

    form: the number format of the weights, where one is given.
    """
    from simulator.config.formats import load_with_format
    from simulator.config.load import parse_changes
    from simulator.config.machine_first import check_machine_first
    from simulator.core.registry import check_engine

    check_machine_first(machine)
    config = load_with_format(machine, parse_changes(settings or []), form)
    check_engine(engine)
    return config


def write(files: Mapping[Path, bytes | str], about: str = "") -> None:
    """Write files, all of them whole or none, and say so. InputError where the system refuses to write."""
    from simulator.cli.interruption import whole_step
    from workloads.whole_files import write_files

    with whole_step(*files):
        write_files(files)
    for path in files:
        console().print(f" written to {path}{about}", highlight=False, markup=False)


def console(stderr: bool = False) -> "Console":
    """A console on which no figure is cut: a narrow terminal wraps lines, and tables shorten names."""
    from simulator.cli.plain_console import PlainConsole

    plain = PlainConsole(stderr=stderr)
    known = plain.is_terminal or "COLUMNS" in os.environ
    return PlainConsole(stderr=stderr, width=max(plain.width, LEAST_WIDTH if known else PIPED_WIDTH))
