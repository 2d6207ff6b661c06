"""Safetensors files, opened."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from workloads.errors import refuse

EXPECTED = "a .safetensors file of numpy's types"


def read_tensors(path: Path) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """All tensors by name, and the metadata; InputError where the file is missing or damaged."""
    return _read(path, lambda file: ({name: file.get_tensor(name) for name in file.keys()}, file.metadata() or {}))  # noqa: SIM118


def read_metadata(path: Path) -> dict[str, str]:
    """The metadata alone, likewise; no tensor is read."""
    return _read(path, lambda file: file.metadata() or {})


def _read(path: Path, take: Callable[[Any], Any]) -> Any:
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        refuse(path, "there is no such file", EXPECTED)
    try:
        with safe_open(path, "numpy") as file:
            return take(file)
    except (SafetensorError, OSError, ValueError, TypeError, KeyError) as error:
        refuse(path, f"it cannot be read ({' '.join(str(error).split())})", EXPECTED)
