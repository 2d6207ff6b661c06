"""Files that are written whole or not at all."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from workloads.errors import refuse


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
    system refuses.
    """
    try:
        target = path.resolve()
        if target.exists() and not target.is_file():
            yield target
            return
        partial = target.with_name(f".{target.stem}.{os.getpid()}.partial{target.suffix}")
        try:
            yield partial
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        refuse(path, f"it cannot be written ({error.strerror or error})", "a place to write to")
