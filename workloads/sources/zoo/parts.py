"""The zoo's files in parts, so that who asks for one name pays for parsing one: YAML is slow to read."""

import re
from collections.abc import Callable, Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")
NAME = re.compile(r"^([\w.-]+):", re.MULTILINE)
"""A key of the outermost mapping: the zoo's files write it in the first column, and nothing else there."""


class ZooPart(NamedTuple):
    """The text of one name in a file of the zoo, which is a mapping with one key."""

    file: Traversable
    text: str


def zoo_folder() -> Traversable:
    """The folder of the zoo."""
    return files("workloads") / "zoo"


def zoo_parts(file: Traversable) -> dict[str, ZooPart]:
    """The parts of a file, by name."""
    text = file.read_text(encoding="utf-8")
    found = list(NAME.finditer(text))
    ends = [*(one.start() for one in found[1:]), len(text)]
    return {one[1]: ZooPart(file, text[one.start() : end]) for one, end in zip(found, ends, strict=True)}


class ParsedWhenAsked(Mapping[str, T], Generic[T]):
    """Parts by name, each parsed once, when it is asked for."""

    def __init__(self, parts: Mapping[str, ZooPart], parse: Callable[[str, ZooPart], T]):
        self._parts, self._parse = parts, parse
        self._parsed: dict[str, T] = {}

    def __getitem__(self, name: str) -> T:
        if name not in self._parsed:
            self._parsed[name] = self._parse(name, self._parts[name])
        return self._parsed[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)

    def __contains__(self, name: object) -> bool:
        return name in self._parts
