"""Reading of safetensors files."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from workloads.errors import refuse

T = TypeVar("T")
EXPECTED = "a .safetensors file of numpy's types"


def read_tensors(path: Path) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """All tensors by name, arrays [shapes as stored] of the file's dtypes (float32, int16, ...), and the metadata.

    InputError where the file is missing or damaged, or has a dtype that numpy lacks.
    """
    return _read(path, lambda file: ({name: file.get_tensor(name) for name in file.keys()}, file.metadata() or {}))  # noqa: SIM118


def read_metadata(path: Path) -> dict[str, str]:
    """Return the metadata without reading a tensor; InputError where the file is missing or damaged."""
    return _read(path, lambda file: file.metadata() or {})


def _read(path: Path, take: Callable[[Any], T]) -> T:
    """What `take` reads from the opened file."""
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        refuse(path, "there is no such file", EXPECTED)
    try:
        with safe_open(path, "numpy") as file:
            return take(file)
    except (SafetensorError, OSError, ValueError, TypeError, KeyError) as error:
        refuse(path, f"it cannot be read ({' '.join(str(error).split())})", EXPECTED)
