"""Files that are read must be regular ones: a pipe may never end, a device has no end, a folder has no content.

What a command reads is noted, so that it does not write over it.
"""

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from os import PathLike, stat_result
from pathlib import Path

from workloads.errors import refuse

KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
"""What else a path may be, by the test of its mode."""


_noted: ContextVar[set[tuple[int, int]] | None] = ContextVar("files that were read", default=None)
"""Device and inode of each; None where nobody asks."""


@contextmanager
def noting_inputs() -> Iterator[None]:
    """Note the files that are read in the body, for `check_no_input`."""
    before = _noted.set(set())
    try:
        yield
    finally:
        _noted.reset(before)


def check_no_input(output: Path | None) -> None:
    """InputError where a file that is to be written is one that was read, perhaps under another name."""
    if output is None:
        return
    try:
        found = output.stat()
    except (OSError, ValueError):  # it is not there yet, or whoever writes it says why it cannot be
        return
    if _place(found) in (_noted.get() or ()):
        refuse(output, "it is a file that this command reads", "another name, as the input stays as it is")


def _place(found: stat_result) -> tuple[int, int]:
    return found.st_dev, found.st_ino


def is_file(path: str | PathLike[str]) -> bool:
    """Whether it is a regular file, or leads to one; False, too, where no file can have this name."""
    try:
        return stat.S_ISREG(Path(path).stat().st_mode)
    except (OSError, ValueError):
        return False


def is_there(path: str | PathLike[str], expected: str) -> bool:
    """Whether there is something under this name. InputError where nothing can be, or its folder cannot be read."""
    try:
        Path(path).stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError) as error:
        refuse(path, f"it cannot be opened ({_reason(error)})", expected)
    return True


def check_regular(path: str | PathLike[str], expected: str) -> Path:
    """The path of a regular file, which is not opened. InputError where it is missing or something else."""
    try:
        found = Path(path).stat()
    except FileNotFoundError:
        refuse(path, "there is no such file", expected)
    except (OSError, ValueError) as error:  # a name with a zero byte, or longer than the system takes
        refuse(path, f"it cannot be read ({_reason(error)})", expected)
    for fits, what in KINDS:
        if fits(found.st_mode):
            refuse(path, f"it is {what}", f"a regular file: {expected}")
    noted = _noted.get()
    if noted is not None:
        noted.add(_place(found))
    return Path(path)


def _reason(error: OSError | ValueError) -> str:
    """What the system says, without the name."""
    return getattr(error, "strerror", None) or str(error)
