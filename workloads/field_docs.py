"""What `help()` says of the fields of named tuples."""

from collections.abc import Callable
from typing import TypeVar

C = TypeVar("C", bound=type)


def describe_fields(**sentences: str) -> Callable[[C], C]:
    """Give the fields of a named tuple their docstrings, by name. KeyError where a field has none, or a name no field.

    >>> from typing import NamedTuple
    >>> @describe_fields(x="To the right.")
    ... class Place(NamedTuple):
    ...     x: int
    >>> Place.x.__doc__
    'To the right.'
    """

    def describe(named: C) -> C:
        fields: tuple[str, ...] = named._fields  # type: ignore[attr-defined]
        if set(fields) != set(sentences):
            raise KeyError(f"{named.__name__}: {sorted(set(fields) ^ set(sentences))}")
        for name, sentence in sentences.items():
            getattr(named, name).__doc__ = sentence
        return named

    return describe
