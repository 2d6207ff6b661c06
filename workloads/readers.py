"""Files -> layers. Nothing is ever unpickled."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from workloads.errors import InputError
from workloads.layers import CodedFullyConnected, FullyConnected

FLOAT_KEYS = ("weight", "activation")
CODED_KEYS = ("weight_code", "codebook", "activation")


def read_npz(path: Path) -> FullyConnected | CodedFullyConnected:
    """Read a layer from an .npz archive.

    Either `weight` float [outputs, inputs], `activation` float [inputs] and optionally `bias` float [outputs]; or
    `weight_code` integer [outputs, inputs], `codebook` float [levels <= 256], `activation` and optionally `bias_code`.
    An optional boolean `relu` (false if absent) says whether negative outputs become zero.
    """
    arrays = _load(path)
    coded = "weight_code" in arrays
    bias_key = "bias_code" if coded else "bias"
    _check_keys(path, arrays, CODED_KEYS if coded else FLOAT_KEYS, bias_key)
    weight = _codes(path, arrays, "weight_code", 2) if coded else _floats(path, arrays, "weight", 2)
    outputs, inputs = weight.shape
    activation = _floats(path, arrays, "activation", 1)
    _check_length(path, "activation", activation, inputs, "inputs")
    bias = None
    if bias_key in arrays:
        bias = _codes(path, arrays, bias_key, 1) if coded else _floats(path, arrays, bias_key, 1)
        _check_length(path, bias_key, bias, outputs, "outputs")
    relu = _flag(path, arrays)
    if not coded:
        return FullyConnected(path.stem, weight, bias, activation, relu)
    codebook = _floats(path, arrays, "codebook", 1)
    _check_codebook(path, codebook, {"weight_code": weight, "bias_code": bias})
    return CodedFullyConnected(path.stem, weight, bias, codebook, activation, relu)


def refuse(path: Path, what: str, expected: str) -> NoReturn:
    """Raise the one sentence: file, what is wrong with which key and value, what was expected."""
    raise InputError(f"{path}: {what}; expected {expected}")


def _load(path: Path) -> dict[str, np.ndarray]:
    if not path.is_file():
        refuse(path, "there is no such file", "an .npz archive")
    archive = _attempt(path, "it", lambda: np.load(path, allow_pickle=False))
    if not isinstance(archive, np.lib.npyio.NpzFile):
        refuse(path, "it holds a single array", "an .npz archive of named arrays")
    with archive:
        arrays = {key: _attempt(path, key, partial(archive.__getitem__, key)) for key in archive.files}
    for key, array in arrays.items():
        if not isinstance(array, np.ndarray):
            refuse(path, f"{key} is no array", "an archive of arrays as numpy.savez writes it")
    return arrays


def _attempt(path: Path, what: str, read: Callable[[], Any]) -> Any:
    """Read, or say why not. Damaged bytes raise nearly anything in zipfile, zlib and numpy, and none of it is ours."""
    try:
        return read()
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        if "pickle" in reason:
            reason = "it is no array of numbers, and pickled objects are never loaded"
        refuse(path, f"{what} cannot be read ({reason})", "an .npz archive as numpy.savez writes it")


def _check_keys(path: Path, arrays: dict[str, np.ndarray], needed: tuple[str, ...], bias_key: str) -> None:
    known = (*needed, bias_key, "relu")
    for key in needed:
        if key not in arrays:
            refuse(
                path,
                f"it has no {key} (it has {', '.join(arrays) or 'nothing'})",
                f"the keys {', '.join(known)}",
            )
    for key in arrays:
        if key not in known:
            refuse(path, f"it has an unknown key {key}", f"only {', '.join(known)}")


def _floats(path: Path, arrays: dict[str, np.ndarray], key: str, dimensions: int) -> np.ndarray:
    """The array as contiguous float32, finite, not empty, with the dimensions asked for."""
    array = arrays[key]
    if array.dtype.kind != "f":
        refuse(path, f"{key} has dtype {array.dtype}", "floating point")
    _check_shape(path, key, array, dimensions)
    with np.errstate(over="ignore"):
        array = np.ascontiguousarray(array, np.float32)
    bad = array.size - int(np.count_nonzero(np.isfinite(array)))
    if bad:
        place = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        value = arrays[key][place]
        refuse(path, f"{key}{list(place)} is {value} ({bad} such values)", "finite numbers within float32")
    return array


def _codes(path: Path, arrays: dict[str, np.ndarray], key: str, dimensions: int) -> np.ndarray:
    """The array as contiguous uint8."""
    array = arrays[key]
    if array.dtype.kind not in "ui":
        refuse(path, f"{key} has dtype {array.dtype}", "integer codes")
    _check_shape(path, key, array, dimensions)
    if array.min() < 0 or array.max() > np.iinfo(np.uint8).max:
        refuse(path, f"{key} has values from {array.min()} to {array.max()}", "codes from 0 to 255")
    return np.ascontiguousarray(array, np.uint8)


def _check_shape(path: Path, key: str, array: np.ndarray, dimensions: int) -> None:
    if array.ndim != dimensions or array.size == 0:
        form = "[outputs, inputs]" if dimensions == 2 else "one dimension"
        refuse(path, f"{key} has shape {list(array.shape)}", f"{form}, not empty")


def _check_length(path: Path, key: str, array: np.ndarray, length: int, of: str) -> None:
    if array.size != length:
        refuse(path, f"{key} has length {array.size}", f"{length}, the number of {of}")


def _check_codebook(path: Path, codebook: np.ndarray, codes: dict[str, np.ndarray | None]) -> None:
    if codebook.size > 256:
        refuse(path, f"codebook has {codebook.size} levels", "at most 256")
    if codebook[0] != 0:
        refuse(path, f"codebook[0] is {codebook[0]}", "0, the level of pruned weights")
    for key, code in codes.items():
        if code is not None and code.max() >= codebook.size:
            refuse(path, f"{key} has the code {code.max()}", f"codes below the codebook's {codebook.size} levels")


def _flag(path: Path, arrays: dict[str, np.ndarray]) -> bool:
    flag = arrays.get("relu", np.array(False))
    if flag.dtype.kind != "b" or flag.size != 1:
        refuse(path, f"relu has dtype {flag.dtype} and shape {list(flag.shape)}", "one boolean")
    return bool(flag.reshape(-1)[0])
