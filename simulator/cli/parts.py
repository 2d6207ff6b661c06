"""What the commands share: options, a console, a sign of life."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

LEAST_WIDTH = 100

JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON.")]
CsvFlag = Annotated[bool, typer.Option("--csv", help="Print CSV.")]


def one_format(as_json: bool, as_csv: bool) -> None:
    """Refuse two formats at once."""
    from workloads.errors import InputError

    if as_json and as_csv:
        raise InputError("both --json and --csv are given; expected one of them")


def check_output_name(output: Path) -> None:
    """Refuse a name that is none of a compressed network, before the work begins."""
    from workloads.errors import InputError

    if output.suffix != ".safetensors":
        raise InputError(f"{output}: it ends with {output.suffix!r}; expected a name that ends with .safetensors")


def console(stderr: bool = False) -> "Console":
    """A console on which tables are never squeezed: a narrow terminal wraps lines, but no figure is cut."""
    from rich.console import Console

    plain = Console(stderr=stderr)
    return Console(stderr=stderr, width=max(plain.width, LEAST_WIDTH))


@contextmanager
def progress(text: str) -> Iterator[Callable[[str], None]]:
    """A spinner on a terminal's standard error while something takes its time; elsewhere nothing."""
    from rich.markup import escape

    with console(stderr=True).status(escape(text)) as status:
        yield lambda text: status.update(escape(text))
