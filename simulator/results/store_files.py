"""The file of a store: how SQLite opens it, under exactly its name, and what its errors mean."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from os import fsencode
from pathlib import Path
from time import monotonic, sleep
from typing import Any, cast
from urllib.parse import quote

from simulator.results.store_form import check_kind
from workloads.errors import InputError
from workloads.regular_files import check_regular

BUSY_SECONDS = 60.0
"""How long another sweep may hold the store."""
PAUSE_SECONDS = 0.005
WRITTEN = "a file that `zeroskip sweep --store` wrote"
LOG = "-wal"
"""The ending of the write-ahead log, which is next to a store while it is open."""


def connect(path: Path, how: str = "mode=rwc", busy_seconds: float | None = None, **more: Any) -> sqlite3.Connection:
    """The file of this name, whatever SQLite takes such a name for: `:memory:` and `file:x` are files here."""
    folder = "file://" if path.is_absolute() else "file:./"
    wait = BUSY_SECONDS if busy_seconds is None else busy_seconds
    return sqlite3.connect(f"{folder}{quote(fsencode(path))}?{how}", wait, isolation_level=None, uri=True, **more)


def switch_to_wal(file: sqlite3.Connection) -> None:
    """Turn the write-ahead log on; where two programs do so at once, SQLite fails without a wait, so this waits."""
    latest = monotonic() + BUSY_SECONDS
    while True:
        try:
            file.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or monotonic() > latest:
                raise
        sleep(PAUSE_SECONDS)


def open_for_reading(path: Path) -> sqlite3.Connection:
    """The file, opened so that nothing can change it. InputError where it is missing or no store."""
    check_regular(path, WRITTEN)
    with explained_errors(path):
        try:
            return _connect(path, "mode=ro")
        except sqlite3.OperationalError:
            if _log(path).exists():
                raise
            return _connect(path, "immutable=1")  # nobody writes here, and not even a lock can be made


def _connect(path: Path, how: str) -> sqlite3.Connection:
    file = cast("_Reader", connect(path, how, factory=_Reader))
    file.path = path
    try:
        check_kind(file, path)
    except BaseException:
        file.close()
        raise
    return file


class _Reader(sqlite3.Connection):
    """A connection that cannot write, and so not even remove the empty log that SQLite made for it."""

    path: Path | None = None

    def close(self) -> None:
        """Close the file; the last one to do so leaves no empty log, as a writer would not."""
        super().close()
        path, self.path = self.path, None
        with suppress(OSError, sqlite3.Error):
            if path is not None and not _log(path).stat().st_size:
                with closing(connect(path, "mode=rw", busy_seconds=0)) as file:  # SQLite removes it, where none uses it
                    check_kind(file, path)


def _log(path: Path) -> Path:
    return path.with_name(f"{path.name}{LOG}")


@contextmanager
def explained_errors(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into InputError: sentences that say what is left and what to do."""
    kept = "what is stored stays, and the same command goes on from there"
    try:
        yield
    except (sqlite3.Error, UnicodeDecodeError) as error:  # a damaged schema is quoted in what SQLite says
        reason = str(error) if isinstance(error, sqlite3.Error) else "malformed: it has a text that is no UTF-8"
        if "disk is full" in reason or "disk I/O" in reason:
            sentence = f"{path}: the disk is full or fails ({reason}); expected room for the store: {kept}"
        elif "readonly" in reason or "read-only" in reason:
            sentence = f"{path}: the store is read-only ({reason}); expected one that can be written: {kept}"
        elif "locked" in reason:
            sentence = (
                f"{path}: another program has held the store for {BUSY_SECONDS:g} s; expected it to be free: {kept}"
            )
        elif "not a database" in reason or "malformed" in reason:
            sentence = (
                f"{path}: it is no store ({reason}); expected one that `zeroskip sweep --store` wrote, or a new name"
            )
        elif "unable to open" in reason:
            sentence = (
                f"{path}: it cannot be opened ({reason}); expected a file in a folder that can be read and written"
            )
        else:
            sentence = f"{path}: the store failed ({reason}); expected a store of a sweep: {kept}"
        raise InputError(sentence) from None
