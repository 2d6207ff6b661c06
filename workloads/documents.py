"""YAML documents and what is wrong with them, in a sentence."""

from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from workloads.errors import InputError

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class Strict(BaseModel):
    """A part of a document: no key is ignored and no value is converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def parse_yaml(source: object, text: str) -> dict[str, Any]:
    """Parse a YAML mapping with text keys."""
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InputError(f"{source}: it is no YAML ({' '.join(str(error).split())}); expected a mapping") from None
    if not isinstance(content, dict) or not all(isinstance(key, str) for key in content):
        raise InputError(f"{source}: it holds {type(content).__name__}; expected a mapping with text keys")
    return content


def read_text(path: Path, expected: str) -> str:
    """Read a text file, or say in a sentence why not."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file; expected {expected}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: it cannot be read ({error}); expected {expected}") from None


def validation_sentence(where: str, error: ValidationError) -> str:
    """The first complaint of pydantic as one sentence: where, key, value, what was expected."""
    first = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] == "missing":
        return f"{where}: {key} is missing; expected a value"
    if first["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
        return f"{where}: {key} is an unknown key; expected only documented keys"
    value = first["input"]
    shown = repr(value) if not isinstance(value, dict) else "a mapping"
    expected = first["msg"].replace("Input should be ", "").replace("Value error, ", "")
    return f"{where}: {key} is {shown}; expected {expected[:1].lower()}{expected[1:]}"
