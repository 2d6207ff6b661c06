"""The class of all commands: what holds for each of them is here."""

from collections import Counter
from typing import Any

import typer
from typer.core import TyperCommand

from workloads.errors import InputError, refuse
from workloads.regular_files import noting_inputs

UsageError: type[Exception] = typer.BadParameter.__bases__[0]
"""What the library of the command line raises where it cannot read the arguments."""


class Command(TyperCommand):
    """A command that takes each option once, and does not write over a file that it reads."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """What is left of the arguments. InputError where an option is given twice that holds one value."""
        _, _, given = self.make_parser(ctx).parse_args(args=list(args))
        for option, times in Counter(given).items():
            if times > 1 and option.param_type_name == "option" and not (option.multiple or option.is_eager):
                refuse(option.opts[0], f"it is given {times} times", "one")
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run the command. InputError where an output is an input."""
        with noting_inputs():
            return super().invoke(ctx)


def describe_refusal(error: Any) -> InputError:
    """A `UsageError` as a sentence of ours: what is wrong, and how the command is called."""
    what = " ".join(error.format_message().split()).rstrip(".")
    where, usage = "the command line", "what `zeroskip --help` shows"
    if error.ctx is not None:
        where = error.ctx.info_name if error.ctx.parent is not None else where
        form = " ".join(error.ctx.get_usage().split()).removeprefix("Usage: ")
        usage = f"`{form}`, see `{error.ctx.command_path} --help`"
    return InputError(f"{where}: {what[:1].lower()}{what[1:]}; expected {usage}")
