"""Arrays by name out of .npz archives. Nothing is ever unpickled."""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np

from workloads.errors import InputError, refuse
from workloads.regular_files import check_regular
from workloads.sources.npz_sizes import NAMELESS, check_size, claimed_bytes, packed_bytes

T = TypeVar("T")


def array_names(path: Path) -> set[str]:
    """The names of an .npz archive's arrays, without reading them. InputError where it is no such archive."""
    with _open(path) as archive:
        return set(archive.files)


def load_arrays(path: Path) -> dict[str, np.ndarray]:
    """All arrays of an .npz archive by name, numbers [shapes as stored].

    InputError where it is no such archive, or unpacks to far more than its bytes: see `workloads.sources.npz_sizes`.
    """
    with _open(path) as archive:
        packed = archive.zip
        assert packed is not None, "it is open"
        check_size(path, packed_bytes(packed))
        claims = (_attempt(path, key or NAMELESS, partial(claimed_bytes, path, packed, key)) for key in archive.files)
        check_size(path, sum(claims))
        arrays = {key: _attempt(path, key or NAMELESS, partial(archive.__getitem__, key)) for key in archive.files}
    for key, array in arrays.items():
        if not isinstance(array, np.ndarray):
            refuse(path, f"{key} is no array", "an archive of arrays as numpy.savez writes it")
        if not _can_be_shown(array):
            refuse(path, f"{key or NAMELESS} holds text that is no Unicode", "numbers, or text of Unicode")
    return arrays


def _can_be_shown(array: np.ndarray) -> bool:
    """Whether an array, of any type and shape, is none of text, or of characters alone: numpy checks no code point."""
    if array.dtype.kind != "U" or not array.size or not array.dtype.itemsize:
        return True
    native = np.ascontiguousarray(array.reshape(-1), array.dtype.newbyteorder("="))
    return int(native.view(np.uint32).max()) <= sys.maxunicode


def _open(path: Path) -> np.lib.npyio.NpzFile:
    check_regular(path, "an .npz archive")
    archive = _attempt(path, "it", lambda: None if _is_array(path) else np.load(path, allow_pickle=False))
    if not isinstance(archive, np.lib.npyio.NpzFile):
        refuse(path, "it holds a single array", "an .npz archive of named arrays")
    return archive


def _is_array(path: Path) -> bool:
    """Whether the file is a single array of numpy, which is not read, whatever size it claims."""
    with path.open("rb") as file:
        return file.read(len(np.lib.format.MAGIC_PREFIX)) == np.lib.format.MAGIC_PREFIX


def _attempt(path: Path, what: str, read: Callable[[], T]) -> T:
    """Read, or say why not. Damaged bytes raise nearly anything in zipfile, zlib and numpy, and none of it is ours."""
    try:
        return read()
    except InputError:
        raise
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        if "pickle" in reason:
            reason = "it is no array of numbers, and pickled objects are never loaded"
        refuse(path, f"{what} cannot be read ({reason})", "an .npz archive as numpy.savez writes it")
