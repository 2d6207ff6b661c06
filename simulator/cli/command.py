"""The class of all commands: what holds for each of them is here."""

from typing import Any

from typer.core import TyperCommand

from workloads.regular_files import noting_inputs


class Command(TyperCommand):
    """A command that does not write over a file that it reads."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command. InputError where an output is an input."""
        with noting_inputs():
            return super().invoke(ctx)
