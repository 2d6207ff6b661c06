"""A recipe out of a mapping, whoever wrote it: checked by its type, with integers that can be calculated with."""

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from workloads.errors import InputError, refuse
from workloads.kinds.kind import AnyRecipe
from workloads.yaml_files import validation_sentence

MOST = (1 << 63) - 1
"""Of an integer: a product of several is a number in floating point."""


def checked_recipe(where: str, form: Any, content: Any) -> AnyRecipe:
    """A recipe of this type. InputError names the key of what is wrong, also of an integer beyond `MOST`."""
    key = next(_beyond(content, ()), None)
    if key is not None:
        refuse(where, f"{key or 'it'} is an integer of more than 63 bits", f"a number of at most {MOST}")
    try:
        return form.model_validate(content)
    except ValidationError as error:
        raise InputError(validation_sentence(where, form, error)) from None


def _beyond(content: Any, above: tuple[str, ...]) -> Iterator[str]:
    """The keys of integers beyond `MOST`."""
    if isinstance(content, dict):
        for key, value in content.items():
            yield from _beyond(value, (*above, str(key)))
    elif isinstance(content, list | tuple):
        for place, value in enumerate(content):
            yield from _beyond(value, (*above, str(place)))
    elif isinstance(content, int) and abs(content) > MOST:
        yield ".".join(above)
