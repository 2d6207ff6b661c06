"""One SQLite file: a row for each point, written once, in batches that are there whole or not at all."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from os import PathLike, fsencode, fspath
from pathlib import Path
from time import monotonic, sleep
from typing import NamedTuple
from urllib.parse import quote

from workloads.document_types import Cell, Fields
from workloads.errors import InputError, refuse
from workloads.regular_files import check_regular

APPLICATION, VERSION = 0x7A736B70, 1
"""`zskp` in the file's header, and the form of its tables."""
BUSY_SECONDS = 60.0
"""How long another sweep may hold the store."""
PAUSE_SECONDS = 0.005
WRITTEN = "a file that `zeroskip sweep --store` wrote"
CHUNK = 500
INTEGER_BITS = 63
"""Of SQLite, without the sign."""
SCHEMA = """
CREATE TABLE point (
    id TEXT PRIMARY KEY,
    parameters TEXT NOT NULL,    -- JSON: all that was asked for and the whole architecture
    results TEXT,                -- JSON: figures by name; null where there is an error
    layers TEXT,                 -- JSON: a network's layers
    error TEXT,
    seed INTEGER,                -- null also where it has more than 63 bits, which only the parameters hold
    code TEXT NOT NULL,          -- hash of the sources
    configuration TEXT NOT NULL, -- hash of architecture and technology
    elapsed_s REAL NOT NULL,
    finished_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE name (name TEXT, part TEXT, place INTEGER, PRIMARY KEY (name, part));
"""


class Record(NamedTuple):
    """A point that was run, or that failed."""

    id: str
    parameters: Fields
    results: str | None  # JSON
    layers: str | None
    error: str | None
    code: str
    configuration: str
    elapsed_s: float


class Store:
    """A store that is open for writing; it is made where there is none."""

    def __init__(self, path: str | PathLike[str]):
        self.path = Path(fspath(path))
        self._names: set[tuple[str, str]] = set()
        new = not self.path.exists()
        if not new:
            check_regular(self.path, f"{WRITTEN}, or a new name")
        with explained_errors(self.path):
            self._file = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None)
            try:
                self._prepare()
            except BaseException as error:
                self._file.close()
                if new and "locked" not in str(error):  # of another sweep, which makes the same store
                    self._remove_empty()
                raise

    def _remove_empty(self) -> None:
        """Remove the file that was to become a store, and what SQLite keeps next to it."""
        with suppress(OSError):
            if self.path.stat().st_size == 0:
                for ending in ("", "-wal", "-shm", "-journal"):
                    self.path.with_name(f"{self.path.name}{ending}").unlink(missing_ok=True)

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; what was added is there."""
        self._file.close()

    def declare(self, axes: Sequence[str]) -> None:
        """Write down what varies: these become the first columns of a table."""
        with explained_errors(self.path), self._writing():
            for place, name in enumerate(axes):
                self._file.execute("INSERT OR IGNORE INTO name VALUES (?, 'axis', ?)", (name, place))

    def finished(self, ids: Sequence[str]) -> set[str]:
        """Which of these points are there with a result."""
        found = set[str]()
        with explained_errors(self.path):
            for first in range(0, len(ids), CHUNK):
                part = ids[first : first + CHUNK]
                marks = ",".join("?" * len(part))
                rows = self._file.execute(f"SELECT id FROM point WHERE error IS NULL AND id IN ({marks})", part)
                found.update(row[0] for row in rows)
        return found

    def add(self, records: Sequence[Record]) -> None:
        """Add points at once; one that is there with a result stays as it is, an error gives way."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        rows = [_row(record, now) for record in records]
        with explained_errors(self.path), self._writing():
            self._name(records)
            self._file.executemany(
                "INSERT INTO point VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
                "parameters = excluded.parameters, results = excluded.results, layers = excluded.layers, "
                "error = excluded.error, code = excluded.code, configuration = excluded.configuration, "
                "elapsed_s = excluded.elapsed_s, finished_at = excluded.finished_at WHERE point.error IS NOT NULL",
                rows,
            )

    def _name(self, records: Sequence[Record]) -> None:
        """Write down the names of parameters and figures that were not there before."""
        new: dict[tuple[str, str], None] = {}
        for record in records:
            figures = json.loads(record.results) if record.results else {}
            for part, names in (("parameter", record.parameters), ("result", figures)):
                new.update(dict.fromkeys((name, part) for name in names if (name, part) not in self._names))
        count = len(self._names)
        rows = [(name, part, count + place) for place, (name, part) in enumerate(new)]
        self._file.executemany("INSERT OR IGNORE INTO name VALUES (?, ?, ?)", rows)
        self._names |= new.keys()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """A transaction that waits for other writers at its beginning, not at its end."""
        self._file.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._file.execute("COMMIT")
        except BaseException:
            if self._file.in_transaction:
                self._file.execute("ROLLBACK")
            raise

    def _switch_to_wal(self) -> None:
        """Turn the write-ahead log on; where two programs do so at once, SQLite fails without a wait, so this waits."""
        latest = monotonic() + BUSY_SECONDS
        while True:
            try:
                self._file.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or monotonic() > latest:
                    raise
            sleep(PAUSE_SECONDS)

    def _prepare(self) -> None:
        check_kind(self._file, self.path, empty=True)
        self._switch_to_wal()
        self._file.execute("PRAGMA synchronous = NORMAL")
        with self._writing():
            if not self._file.execute("PRAGMA user_version").fetchone()[0]:
                for statement in SCHEMA.split(";\n"):
                    if statement.strip():
                        self._file.execute(statement)
                self._file.execute(f"PRAGMA application_id = {APPLICATION}")
                self._file.execute(f"PRAGMA user_version = {VERSION}")


def open_for_reading(path: Path) -> sqlite3.Connection:
    """The file, opened so that nothing can change it. InputError where it is missing or no store."""
    check_regular(path, WRITTEN)
    with explained_errors(path):
        try:
            return _connect(path, "mode=ro")
        except sqlite3.OperationalError:
            if path.with_name(f"{path.name}-wal").exists():
                raise
            return _connect(path, "immutable=1")  # nobody writes here, and not even a lock can be made


KIND = """
SELECT (SELECT application_id FROM pragma_application_id), (SELECT user_version FROM pragma_user_version),
       (SELECT count(*) FROM sqlite_schema)
"""


def check_kind(file: sqlite3.Connection, path: Path, empty: bool = False) -> None:
    """InputError where a file is no store, or one of another form; `empty`: a new file will do."""
    application, version, tables = file.execute(KIND).fetchone()  # at once: another sweep may be making the store
    if empty and not tables and not application:
        return
    if application != APPLICATION:
        refuse(
            path, "it is a database, but no store of a sweep", "one that `zeroskip sweep --store` wrote, or a new name"
        )
    if version != VERSION:
        refuse(path, f"its form is version {version}", f"version {VERSION}, or a new name for the store")


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


def _connect(path: Path, how: str) -> sqlite3.Connection:
    file = sqlite3.connect(f"file:{quote(fsencode(path))}?{how}", timeout=BUSY_SECONDS, isolation_level=None, uri=True)
    try:
        check_kind(file, path)
    except BaseException:
        file.close()
        raise
    return file


def _row(record: Record, now: str) -> tuple[Cell, ...]:
    parameters = json.dumps(record.parameters, separators=(",", ":"))
    seed = record.parameters.get("seed")
    if isinstance(seed, int) and seed.bit_length() > INTEGER_BITS:
        seed = None
    return record.id, parameters, *record[2:5], seed, *record[5:], now
