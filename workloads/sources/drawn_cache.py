"""Large drawn layers, kept on disk: the same recipe, seed, options and sources give the same layer.

`ZEROSKIP_CACHE` is the folder, `~/.cache/zeroskip` by default; nothing is kept where `ZEROSKIP_KEEP_LAYERS` is 0, or
where the folder cannot be written.
"""

import hashlib
import json
import os
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from kernels_ref.cache import module_texts
from workloads.errors import InputError
from workloads.records import put_together, take_apart
from workloads.whole_files import write_through

LEAST_WEIGHTS = 1 << 20
"""Smaller layers are drawn as fast as they are read."""
MOST_BYTES = 2 << 30
"""Of all kept layers; those that were not used for longest go first."""
SWITCH, FOLDER = "ZEROSKIP_KEEP_LAYERS", "ZEROSKIP_CACHE"
DOCUMENT = "document"
ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("kernels_ref", "workloads")


def kept(weights: float, key: object, make: Callable[[], Any]) -> Any:
    """What `make` makes, a named tuple of arrays and plain values, from the disk where it was made before.

    weights: of the layer. key: all that decides it; where it is not what JSON can hold, nothing is kept.
    """
    folder = _folder()
    if folder is None or weights < LEAST_WEIGHTS:
        return make()
    try:
        text = json.dumps([key, _sources()], sort_keys=True)
    except (TypeError, ValueError):
        return make()
    path = folder / f"{hashlib.sha256(text.encode()).hexdigest()[:32]}.npz"
    with suppress(Exception):  # a damaged file raises nearly anything, and is written anew
        found = _read(path)
        os.utime(path)
        return found
    made = make()
    with suppress(TypeError, InputError, OSError):  # no room, no permission, or nothing that can be kept
        _write(path, made)
    return made


def _folder() -> Path | None:
    """Where layers are kept; None where they are not."""
    if os.environ.get(SWITCH) == "0":
        return None
    given = os.environ.get(FOLDER)
    try:
        return (Path(given) if given else Path.home() / ".cache" / "zeroskip") / "drawn"
    except RuntimeError:  # a user without a home
        return None


@cache
def _sources() -> str:
    """A hash of all that draws and compresses: our sources, and the version of numpy."""
    found = hashlib.sha256(np.__version__.encode())
    for package in SOURCES:
        for module, text in sorted(module_texts(ROOT, package)):
            found.update(module + b":%d:" % len(text) + text)
    return found.hexdigest()


def _read(path: Path) -> Any:
    """The record of a file. An exception of any kind where there is none, or it is damaged."""
    with np.load(path, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    return put_together(json.loads(arrays.pop(DOCUMENT).tobytes()), arrays)


def _write(path: Path, made: object) -> None:
    """Write a record whole, then remove the oldest ones. TypeError, InputError or OSError where it cannot be."""
    document, arrays = take_apart(made)
    content = np.frombuffer(json.dumps(document).encode(), np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_through(path, lambda partial: np.savez(partial, **{DOCUMENT: content}, **arrays))  # type: ignore[arg-type]
    _remove_oldest(path.parent)


def _remove_oldest(folder: Path) -> None:
    """Keep the newest files, up to `MOST_BYTES`; another process may be removing the others at the same time."""
    known = []
    for path in folder.glob("*.npz"):
        with suppress(OSError):
            known.append((path.stat().st_mtime, path.stat().st_size, path))
    total = 0
    for _, size, path in sorted(known, reverse=True, key=lambda one: one[0]):
        total += size
        if total > MOST_BYTES:
            path.unlink(missing_ok=True)
