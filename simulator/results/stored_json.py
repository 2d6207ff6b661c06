"""The JSON in a store's cells, which a damaged file may hold in any form."""

import json
from pathlib import Path
from typing import Any, NoReturn

from workloads.document_types import Document
from workloads.errors import refuse
from workloads.yaml_files import shorten

MOST_DIGITS = 300
ESCAPE = "\\ud"
"""What half of a character begins with in JSON."""
EXPECTED = "what `zeroskip sweep` wrote"


def parse_integer(text: str) -> int:
    """An integer of JSON. ValueError where it is too large for a number in floating point."""
    if len(text) > MOST_DIGITS:
        raise ValueError(f"an integer has {len(text):,} digits, and {MOST_DIGITS} at most are read")
    return int(text)


def plain_texts(found: Any) -> Any:
    """What JSON held, with escapes for bytes of names that are no UTF-8, which are no characters, and no file takes."""
    if isinstance(found, str):
        return found.encode(errors="backslashreplace").decode()
    if isinstance(found, list):
        return [plain_texts(one) for one in found]
    if isinstance(found, dict):
        return {plain_texts(name): plain_texts(one) for name, one in found.items()}
    return found


def stored_cells(path: Path, point: str, what: str, text: object) -> Document:
    """Numbers and texts by name. InputError where the text is anything else."""
    return _checked(path, point, what, _parse(path, point, what, text))


def stored_layers(path: Path, point: str, text: object) -> list[Document]:
    """A network's layers, numbers and texts by name each. InputError where the text is anything else."""
    found = _parse(path, point, "layers", text)
    if not isinstance(found, list):
        _refuse(path, point, "layers", f"it holds {type(found).__name__}")
    return [_checked(path, point, "layers", layer) for layer in found]


def _parse(path: Path, point: str, what: str, text: object) -> object:
    if not isinstance(text, str):
        _refuse(path, point, what, f"it is {type(text).__name__}")
    try:
        found: object = json.loads(text, parse_int=parse_integer)
    except (ValueError, RecursionError) as error:
        _refuse(path, point, what, f"it is no JSON: {shorten(str(error), 100)}")
    return plain_texts(found) if ESCAPE in text else found


def _checked(path: Path, point: str, what: str, found: object) -> Document:
    if not isinstance(found, dict):
        _refuse(path, point, what, f"it holds {type(found).__name__}")
    for name, value in found.items():
        if isinstance(value, dict | list):
            _refuse(path, point, what, f"its {shorten(name, 60)} is {type(value).__name__}")
    return found


def _refuse(path: Path, point: str, what: str, why: str) -> NoReturn:
    refuse(path, f"the {what} of point {shorten(str(point), 16)} cannot be read ({why})", EXPECTED)
