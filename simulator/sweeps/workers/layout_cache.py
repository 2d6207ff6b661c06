"""What a layer's layout depends on, found by watching: the numbers of the architecture that `streams.layout` read."""

import math
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from simulator.core.machine import A, AnyMachine
from workloads.kinds.kind import CompressedLayer

MOST_BYTES = 512 << 20


class Laid(NamedTuple):
    """A layout and the numbers that decided it: any architecture with the same gives the same layout."""

    decided_by: dict[str, int]
    passes: Sequence[object]
    bytes: int


class Layouts:
    """The layouts of one layer on one machine; the oldest go where they take too much room."""

    def __init__(self, machine: AnyMachine, layer: CompressedLayer, most_bytes: int = MOST_BYTES):
        self.machine, self.layer, self.most_bytes = machine, layer, most_bytes
        self._laid: OrderedDict[int, Laid] = OrderedDict()
        self.made = 0

    def find(self, arch: A) -> Sequence[object]:
        """The layer's layout for an architecture, made now or before."""
        for key, laid in self._laid.items():
            if all(getattr(arch, name) == value for name, value in laid.decided_by.items()):
                self._laid.move_to_end(key)
                return laid.passes
        watched = watch(arch)
        passes = self.machine.layout(watched, self.layer)
        self.made += 1
        self._laid[self.made] = Laid(read(watched), passes, array_bytes(passes))
        while len(self._laid) > 1 and self.bytes > self.most_bytes:
            self._laid.popitem(last=False)
        return passes

    @property
    def bytes(self) -> int:
        """Of all layouts that are kept."""
        return sum(laid.bytes for laid in self._laid.values())


def watch(arch: A) -> A:
    """An architecture that is equal to `arch` and writes down which of its numbers are read."""
    kind: Any = type(arch)
    return _watching(kind)(*arch)


def read(watched: object) -> dict[str, int]:
    """What was read of a watched architecture so far, by name."""
    return dict(vars(watched).get("_read", {}))


def array_bytes(value: object) -> int:
    """The bytes of all arrays in nested tuples and mappings; a number that is repeated without memory counts once."""
    if isinstance(value, np.ndarray):
        own = (size for size, stride in zip(value.shape, value.strides, strict=True) if stride)
        return value.itemsize * math.prod(own)
    if isinstance(value, dict):
        return sum(map(array_bytes, value.values()))
    return sum(map(array_bytes, value)) if isinstance(value, tuple | list) else 0


@cache
def _watching(kind: type) -> type:
    """The named tuple `kind` whose reads leave a trace; reading it as a plain tuple reads all of it."""
    names: tuple[str, ...] = kind._fields  # type: ignore[attr-defined]

    def note(self: object, chosen: Sequence[str]) -> None:
        seen = object.__getattribute__(self, "__dict__").setdefault("_read", {})
        seen.update({name: object.__getattribute__(self, name) for name in chosen})

    def one(self: object, name: str) -> object:
        if name in names:
            note(self, (name,))
        return object.__getattribute__(self, name)

    body: dict[str, object] = {"__getattribute__": one}
    for name in ("__iter__", "__getitem__", "__eq__", "__hash__", "__ne__", "__contains__", "__len__"):
        body[name] = _reading_all(getattr(tuple, name), note, names)
    return type(f"Watched{kind.__name__}", (kind,), body)


def _reading_all(
    method: Callable[..., object], note: Callable[[object, Sequence[str]], None], names: Sequence[str]
) -> Callable[..., object]:
    def reading(self: object, *arguments: object) -> object:
        note(self, names)
        return method(self, *arguments)

    return reading
