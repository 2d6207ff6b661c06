"""The folder in which Numba caches compiled functions.

Numba reuses a compiled function as long as its own file is unchanged. The functions that it calls in other files are
compiled into it, and so are the constants that it imports; a change of those files is not noticed: after an update, old
callers would run old callees. Our compiled functions are therefore cached in a folder whose name is a hash of all files
that use Numba and of all that these import.
"""

import hashlib
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from kernels_ref.checked_cache import check_entries

Environment = Mapping[str, str]
PACKAGES = "kernels_ref", "simulator", "workloads"
VARIABLE = "NUMBA_CACHE_DIR"
"""The environment variable of Numba for its cache folder. If it is set, our folder is created inside that one."""
PREFIX = "zeroskip-"
MOST_KEPT = 8
"""How many folders of other versions are kept, newest first: several installations may share one home folder."""
IMPORTS = re.compile(rb"^(?:from[ \t]+([\w.]+)[ \t]+import[ \t]+(\([^)]*\)|[^\n#]*)|import[ \t]+([^\n#]*))", re.M)
"""At the beginning of a line: what a function imports when it runs is no constant of compiled code."""
NAME = re.compile(rb"[\w.]+")


def keep_by_content() -> None:
    """Set Numba's cache folder for this process and for the processes that it starts."""
    folder = cache_folder(Path(__file__).parent.parent, os.environ)
    if not _is_usable(folder):
        folder = _private_folder() / folder.name
    os.environ[VARIABLE] = str(folder)
    if "numba" in sys.modules:  # it has read the environment already
        sys.modules["numba"].config.CACHE_DIR = str(folder)
    check_entries()


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
    """A hash of all Python files of our packages that import Numba and of what they import: 16 hexadecimal digits.

    The packages are below `root`; what is imported by an imported file counts too, as constants become compiled code.
    """
    texts = {module: text for package in PACKAGES for module, text in module_texts(root, package)}
    waiting = [module for module, text in texts.items() if b"numba" in text and b"numba" in set(_imported(text))]
    reached = set(waiting)
    while waiting:
        new = {module for module in _imported(texts[waiting.pop()]) if module in texts} - reached
        reached |= new
        waiting += new
    found = hashlib.sha256()
    for module in sorted(reached):
        found.update(module + b":%d:" % len(texts[module]) + texts[module])
    return found.hexdigest()[:16]


def module_texts(root: Path, package: str) -> Iterator[tuple[bytes, bytes]]:
    """The modules of a package below `root` by name, and their texts, in the order of the disk."""
    for folder, _, files in os.walk(root / package):
        above = os.path.relpath(folder, root).replace(os.sep, ".")
        for file in files:
            if file.endswith(".py"):
                with open(os.path.join(folder, file), "rb") as source:  # noqa: PTH118, PTH123 - at each start
                    name = above if file == "__init__.py" else f"{above}.{file[:-3]}"
                    yield name.encode(), source.read()


def _imported(text: bytes) -> Iterator[bytes]:
    """Names of modules that a source may import, among others."""
    for module, names, plain in IMPORTS.findall(text):
        yield from NAME.findall(plain)
        if module:
            yield module
            for name in NAME.findall(names):
                yield module + b"." + name


def _is_usable(folder: Path) -> bool:
    """Whether files can be kept in a folder, which is made where it is missing; oldest ones then go."""
    try:
        if not folder.exists():
            _remove_oldest(folder.parent)
            folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _private_folder() -> Path:
    """A folder of this user's in the one for temporary files; a new one where another user owns its name."""
    user = str(os.getuid()) if hasattr(os, "getuid") else "user"
    folder = Path(tempfile.gettempdir()) / f"zeroskip-cache-{user}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        if folder.is_symlink() or (hasattr(os, "getuid") and (found.st_uid != os.getuid() or found.st_mode & 0o077)):
            raise PermissionError
    except OSError:
        return Path(tempfile.mkdtemp(prefix="zeroskip-cache-"))
    return folder


def _remove_oldest(home: Path) -> None:
    """Keep the newest folders only; another process may be removing the others at the same time."""
    folders = sorted(home.glob(f"{PREFIX}*"), key=_age, reverse=True)
    for folder in folders[MOST_KEPT:]:
        shutil.rmtree(folder, ignore_errors=True)


def _age(folder: Path) -> float:
    """When a folder was changed last; 0 where it has just been removed."""
    try:
        return folder.stat().st_mtime
    except OSError:
        return 0.0
