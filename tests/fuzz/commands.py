"""Commands called as a user types them."""

import contextlib
import io
import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from simulator.cli.command import UsageError, describe_refusal


def as_argument(data: bytes) -> str:
    """Bytes as Python gives them to a program that got them on its command line, which holds no zero bytes."""
    return data.replace(b"\0", b"").decode("utf-8", "surrogateescape")


def call(arguments: Sequence[str], folder: Path) -> None:
    """Run a command in a folder. InputError where it refuses, also where typer refuses a text of the command line."""
    from simulator.cli.commands import app

    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="backslashreplace")
    before = sys.argv
    sys.argv = ["zeroskip", *arguments]
    try:
        with contextlib.chdir(folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            app(list(arguments), prog_name="zeroskip", standalone_mode=False)
    except (typer.Exit, SystemExit):
        pass  # a code for a script, such as 1 where outputs differ
    except Exception as error:
        if isinstance(error, UsageError):
            raise describe_refusal(error) from None
        raise
    finally:
        sys.argv = before
