"""The JSON in a store's cells, which a damaged file may hold in any form."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from workloads.document_types import Document
from workloads.errors import refuse
from workloads.yaml_files import shorten

MOST_DIGITS, LONGEST_INTEGER = 300, 4000
"""Of numbers, and of seeds; Python itself reads no more than 4300."""
LARGEST, LARGEST_SEED = 10**MOST_DIGITS - 1, 10 ** (LONGEST_INTEGER - 1) - 1
SEED = "seed"
ESCAPE = "\\ud"
"""What half of a character begins with in JSON."""
EXPECTED = "what `zeroskip sweep` wrote"


def parse_json(text: str, parse_constant: Callable[[str], object] | None = None) -> Any:
    """What JSON holds. ValueError where it is none, or where an integer is too large for a number in floating point.

    Only a seed may be larger: nothing is calculated with it.
    """
    return json.loads(
        text, parse_constant=parse_constant, parse_int=_parse_integer, object_pairs_hook=_with_numbers_that_fit
    )


def most_digits(name: str, value: object) -> int | None:
    """How many digits an integer of this name may have, where a value has more: no store could be read that holds it.

    None for all other values.
    """
    if not isinstance(value, int) or abs(value) <= (LARGEST_SEED if name == SEED else LARGEST):
        return None
    return LONGEST_INTEGER - 1 if name == SEED else MOST_DIGITS


def _parse_integer(text: str) -> int:
    if len(text) > LONGEST_INTEGER:
        raise ValueError(_too_long(len(text), LONGEST_INTEGER - 1))
    return int(text)


def _with_numbers_that_fit(pairs: list[tuple[str, Any]]) -> Document:
    for name, value in pairs:
        for one in value if isinstance(value, list) else (value,):
            if (most := most_digits(name, one)) is not None:
                raise ValueError(_too_long(len(str(abs(one))), most))
    return dict(pairs)


def _too_long(digits: int, most: int = MOST_DIGITS) -> str:
    return f"an integer has {digits:,} digits, and {most:,} at most are read"


def plain_texts(found: Any) -> Any:
    """What JSON held, with escapes for bytes of names that are no UTF-8, which are no characters, and no file takes."""
    if isinstance(found, str):
        return found.encode(errors="backslashreplace").decode()
    if isinstance(found, list):
        return [plain_texts(one) for one in found]
    if isinstance(found, dict):
        return {plain_texts(name): plain_texts(one) for name, one in found.items()}
    return found


def stored_cells(path: Path, owner: str | int, what: str, text: object) -> Document:
    """Numbers and texts by name; owner: a point's id, or a form's number. InputError where the text is other."""
    return _checked(path, owner, what, _parse(path, owner, what, text))


def stored_layers(path: Path, point: str, text: object) -> list[Document]:
    """A network's layers, numbers and texts by name each. InputError where the text is anything else."""
    found = _parse(path, point, "layers", text)
    if not isinstance(found, list):
        _refuse(path, point, "layers", f"it holds {type(found).__name__}")
    return [_checked(path, point, "layers", layer) for layer in found]


def stored_names(path: Path, owner: str | int, what: str, text: object) -> tuple[str, ...]:
    """Names of figures. InputError where the text is anything else, or one is there twice."""
    found = _parse(path, owner, what, text)
    if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
        _refuse(path, owner, what, f"it holds {shorten(repr(found), 60)}")
    if len(set(found)) < len(found):
        _refuse(path, owner, what, "it has a name twice")
    return tuple(found)


def stored_values(path: Path, point: str, names: Sequence[str], text: object) -> Document:
    """Numbers and texts by these names. InputError where the text is anything else than a list of as many."""
    found = _parse(path, point, "results", text)
    if not isinstance(found, list):
        _refuse(path, point, "results", f"it holds {type(found).__name__}")
    if len(found) != len(names):
        _refuse(path, point, "results", f"it has {len(found)} values for {len(names)} names")
    for name, value in zip(names, found, strict=True):
        if isinstance(value, int) and abs(value) > LARGEST:
            _refuse(path, point, "results", f"it is no JSON: {_too_long(len(str(abs(value))))}")
        if isinstance(value, dict | list):
            _refuse(path, point, "results", f"its {shorten(name, 60)} is {type(value).__name__}")
    return dict(zip(names, found, strict=True))


def _parse(path: Path, owner: str | int, what: str, text: object) -> object:
    if not isinstance(text, str):
        _refuse(path, owner, what, f"it is {type(text).__name__}")
    try:
        found: object = parse_json(text)
    except (ValueError, RecursionError) as error:
        _refuse(path, owner, what, f"it is no JSON: {shorten(str(error), 100)}")
    return plain_texts(found) if ESCAPE in text else found


def _checked(path: Path, owner: str | int, what: str, found: object) -> Document:
    if not isinstance(found, dict):
        _refuse(path, owner, what, f"it holds {type(found).__name__}")
    for name, value in found.items():
        if isinstance(value, dict | list):
            _refuse(path, owner, what, f"its {shorten(name, 60)} is {type(value).__name__}")
    return found


def _refuse(path: Path, owner: str | int, what: str, why: str) -> NoReturn:
    whose = f"form {owner}" if isinstance(owner, int) else f"point {shorten(str(owner), 16)}"
    refuse(path, f"the {what} of {whose} cannot be read ({why})", EXPECTED)
