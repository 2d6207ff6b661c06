"""Where compiled functions are kept.

Numba keeps a compiled function as long as its own file stays as it is. What it calls in other files is compiled into
it, and a change there goes unseen: after an update, old callers would run with old callees. Our compiled functions are
therefore kept in a folder named by the content of all files that compile.
"""

import hashlib
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

Environment = Mapping[str, str]
PACKAGES = "kernels_ref", "simulator", "workloads"
VARIABLE = "NUMBA_CACHE_DIR"
"""Of the environment, of Numba: the folder for compiled functions. If it is set, ours stand in it."""
PREFIX = "zeroskip-"
MOST_KEPT = 8
"""Folders of other versions, the newest of them: several installations may share a home."""


def keep_by_content() -> None:
    """Tell Numba the folder, for this process and those that it starts."""
    folder = cache_folder(Path(__file__).parent.parent, os.environ)
    os.environ[VARIABLE] = str(folder)
    if "numba" in sys.modules:  # it has read the environment already
        sys.modules["numba"].config.CACHE_DIR = str(folder)
    if not folder.exists():
        _forget_oldest(folder.parent)


def cache_folder(root: Path, environment: Environment) -> Path:
    """The folder for the sources of the packages below `root`."""
    told = environment.get(VARIABLE)
    home = Path(told) if told else _user_cache(root, environment)
    home = home.parent if home.name.startswith(PREFIX) else home  # this process was started by another of ours
    return home / f"{PREFIX}{content_hash(root)}"


def _user_cache(root: Path, environment: Environment) -> Path:
    """The user's folder for caches; beside the sources for a user without a home."""
    told = environment.get("XDG_CACHE_HOME")
    try:
        return (Path(told) if told else Path.home() / ".cache") / "zeroskip"
    except RuntimeError:
        return root / __package__ / "__pycache__"


def content_hash(root: Path) -> str:
    """The hash of all files of the packages below `root` that name Numba."""
    found = hashlib.sha256()
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            text = path.read_bytes()
            if b"numba" in text:
                found.update(f"{path.relative_to(root).as_posix()}:{len(text)}:".encode() + text)
    return found.hexdigest()[:16]


def _forget_oldest(home: Path) -> None:
    """Leave the newest folders; what another process has just removed is gone as well."""
    folders = sorted(home.glob(f"{PREFIX}*"), key=lambda folder: folder.stat().st_mtime, reverse=True)
    for folder in folders[MOST_KEPT:]:
        shutil.rmtree(folder, ignore_errors=True)
