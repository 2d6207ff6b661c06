"""Checks of arrays that users give: dtype, shape, and finite values."""

import math
from collections.abc import Mapping
from typing import Any, NoReturn

import numpy as np

from workloads.errors import refuse

MOST_WEIGHTS = 1 << 31
"""Of a sparse matrix that is made dense: 8 GiB in float32."""


def float32(source: object, key: str, array: np.ndarray) -> np.ndarray:
    """Return the array as contiguous float32 of the same shape, [any shape].

    InputError about `key` of `source` where the array is not floating point or is empty, or where a value is not finite
    in float32.
    """
    if array.dtype.kind != "f":
        refuse(source, f"{key} has dtype {array.dtype}", "floating point")
    if array.size == 0:
        refuse(source, f"{key} has shape {list(array.shape)}", "an array that is not empty")
    with np.errstate(over="ignore"):
        converted = np.ascontiguousarray(array, np.float32)
    finite = np.isfinite(converted)
    if not finite.all():
        place = tuple(int(i) for i in np.argwhere(~finite)[0])
        bad = int(converted.size - np.count_nonzero(finite))
        refuse(source, f"{key}{list(place)} is {array[place]} ({bad} such values)", "finite numbers within float32")
    refuse_lost(source, key, array, converted)
    return converted


def refuse_lost(source: object, key: str, array: np.ndarray, converted: np.ndarray) -> None:
    """Refuse numbers that are not zero and become zero in another floating-point dtype (InputError).

    array, converted: the same numbers [any shape] before and after.
    """
    if array.dtype.itemsize <= converted.dtype.itemsize:
        return
    lost = int(np.count_nonzero(array)) - int(np.count_nonzero(converted))
    if lost:
        place = tuple(int(i) for i in np.argwhere((array != 0) & (converted == 0))[0])
        found = f"{key}{list(place)} is {array[place]} ({lost} such values), which is zero in {converted.dtype}"
        refuse(source, found, f"zeros, or numbers that {converted.dtype} holds")


def given_input(source: object, name: str, array: np.ndarray, fits: bool, expected: str) -> np.ndarray:
    """Return the input that a user gives to the layer `name`, [shape of the kind], as float32 of the same shape.

    fits: whether its shape is that of the layer. InputError about `source` where it is not, or where the array holds
    no finite numbers; expected: what it should be.
    """
    if array.dtype.kind not in "fui" or not fits:
        refuse(source, f"the input of {name} is {array.dtype} {list(array.shape)}", expected)
    with np.errstate(over="ignore"):
        converted = array.astype(np.float32)
    if not np.isfinite(converted).all():
        refuse(source, f"the input of {name} has numbers that float32 does not hold", "finite ones")
    refuse_lost(source, f"the input of {name}", array, converted)
    return converted


def flag(source: object, arrays: Mapping[str, np.ndarray]) -> bool:
    """The one boolean called `relu` among arrays, [any shape] by name; false if absent. InputError where it is none."""
    array = arrays.get("relu", np.array(False))
    if array.dtype.kind != "b" or array.size != 1:
        refuse(source, f"relu has dtype {array.dtype} and shape {list(array.shape)}", "one boolean")
    return bool(array.reshape(-1)[0])


def shaped(source: object, key: str, array: np.ndarray, sizes: Mapping[str, int | None]) -> np.ndarray:
    """Return the array as contiguous float32, its shape, [any shape], checked against `sizes`.

    sizes: the size of each dimension by its name in messages, None where any will do.
    InputError about `key` of `source` where the shape is another, or where `float32` refuses the array.
    """
    check_shape(source, key, array.shape, sizes)
    return float32(source, key, array)


def check_shape(source: object, key: str, shape: tuple[int, ...], sizes: Mapping[str, int | None]) -> None:
    """InputError about `key` of `source` where a shape is not that of `sizes`; see `shaped`."""
    fits = len(shape) == len(sizes) and all(
        size in (None, here) for size, here in zip(sizes.values(), shape, strict=True)
    )
    if not fits:
        wanted = ", ".join(name if size is None else f"{size} {name}" for name, size in sizes.items())
        refuse(source, f"{key} has shape {list(shape)}", f"[{wanted}]")


def as_array(where: str, value: object, expected: str = "an array of numbers") -> np.ndarray:
    """Return what a user gives as numbers, an array [any shape] of their dtype; plain lists of integers are float64.

    value: an array, nested lists, anything that numpy reads, or a sparse matrix as scipy has them. What is returned
    stays as it is when `value` changes. InputError about `where` where it is no array of numbers, or too large.
    """
    given = value
    if hasattr(value, "tocoo"):
        value = _dense(where, value, expected)
    if value is None or isinstance(value, str | bytes | Mapping | set | frozenset):
        _refuse_array(where, value, expected)
    if isinstance(value, np.ma.MaskedArray):
        refuse(where, "it is a masked array", f"{expected}, such as its `filled(0)`")
    try:
        array = np.asarray(value)
    except Exception:  # lists of unequal lengths, and whatever a class raises that says it is an array
        _refuse_array(where, value, expected)
    if array.dtype.kind in "OMmV" and not _is_extended(array.dtype):
        refuse(where, f"it has dtype {array.dtype}", expected)
    if array.size > MOST_WEIGHTS:
        refuse(where, f"it has shape {list(array.shape)}", "an array of at most 2**31 numbers")
    if isinstance(value, list | tuple):
        return array.astype(np.float64) if array.dtype.kind in "ui" and array.ndim > 0 else array
    return copied(where, array) if value is given else array


def copied(where: str, array: np.ndarray) -> np.ndarray:
    """An array of numbers [any shape] that others cannot change. InputError about `where` where memory is too small."""
    try:
        return array.copy()
    except MemoryError:
        refuse(where, f"it has shape {list(array.shape)}", "an array that fits into memory")


def _is_extended(dtype: np.dtype) -> bool:
    """Whether it is a floating-point type that numpy does not have itself, such as bfloat16."""
    return dtype.kind == "V" and "float" in dtype.name


def _dense(where: str, matrix: Any, expected: str) -> Any:
    """A sparse matrix of scipy's interface as an array of numbers [rows, columns].

    InputError about `where` where it is none, or has more than `MOST_WEIGHTS` places.
    """
    try:
        size = math.prod(matrix.shape)
        found = matrix.toarray() if size <= MOST_WEIGHTS else None
    except Exception:  # whatever a class raises that has scipy's names
        _refuse_array(where, matrix, expected)
    if found is None:
        refuse(where, f"it has shape {list(matrix.shape)}", "a matrix of at most 2**31 places")
    return found


def _refuse_array(where: str, value: object, expected: str) -> NoReturn:
    """Refuse what is no array (InputError)."""
    refuse(where, "it is None" if value is None else f"it is of type {type(value).__name__}", expected)
