"""What other packages add to our tables, by entry points: machines, kinds, number formats, sources, studies."""

from importlib.metadata import EntryPoint, entry_points
from typing import TypeVar

from workloads.errors import InputError

T = TypeVar("T")


def load_plugins(group: str, wanted: type[T]) -> tuple[T, ...]:
    """The objects that installed packages name under the entry points `group`.

    InputError names the entry point where it cannot be imported or is no `wanted`.
    """
    return tuple(_load(point, wanted) for point in entry_points(group=group))


def _load(point: EntryPoint, wanted: type[T]) -> T:
    """Another package's object. Importing it may raise anything, and the user should know which package it was."""
    described = f"entry point {point.name} = {point.value}"
    article = "an" if wanted.__name__[0] in "AEIOU" else "a"
    try:
        found = point.load()
    except Exception as error:
        raise InputError(f"{described}: {error}; expected {article} {wanted.__name__}") from error
    if not isinstance(found, wanted):
        raise InputError(f"{described}: it is {found!r}; expected {article} {wanted.__name__}")
    return found
