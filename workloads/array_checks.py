"""Checks of arrays that users give: dtype, shape, and finite values."""

from collections.abc import Mapping

import numpy as np

from workloads.errors import refuse


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
    return converted


def shaped(source: object, key: str, array: np.ndarray, sizes: Mapping[str, int | None]) -> np.ndarray:
    """Return the array as contiguous float32, its shape, [any shape], checked against `sizes`.

    sizes: the size of each dimension by its name in messages, None where any will do.
    InputError about `key` of `source` where the shape is another, or where `float32` refuses the array.
    """
    fits = array.ndim == len(sizes) and all(
        size in (None, here) for size, here in zip(sizes.values(), array.shape, strict=True)
    )
    if not fits:
        wanted = ", ".join(name if size is None else f"{size} {name}" for name, size in sizes.items())
        refuse(source, f"{key} has shape {list(array.shape)}", f"[{wanted}]")
    return float32(source, key, array)
