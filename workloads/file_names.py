"""Names of layers and networks that come from names of files, which may be any bytes."""

from os import fsencode
from pathlib import PurePath


def stem_text(path: PurePath) -> str:
    """A file's name without its ending, as text that any file can hold: bytes that are no UTF-8 as numbers."""
    return _text(path.stem)


def name_text(path: PurePath) -> str:
    """A file's name, as text that any file can hold."""
    return _text(path.name)


def _text(name: str) -> str:
    try:
        return fsencode(name).decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:  # half of a character, which no file's name holds
        return name.encode("utf-8", "backslashreplace").decode()
