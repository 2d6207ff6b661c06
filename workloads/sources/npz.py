"""Arrays by name out of .npz archives. Nothing is ever unpickled."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np

from workloads.errors import refuse
from workloads.regular_files import check_regular

T = TypeVar("T")


def array_names(path: Path) -> set[str]:
    """The names of an .npz archive's arrays, without reading them. InputError where it is no such archive."""
    with _open(path) as archive:
        return set(archive.files)


def load_arrays(path: Path) -> dict[str, np.ndarray]:
    """All arrays of an .npz archive by name, numbers [shapes as stored]. InputError where it is no such archive."""
    with _open(path) as archive:
        arrays = {key: _attempt(path, key, partial(archive.__getitem__, key)) for key in archive.files}
    for key, array in arrays.items():
        if not isinstance(array, np.ndarray):
            refuse(path, f"{key} is no array", "an archive of arrays as numpy.savez writes it")
    return arrays


def _open(path: Path) -> np.lib.npyio.NpzFile:
    check_regular(path, "an .npz archive")
    archive = _attempt(path, "it", lambda: np.load(path, allow_pickle=False))
    if not isinstance(archive, np.lib.npyio.NpzFile):
        refuse(path, "it holds a single array", "an .npz archive of named arrays")
    return archive


def _attempt(path: Path, what: str, read: Callable[[], T]) -> T:
    """Read, or say why not. Damaged bytes raise nearly anything in zipfile, zlib and numpy, and none of it is ours."""
    try:
        return read()
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        if "pickle" in reason:
            reason = "it is no array of numbers, and pickled objects are never loaded"
        refuse(path, f"{what} cannot be read ({reason})", "an .npz archive as numpy.savez writes it")
