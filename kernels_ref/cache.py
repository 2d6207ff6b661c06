"""The folder in which Numba caches compiled functions.

Numba reuses a compiled function as long as its own file is unchanged. The functions that it calls in other files are
compiled into it, and a change of those files is not noticed: after an update, old callers would run old callees. Our
compiled functions are therefore cached in a folder whose name is a hash of all files that use Numba.
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
"""The environment variable of Numba for its cache folder. If it is set, our folder is created inside that one."""
PREFIX = "zeroskip-"
MOST_KEPT = 8
"""How many folders of other versions are kept, newest first: several installations may share one home folder."""


def keep_by_content() -> None:
    """Set Numba's cache folder for this process and for the processes that it starts."""
    folder = cache_folder(Path(__file__).parent.parent, os.environ)
    os.environ[VARIABLE] = str(folder)
    if "numba" in sys.modules:  # it has read the environment already
        sys.modules["numba"].config.CACHE_DIR = str(folder)
    if not folder.exists():
        _remove_oldest(folder.parent)


def cache_folder(root: Path, environment: Environment) -> Path:
    """The cache folder for the current sources of the packages below `root`."""
    chosen = environment.get(VARIABLE)
    home = Path(chosen) if chosen else _user_cache(root, environment)
    home = home.parent if home.name.startswith(PREFIX) else home  # set by the process that started this one
    return home / f"{PREFIX}{content_hash(root)}"


def _user_cache(root: Path, environment: Environment) -> Path:
    """The user's folder for caches; a folder next to the sources for a user without a home folder."""
    chosen = environment.get("XDG_CACHE_HOME")
    try:
        return (Path(chosen) if chosen else Path.home() / ".cache") / "zeroskip"
    except RuntimeError:
        return root / __package__ / "__pycache__"


def content_hash(root: Path) -> str:
    """A hash of all Python files of the packages below `root` that mention Numba: 16 hexadecimal digits."""
    found = hashlib.sha256()
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            text = path.read_bytes()
            if b"numba" in text:
                found.update(f"{path.relative_to(root).as_posix()}:{len(text)}:".encode() + text)
    return found.hexdigest()[:16]


def _remove_oldest(home: Path) -> None:
    """Keep the newest folders only; another process may be removing the others at the same time."""
    folders = sorted(home.glob(f"{PREFIX}*"), key=lambda folder: folder.stat().st_mtime, reverse=True)
    for folder in folders[MOST_KEPT:]:
        shutil.rmtree(folder, ignore_errors=True)
