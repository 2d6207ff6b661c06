"""What a harness is, and what an input must not do to its reader."""

import re
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

from workloads.errors import InputError

Mutator = Callable[[bytes, Random], bytes]
HIDDEN = ("Unable to allocate", "MemoryError", "Traceback")
"""Words of an error that was put into a sentence and should have been foreseen."""
EMPTY = re.compile(r":  (is|are|has|cannot) |; expected\s*$")
"""Of a sentence that lacks its key, its value or what was expected."""
GIVEN = "in"
"""What the names of files begin with that a harness writes itself; all else is an output."""
SECONDS, BYTES = 10, 2 << 30
"""Processor time and memory that an input may take."""


class BrokenPromiseError(AssertionError):
    """A reader refused an input, but not as it should."""


class LateError(BaseException):
    """A reader takes more processor time than `SECONDS`; no exception that a reader catches."""


class Harness(NamedTuple):
    """A reader: what calls it, and inputs that it takes.

    read: calls it as a command does, with the input and an empty folder to work in; returns where the reader accepts
    the input, raises InputError where it refuses it. seeds: small valid inputs. mutators: changes of what inputs hold;
    those of bytes are for every reader. own_bytes: False where bytes are never changed, as a library may not return.
    needs: optional libraries.
    """

    name: str
    read: Callable[[bytes, Path], None]
    seeds: Callable[[], Sequence[bytes]]
    mutators: Sequence[Mutator]
    own_bytes: bool = True
    needs: Sequence[str] = ()


def attempt(harness: Harness, data: bytes, folder: Path) -> bool:
    """Whether the reader accepts an input. BrokenPromiseError, or what else it raises, where the promise is broken."""
    refused = False
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        try:
            harness.read(data, folder)
        except InputError as error:
            check_sentence(str(error))
            refused = True
        finally:
            left = [one.name for one in folder.iterdir() if not one.name.startswith(GIVEN)]
            _empty(folder)
    if any(refused or ".partial" in name for name in left):
        raise BrokenPromiseError(f"a part of an output is left: {left}")
    return not refused


def check_sentence(sentence: str) -> None:
    """BrokenPromiseError where a sentence says nothing of what was expected, or quotes an unforeseen error."""
    if "; expected " not in sentence or EMPTY.search(sentence):
        raise BrokenPromiseError(f"no sentence of the form WHERE: WHAT; expected RIGHT: {sentence!r}")
    hidden = next((word for word in HIDDEN if word in sentence), None)
    if hidden:
        raise BrokenPromiseError(f"{hidden} in a sentence: {sentence!r}")


def _empty(folder: Path) -> None:
    import shutil

    for one in folder.iterdir():
        if one.is_dir() and not one.is_symlink():
            shutil.rmtree(one)
        else:
            one.unlink()
