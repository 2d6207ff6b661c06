"""Arrays from outside, as the layer kinds want them."""

from collections.abc import Mapping

import numpy as np

from workloads.errors import refuse


def float32(source: object, key: str, array: np.ndarray) -> np.ndarray:
    """The array as contiguous float32; a sentence about `source` unless it is floating point, finite and not empty."""
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
    """The array as `float32` gives it, with the dimensions that are named: of the given sizes, None being any."""
    fits = array.ndim == len(sizes) and all(
        size in (None, here) for size, here in zip(sizes.values(), array.shape, strict=True)
    )
    if not fits:
        wanted = ", ".join(name if size is None else f"{size} {name}" for name, size in sizes.items())
        refuse(source, f"{key} has shape {list(array.shape)}", f"[{wanted}]")
    return float32(source, key, array)
