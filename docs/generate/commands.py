"""The command reference, from the signatures that the command line is made of."""

import inspect
import types
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple, Union, get_args, get_origin, get_type_hints

from typer.models import ArgumentInfo, OptionInfo

from docs.generate.markdown import MADE, code, table
from simulator.cli import app

HEAD = """# Commands

`zeroskip COMMAND --help` tells the same. Most commands print tables; with `--json` or `--csv` a program can read them.
What the user can mend ends with one sentence on standard error and exit code 2. An output that differs from the
reference kernel's ends with exit code 1.
"""
METAVARS = {int: "INTEGER", float: "FLOAT", Path: "PATH"}


class Parameter(NamedTuple):
    """An argument or an option."""

    name: str
    kind: Any  # of the value, as Python has it
    info: ArgumentInfo | OptionInfo
    default: Any  # inspect.Parameter.empty: it must be given


def pages(_: object) -> dict[str, str]:
    """`commands.md`."""
    found = {info.name or info.callback.__name__: info.callback for info in app.registered_commands if info.callback}
    parts = [_command(name, found[name]) for name in sorted(found)]
    return {"commands.md": MADE + HEAD + "".join(parts)}


def parameters(callback: Callable[..., Any]) -> list[Parameter]:
    """What a command takes."""
    hints = get_type_hints(callback, include_extras=True)
    found = []
    for name, parameter in inspect.signature(callback).parameters.items():
        kind, info = get_args(hints[name])
        found.append(Parameter(name, kind, info, parameter.default))
    return found


def _command(name: str, callback: Callable[..., Any]) -> str:
    """A command: its usage, what it does, its arguments and options."""
    taken = parameters(callback)
    arguments = [one for one in taken if isinstance(one.info, ArgumentInfo)]
    options = [one for one in taken if isinstance(one.info, OptionInfo)]
    usage = " ".join(["zeroskip", name, *(one.name.upper() for one in arguments), "[OPTIONS]" if options else ""])
    text = f"\n## {name}\n\n```text\n{usage.strip()}\n```\n\n{_prose(inspect.getdoc(callback) or '')}\n"
    if arguments:
        text += "\n" + table(("argument", "what it is"), ((code(one.name.upper()), _help(one)) for one in arguments))
    if options:
        rows = ((_names(one), _default(one), _help(one)) for one in options)
        text += "\n" + table(("option", "default", "what it does"), rows)
    return text


def _prose(text: str) -> str:
    """The paragraphs of a help text."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def _help(parameter: Parameter) -> str:
    choices = [one for one in _kinds(parameter.kind) if isinstance(one, type) and issubclass(one, StrEnum)]
    told = f" One of {', '.join(code(choice) for choice in choices[0])}." if choices else ""
    least = getattr(parameter.info, "min", None)
    return (parameter.info.help or "") + told + (f" At least {least}." if least is not None else "")


def _names(parameter: Parameter) -> str:
    given = (parameter.info.default, *(parameter.info.param_decls or ()))  # in Annotated, the first name is `default`
    names = [name for name in given if isinstance(name, str)] or [f"--{parameter.name.replace('_', '-')}"]
    kind = next(one for one in _kinds(parameter.kind) if one is not types.NoneType)
    value = "" if kind is bool else " " + (parameter.info.metavar or METAVARS.get(kind, "TEXT"))
    return ", ".join(code(name + value) if name is names[-1] else code(name) for name in names)


def _default(parameter: Parameter) -> str:
    if parameter.default is inspect.Parameter.empty:
        return "needed"
    return "" if parameter.default in (None, False) else code(parameter.default)


def _kinds(kind: Any) -> tuple[Any, ...]:
    """The parts of a union, or the kind alone; of a list its elements."""
    if get_origin(kind) in (Union, types.UnionType):
        return tuple(part for one in get_args(kind) for part in _kinds(one))
    return _kinds(get_args(kind)[0]) if get_origin(kind) is list else (kind,)
