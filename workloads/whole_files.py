"""Files that are written whole or not at all."""

import errno
import os
import stat
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NoReturn

from workloads.errors import refuse
from workloads.regular_files import check_no_input

LONGEST_NAME = 255
"""Bytes of a file's name that file systems take."""


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file, text as UTF-8 with its line ends as they are; an older one stays until the new one is complete.

    What is no character, such as a byte of a file's name that is no UTF-8, becomes an escape. InputError where the file
    cannot be written.
    """
    write_files({path: content})


def write_files(files: Mapping[Path, str | bytes]) -> None:
    """Write files, each as `write_whole` does; none appears before all are complete. InputError as there."""
    with ExitStack() as stack:
        for path, content in files.items():
            partial = stack.enter_context(whole_file(path))
            partial.write_bytes(content if isinstance(content, bytes) else content.encode(errors="backslashreplace"))


def write_through(path: Path, write: Callable[[Path], object]) -> None:
    """Have a file written by a function that gets its name. InputError as in `whole_file`."""
    with whole_file(path) as partial:
        write(partial)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a name in the same folder, with the same ending, to write to; at the end that file becomes `path`.

    Whatever ends the body early leaves nothing of it. A device or a pipe is written to directly. InputError where the
    system refuses, or where the file is one that the command has read.
    """
    check_no_input(path)
    try:
        target = _target(path)
        if target.exists() and not target.is_file():
            yield target
            return
        partial = target.with_name(_partial_name(target))
        try:
            yield partial
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        _refuse_place(path, error)


def check_place(path: Path) -> None:
    """Refuse a file that could not be written, before the work whose result it is to keep (InputError)."""
    try:
        target = _target(path)
        device = target.exists() and not target.is_file()
        if target.is_dir():
            problem = errno.EISDIR
        elif not device and not stat.S_ISDIR(target.parent.stat().st_mode):
            problem = errno.ENOTDIR
        else:
            problem = 0 if os.access(target if device else target.parent, os.W_OK) else errno.EACCES
        if problem:
            raise OSError(problem, os.strerror(problem))
    except OSError as error:
        _refuse_place(path, error)


def _refuse_place(path: Path, error: OSError) -> NoReturn:
    refuse(path, f"it cannot be written ({error.strerror or error})", "a place to write to")


def make_folder(path: Path) -> None:
    """Make a directory for files, and those above it, where it is missing. InputError where the system refuses."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        refuse(path, "it is no directory", "a directory to write to, or a new name")
    except (OSError, ValueError) as error:  # a zero byte
        refuse(path, f"it cannot be made ({getattr(error, 'strerror', None) or error})", "a directory to write to")


def _target(path: Path) -> Path:
    """The file that a path leads to. OSError where its links lead to each other, or no file can have the name."""
    try:
        return path.resolve()
    except RuntimeError:  # until Python 3.12
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP)) from None
    except ValueError as error:  # a zero byte, or what is no character
        raise OSError(errno.EINVAL, str(error)) from None


def _partial_name(target: Path) -> str:
    """The name of the file that becomes `target`, of as many bytes as file systems take."""
    ending = f".{os.getpid()}.partial{target.suffix}"
    name = f".{target.stem}{ending}"
    if len(os.fsencode(name)) <= LONGEST_NAME:
        return name
    return f".{zlib.crc32(os.fsencode(target.name)):08x}{ending[: LONGEST_NAME // 8]}"
