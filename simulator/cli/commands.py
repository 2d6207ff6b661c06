"""The command line: a file for each command, and the one table of them.

Everything heavy is imported where it is used, so that help answers at once; and where the command is known, only its
file is.
"""

from collections.abc import Iterable
from importlib import import_module
from inspect import signature
from typing import Annotated

import typer

from simulator.cli.command import Command
from simulator.cli.workload_options import MachineFirst

COMMANDS = {
    "list": "list_workloads:list_workloads",
    "run": "run:run",
    "check": "check:check",
    "compare": "compare:compare",
    "why": "why:why",
    "trace": "trace:trace",
    "report": "report:report",
    "plot": "plot:plot",
    "validate": "validate:validate",
    "compress": "compress:compress",
    "inspect": "inspect_network:inspect",
    "study": "study:study",
    "ablate": "ablate:ablate",
    "calibrate": "calibrate:calibrate",
    "sweep": "sweep:sweep",
    "explore": "explore:explore",
    "results": "results:results",
    "pareto": "pareto:pareto",
    "requests": "requests:requests",
    "explain": "explain:explain",
    "export": "export:export",
    "system": "system:system",
    "camera": "camera:camera",
}
"""Module and function of each command, in the order of the help."""


def make_app(names: Iterable[str]) -> typer.Typer:
    """The command line with some of the commands."""
    app = typer.Typer(
        name="zeroskip",
        help="A cycle-level simulator of accelerators that skip zeros.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    for name in names:
        module, _, function = COMMANDS[name].partition(":")
        command = getattr(import_module(f"simulator.cli.{module}"), function)
        app.command(name, cls=MachineFirst if "machine" in signature(command).parameters else Command)(command)
    app.callback(invoke_without_command=True)(_options)
    return app


def app_for(arguments: list[str]) -> typer.Typer:
    """The command line with the one command that the arguments name, or with all."""
    return make_app(arguments[:1] if arguments and arguments[0] in COMMANDS else COMMANDS)


def _options(version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False) -> None:
    """A cycle-level simulator of accelerators that skip zeros."""
    if version:
        from importlib.metadata import version as installed

        print(f"zeroskip {installed('zeroskip')}")
        raise typer.Exit


def __getattr__(name: str) -> typer.Typer:
    """`app`, the command line with all commands. AttributeError for another name."""
    if name == "app":
        found = globals()["app"] = make_app(COMMANDS)
        return found
    raise AttributeError(f"module {__name__} has no attribute {name}")
