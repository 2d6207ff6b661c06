"""Named arrays -> a fully connected layer."""

from collections.abc import Mapping

import numpy as np

from workloads.array_checks import flag, float32
from workloads.errors import refuse
from workloads.kinds.fully_connected.layer import CodedFullyConnected, FullyConnected

FLOAT_KEYS = ("weight",)
CODED_KEYS = ("weight_code", "codebook")


def from_arrays(source: object, name: str, arrays: Mapping[str, np.ndarray]) -> FullyConnected | CodedFullyConnected:
    """Check arrays and make a layer of them. InputError says of `source` what is missing or wrong.

    Either `weight` float [outputs, inputs] and optionally `bias` float [outputs]; or `weight_code` integer [outputs,
    inputs], `codebook` float [levels <= 256] and optionally `bias_code`. With both, `activation` float [inputs], which
    may come from elsewhere, and an optional boolean `relu` (false if absent): whether negative outputs become zero.
    """
    coded = "weight_code" in arrays
    bias_key = "bias_code" if coded else "bias"
    _check_keys(source, arrays, CODED_KEYS if coded else FLOAT_KEYS, bias_key)
    weight = _codes(source, arrays, "weight_code", 2) if coded else _floats(source, arrays, "weight", 2)
    outputs, inputs = weight.shape
    activation = None
    if "activation" in arrays:
        activation = _floats(source, arrays, "activation", 1)
        _check_length(source, "activation", activation, inputs, "inputs")
    bias = None
    if bias_key in arrays:
        bias = _codes(source, arrays, bias_key, 1) if coded else _floats(source, arrays, bias_key, 1)
        _check_length(source, bias_key, bias, outputs, "outputs")
    relu = flag(source, arrays)
    if not coded:
        return FullyConnected(name, weight, bias, activation, relu)
    codebook = _floats(source, arrays, "codebook", 1)
    _check_codebook(source, codebook, {"weight_code": weight, "bias_code": bias})
    return CodedFullyConnected(name, weight, bias, codebook, activation, relu)


def _check_keys(source: object, arrays: Mapping[str, np.ndarray], needed: tuple[str, ...], bias_key: str) -> None:
    known = (*needed, "activation", bias_key, "relu")
    for key in needed:
        if key not in arrays:
            refuse(
                source,
                f"it has no {key} (it has {', '.join(arrays) or 'nothing'})",
                f"the keys {', '.join(known)}",
            )
    for key in arrays:
        if key not in known:
            refuse(source, f"it has an unknown key {key}", f"only {', '.join(known)}")


def _floats(source: object, arrays: Mapping[str, np.ndarray], key: str, dimensions: int) -> np.ndarray:
    """The array as contiguous float32, finite, not empty, with the dimensions asked for."""
    if arrays[key].dtype.kind == "f":
        _check_shape(source, key, arrays[key], dimensions)
    return float32(source, key, arrays[key])


def _codes(source: object, arrays: Mapping[str, np.ndarray], key: str, dimensions: int) -> np.ndarray:
    """The array as contiguous uint8."""
    array = arrays[key]
    if array.dtype.kind not in "ui":
        refuse(source, f"{key} has dtype {array.dtype}", "integer codes")
    _check_shape(source, key, array, dimensions)
    if array.min() < 0 or array.max() > np.iinfo(np.uint8).max:
        refuse(source, f"{key} has values from {array.min()} to {array.max()}", "codes from 0 to 255")
    return np.ascontiguousarray(array, np.uint8)


def _check_shape(source: object, key: str, array: np.ndarray, dimensions: int) -> None:
    if array.ndim != dimensions or array.size == 0:
        form = "[outputs, inputs]" if dimensions == 2 else "one dimension"
        refuse(source, f"{key} has shape {list(array.shape)}", f"{form}, not empty")


def _check_length(source: object, key: str, array: np.ndarray, length: int, of: str) -> None:
    if array.size != length:
        refuse(source, f"{key} has length {array.size}", f"{length}, the number of {of}")


def _check_codebook(source: object, codebook: np.ndarray, codes: dict[str, np.ndarray | None]) -> None:
    if codebook.size > 256:
        refuse(source, f"codebook has {codebook.size} levels", "at most 256")
    if codebook[0] != 0:
        refuse(source, f"codebook[0] is {codebook[0]}", "0, the level of pruned weights")
    for key, code in codes.items():
        if code is not None and code.max() >= codebook.size:
            refuse(source, f"{key} has the code {code.max()}", f"codes below the codebook's {codebook.size} levels")
