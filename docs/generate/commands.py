"""The command reference, from the signatures that the command line is made of."""

import inspect
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, Union, get_args, get_origin, get_type_hints

from typer.models import ArgumentInfo, OptionInfo

from docs.generate.markdown import MADE, code, table
from simulator.cli.commands import app
from simulator.studies import studies

HEAD = """# Commands

`zeroskip COMMAND --help` prints the same; `zeroskip --version` prints the version. Most commands print tables; with
`--json` or `--csv` they print what a program can read. An error that the user can correct is one sentence on standard
error, with exit code 2. An output that differs from the reference kernel's ends with exit code 1.
"""
METAVARS = {int: "INTEGER", float: "FLOAT", Path: "PATH"}


class Parameter(NamedTuple):
    """An argument or an option."""

    name: str
    kind: Any  # the type of the value
    info: ArgumentInfo | OptionInfo
    default: Any  # inspect.Parameter.empty where a value is required


def pages(_: object) -> dict[str, str]:
    """`commands.md`."""
    found = {info.name or info.callback.__name__: info.callback for info in app.registered_commands if info.callback}
    parts = {name: _command(name, found[name]) for name in sorted(found)}
    parts["study"] += "\n" + table(("study", "what it is"), ((code(one.name), one.about) for one in studies().values()))
    return {"commands.md": MADE + HEAD + "".join(parts.values())}


def parameters(callback: Callable[..., Any]) -> list[Parameter]:
    """The arguments and options of a command."""
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
    usage = " ".join(["zeroskip", name, *map(_usage, arguments), "[OPTIONS]" if options else ""])
    text = f"\n## {name}\n\n```text\n{usage.strip()}\n```\n\n{_prose(inspect.getdoc(callback) or '')}\n"
    if arguments:
        text += "\n" + table(("argument", "what it is"), ((code(_metavar(one)), _help(one)) for one in arguments))
    if options:
        rows = ((_names(one), _default(one), _help(one)) for one in options)
        text += "\n" + table(("option", "default", "what it does"), rows)
    return text


def _usage(argument: Parameter) -> str:
    """An argument in the usage line; in brackets where it can be left out."""
    name = _metavar(argument)
    return name if argument.default is inspect.Parameter.empty else f"[{name}]"


def _metavar(argument: Parameter) -> str:
    return argument.info.metavar or argument.name.upper()


def _prose(text: str) -> str:
    """The paragraphs of a help text."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def _help(parameter: Parameter) -> str:
    least = getattr(parameter.info, "min", None)
    return (parameter.info.help or "") + (f" At least {least}." if least is not None else "")


def _names(parameter: Parameter) -> str:
    given = (parameter.info.default, *(parameter.info.param_decls or ()))  # in Annotated, the first name is `default`
    names = [name for name in given if isinstance(name, str)] or [f"--{parameter.name.replace('_', '-')}"]
    kind = next(one for one in _kinds(parameter.kind) if one is not types.NoneType)
    value = "" if kind is bool else " " + (parameter.info.metavar or METAVARS.get(kind, "TEXT"))
    return ", ".join(code(name + value) if name is names[-1] else code(name) for name in names)


def _default(parameter: Parameter) -> str:
    if parameter.default is inspect.Parameter.empty:
        return "needed"
    return "" if parameter.default is None or parameter.default is False else code(parameter.default)


def _kinds(kind: Any) -> tuple[Any, ...]:
    """The types of a union, or the type alone; for a list, those of its elements."""
    if get_origin(kind) in (Union, types.UnionType):
        return tuple(part for one in get_args(kind) for part in _kinds(one))
    return _kinds(get_args(kind)[0]) if get_origin(kind) is list else (kind,)
