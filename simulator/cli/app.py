"""The command line: a file for each command.

Everything heavy is imported where it is used, so that help answers at once.
"""

import os
import sys
from io import TextIOWrapper
from typing import Annotated, NoReturn

import typer

from simulator.cli.ablate import ablate
from simulator.cli.check import check
from simulator.cli.compare import compare
from simulator.cli.compress import compress
from simulator.cli.explain import explain
from simulator.cli.export import export
from simulator.cli.inspect_network import inspect
from simulator.cli.list_workloads import list_workloads
from simulator.cli.pareto import pareto
from simulator.cli.plot import plot
from simulator.cli.report import report
from simulator.cli.requests import requests
from simulator.cli.results import results
from simulator.cli.run import run
from simulator.cli.study import study
from simulator.cli.sweep import sweep
from simulator.cli.trace import trace
from simulator.cli.validate import validate

app = typer.Typer(
    name="zeroskip",
    help="A cycle-level simulator of accelerators that skip zeros.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("list")(list_workloads)
for command in (
    run, check, compare, trace, report, plot, validate, compress, inspect, study, ablate, sweep, results, pareto,
    requests, explain, export,
):  # fmt: skip
    app.command()(command)


@app.callback(invoke_without_command=True)
def options(version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False) -> None:
    """A cycle-level simulator of accelerators that skip zeros."""
    if version:
        from importlib.metadata import version as installed

        print(f"zeroskip {installed('zeroskip')}")
        raise typer.Exit


def main() -> None:
    """Run the command line: a sentence and exit code 2 for what the user can mend."""
    from workloads.errors import InputError

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
        sys.stdout.flush()
    except InputError as error:
        _fail(str(error), 2)
    except MemoryError as error:
        _fail(f"there is not enough memory ({error}); expected a smaller layer or fewer PEs", 2)
    except OSError as error:
        # the interpreter must not try to flush again what could not be written
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):  # whoever read the output has enough of it
            sys.exit(1)
        _fail(f"the system refused to read or write ({error}); expected a file or a device that it allows", 2)


def _fail(sentence: str, code: int) -> NoReturn:
    print(f"zeroskip: {sentence}", file=sys.stderr)
    sys.exit(code)
