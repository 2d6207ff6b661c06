"""A tensor that is read when it is asked for."""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from workloads.array_checks import check_shape, float32
from workloads.errors import refuse

FLOATS = ("float64", "float32", "float16", "bfloat16", "float8_e4m3fn", "float8_e5m2")


class Tensor(NamedTuple):
    """A tensor by its name, shape and type; its numbers are read by `load`."""

    name: str
    shape: tuple[int, ...]
    dtype: str  # as numpy and ml_dtypes name it, or as its file does
    load: Callable[[], np.ndarray]  # InputError where it cannot be read
    notes: tuple[str, ...] = ()  # how it was made, a sentence each
    parts: tuple[str, ...] = ()  # the names of the tensors that it was made of

    def check(self, source: object, sizes: Mapping[str, int | None]) -> None:
        """InputError about `source` where it is no floating point, is empty, or has other sizes; see `shaped`."""
        check_shape(source, self.name, self.shape, sizes)
        if self.dtype not in FLOATS:
            refuse(source, f"{self.name} has dtype {self.dtype}", "floating point")
        if 0 in self.shape:
            refuse(source, f"{self.name} has shape {list(self.shape)}", "an array that is not empty")

    def values(self, source: object) -> np.ndarray:
        """The numbers, float32 [shape]. InputError about `source` where one is not finite in float32."""
        return float32(source, self.name, self.load())

    def outline(self) -> np.ndarray:
        """Zeros, float32 [shape], that take no memory."""
        return np.broadcast_to(np.float32(0), self.shape)


def of_array(name: str, array: np.ndarray) -> Tensor:
    """A tensor that is read already, numbers [any shape]."""
    return Tensor(name, array.shape, str(array.dtype), lambda: array)


def natural(name: str) -> tuple[tuple[bool, int, str], ...]:
    """The order of names in which their numbers count as numbers: fc2 comes before fc10."""
    parts = [part for part in re.split(r"([0-9]+)", name) if part]
    return tuple((not part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in parts)
