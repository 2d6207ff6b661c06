"""The one error of the edges: what a user gave cannot be used."""

from typing import NoReturn


class InputError(ValueError):
    """A sentence that names where, what, the value, and what was expected; the command line prints it and exits 2."""


class Interrupted(BaseException):
    """Ctrl-C. A class of ours: the library of the command line would print a line about KeyboardInterrupt."""


def refuse(source: object, what: str, expected: str) -> NoReturn:
    """Raise InputError with one sentence: of what, what is wrong with which key and value, what was expected."""
    place = str(source) or "''"
    raise InputError(f"{place}: {what}; expected {expected}")
