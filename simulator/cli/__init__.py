"""The command line: `main` is the command `zeroskip`, `app` holds its commands.

The commands are imported once Ctrl-C is taken care of.
"""

import atexit
import errno
import gc
import os
import sys
import warnings
from io import TextIOWrapper
from typing import TYPE_CHECKING, NoReturn

from simulator.cli.interruption import INTERRUPTED, Interrupted, describe_interruption, interrupts

if TYPE_CHECKING:
    from typer import Typer

__all__ = ["app", "main"]

YOUNG_OBJECTS = 50_000
"""New objects after which Python looks for reference cycles (its own default is some hundreds)."""
LONGEST_SENTENCE = 2000
"""Characters of an error, which may quote a file; its beginning and its end are shown."""


def __getattr__(name: str) -> "Typer":
    """The commands. AttributeError for another name."""
    if name == "app":
        from simulator.cli import commands

        return commands.app
    raise AttributeError(f"module {__name__} has no attribute {name}")


def main() -> None:
    """Run the command line: a sentence and exit code 2 for what the user can mend, 130 for Ctrl-C."""
    _take_closed_streams()
    with interrupts():
        try:
            _run()
        except Interrupted:
            _fail(describe_interruption(), INTERRUPTED)


def _look_for_cycles_less_often() -> None:
    """Have Python collect reference cycles later, and at the end not at all: this takes a third of a short command."""
    gc.set_threshold(YOUNG_OBJECTS, *gc.get_threshold()[1:])
    atexit.unregister(gc.freeze)
    atexit.register(gc.freeze)


def _hide_warnings_of_libraries() -> None:
    """Print no warning of a library, which names a line of ours, unless `-W` or PYTHONWARNINGS asks for it."""
    if not sys.warnoptions:
        warnings.simplefilter("ignore")


def _run() -> None:
    """Run the command that was typed."""
    _look_for_cycles_less_often()
    _hide_warnings_of_libraries()
    from simulator.cli.environment import forget_nonsense

    forget_nonsense()
    from simulator.cli.command import UsageError, describe_refusal
    from simulator.cli.commands import app_for
    from simulator.cli.without_scipy import load_numba_quickly
    from simulator.core.threads import threads
    from workloads.errors import InputError

    load_numba_quickly()

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        try:
            threads()
            code = app_for(sys.argv[1:])(prog_name="zeroskip", standalone_mode=False)
        finally:  # also where a command ends by itself: what cannot be written is an error here, and not at exit
            sys.stdout.flush()
    except InputError as error:
        _fail(str(error), 2)
    except UsageError as error:
        _fail(str(describe_refusal(error)), 2)
    except UnicodeEncodeError as error:  # of a file's name, which this kind of output cannot hold
        _fail(f"a name is no text in UTF-8 ({error.object[:60]!a}); expected names of characters", 2)
    except MemoryError as error:
        _fail(f"there is not enough memory ({error}); expected a smaller layer or fewer PEs", 2)
    except OSError as error:
        _refused_by_the_system(error)
    sys.exit(code or 0)


def _refused_by_the_system(error: OSError) -> NoReturn:
    """End with a sentence about what could not be read or written."""
    # the interpreter must not try to flush again what could not be written
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if isinstance(error, BrokenPipeError):  # whoever read the output has enough of it
        sys.exit(1)
    if error.errno == errno.EBADF:
        _fail("standard output is closed; expected one to print to", 2)
    if isinstance(error, FileNotFoundError) and error.filename is None:  # of asking where we are
        _fail("the working folder does not exist any more; expected to be started in one that does", 2)
    _fail(f"the system refused to read or write ({error}); expected a file or a device that it allows", 2)


def _take_closed_streams() -> None:
    """Take the numbers of standard streams that are closed, before a file gets them; none of them can be printed to."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY if number == 2 else os.O_RDONLY), number)
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - as long as the process
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115


def _fail(sentence: str, code: int) -> NoReturn:
    from simulator.results.text import shorten_middle, without_controls

    print(f"zeroskip: {shorten_middle(without_controls(sentence, keep=''), LONGEST_SENTENCE)}", file=sys.stderr)
    sys.exit(code)
