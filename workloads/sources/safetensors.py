"""Reading of safetensors files."""

import json
import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from workloads.document_types import Fields
from workloads.errors import refuse
from workloads.regular_files import check_regular
from workloads.sources.tensors.tensor import Tensor

T = TypeVar("T")
EXPECTED = "a .safetensors file of numpy's types"
TYPES = {
    "F64": "float64",
    "F32": "float32",
    "F16": "float16",
    "BF16": "bfloat16",
    "F8_E4M3": "float8_e4m3fn",
    "F8_E5M2": "float8_e5m2",
    "BOOL": "bool",
    **{
        f"{letter}{bits}": f"{word}{bits}" for letter, word in (("I", "int"), ("U", "uint")) for bits in (8, 16, 32, 64)
    },
}
"""The file's names of types -> those of numpy and ml_dtypes."""


def read_tensors(path: Path) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """All tensors by name, arrays [shapes as stored] of the file's dtypes (float32, int16, ...), and the metadata.

    InputError where the file is missing or damaged, or has a dtype that numpy lacks.
    """
    return _read(path, lambda file: ({name: file.get_tensor(name) for name in file.keys()}, file.metadata() or {}))  # noqa: SIM118


def read_metadata(path: Path) -> dict[str, str]:
    """Return the metadata without reading a tensor; InputError where the file is missing or damaged."""
    return _read(path, lambda file: file.metadata() or {})


def list_tensors(path: Path) -> dict[str, Tensor]:
    """The tensors by name, none of them read before it is loaded: as float32 where it has fewer bits.

    InputError where the file is missing or damaged; from `Tensor.load`, where it has a type that no reader knows.
    """
    shapes = _read(path, lambda file: {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()})  # noqa: SIM118
    try:
        with path.open("rb") as file:
            size = int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(size))  # which the library has checked: types, sizes, places
    except (OSError, ValueError) as error:
        refuse(path, f"it cannot be read ({error})", EXPECTED)
    found = {}
    for name, shape in shapes.items():
        kind = TYPES.get(header[name]["dtype"], header[name]["dtype"])
        found[name] = Tensor(name, shape, kind, partial(_load, path, 8 + size, name, shape, header[name]))
    return found


def _load(path: Path, start: int, name: str, shape: tuple[int, ...], entry: Fields) -> np.ndarray:
    """A tensor of the file whose bytes begin at `start`."""
    import ml_dtypes

    if entry["dtype"] not in TYPES:
        refuse(path, f"{name} has the type {entry['dtype']}", f"one of {', '.join(TYPES)}")
    kind = TYPES[entry["dtype"]]
    dtype = np.dtype(getattr(ml_dtypes, kind, kind))
    try:
        values = np.fromfile(path, np.uint8, math.prod(shape) * dtype.itemsize, offset=start + entry["data_offsets"][0])
        array = values.view(dtype).reshape(shape)
    except (OSError, ValueError) as error:
        refuse(path, f"{name} cannot be read ({error})", EXPECTED)
    return array.astype(np.float32) if hasattr(ml_dtypes, kind) else array


def _read(path: Path, take: Callable[[Any], T]) -> T:
    """What `take` reads from the opened file."""
    from safetensors import SafetensorError, safe_open

    check_regular(path, EXPECTED)
    try:
        with safe_open(path, "numpy") as file:
            return take(file)
    except (SafetensorError, OSError, ValueError, TypeError, KeyError) as error:
        refuse(path, f"it cannot be read ({' '.join(str(error).split())})", EXPECTED)
