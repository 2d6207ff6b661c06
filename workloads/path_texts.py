"""Names and paths as users give them: a str and a `pathlib.Path` are the same everywhere."""

from os import PathLike, fspath

from workloads.errors import InputError
from workloads.yaml_files import shorten


def path_text(what: str, value: object, expected: str) -> str:
    """A name or a path as a text. InputError about `what` where it is neither, and where the path is of bytes."""
    text = fspath(value) if isinstance(value, PathLike) else value
    if not isinstance(text, str):
        raise InputError(f"{what} is {shorten(' '.join(repr(value).split()), 60)}; expected {expected}")
    return text
