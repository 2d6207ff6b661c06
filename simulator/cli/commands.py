"""The command line: a file for each command.

Everything heavy is imported where it is used, so that help answers at once.
"""

from inspect import signature
from typing import Annotated

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
from simulator.cli.workload_options import MachineFirst

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
    app.command(cls=MachineFirst if "machine" in signature(command).parameters else None)(command)


@app.callback(invoke_without_command=True)
def options(version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False) -> None:
    """A cycle-level simulator of accelerators that skip zeros."""
    if version:
        from importlib.metadata import version as installed

        print(f"zeroskip {installed('zeroskip')}")
        raise typer.Exit
