"""One SQLite file: a row for each point, written once, in batches that are there whole or not at all."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from os import PathLike, fspath
from pathlib import Path

from simulator.results.compact_rows import Forms
from simulator.results.compact_rows import Record as Record
from simulator.results.store_claims import Claimed, Claims
from simulator.results.store_files import WRITTEN, connect, explained_errors, switch_to_wal
from simulator.results.store_form import check_kind, make_tables
from workloads.document_types import Cell
from workloads.errors import refuse
from workloads.regular_files import check_regular, is_there

CHUNK = 500
INTEGER_BITS = 63
"""Of SQLite, without the sign."""
ADD = """
INSERT INTO point (id, parameters, results, layers, error, seed, code, configuration, elapsed_s, finished_at, form)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET
    parameters = excluded.parameters, results = excluded.results, layers = excluded.layers, error = excluded.error,
    code = excluded.code, configuration = excluded.configuration, elapsed_s = excluded.elapsed_s,
    finished_at = excluded.finished_at, form = excluded.form
WHERE point.error IS NOT NULL
"""
"""A point that is there with a result stays as it is, an error gives way."""


class Store:
    """A store that is open for writing; it is made where there is none."""

    def __init__(self, path: str | PathLike[str]):
        self.path = Path(fspath(path))
        self._names: set[tuple[str, str]] = set()
        self._named: set[tuple[tuple[str, ...], tuple[str, ...]]] = set()
        new = not is_there(self.path, f"{WRITTEN}, or a new name")
        if not new:
            check_regular(self.path, f"{WRITTEN}, or a new name")
        with explained_errors(self.path):
            self._file = connect(self.path)
            try:
                self._prepare()
            except BaseException as error:
                self._file.close()
                if new and "locked" not in str(error):  # of another sweep, which makes the same store
                    self._remove_empty()
                raise
        self._place = _place_of(self.path)

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

    def check_place(self) -> None:
        """InputError where the store is no longer at its path, so that nobody would find what is added."""
        if _place_of(self.path) != self._place:
            what = "the store is not at its path any more, as it was moved, removed or replaced"
            refuse(self.path, what, "it to stay there until the sweep ends")

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
        with explained_errors(self.path):
            return self._finished(ids)

    def _finished(self, ids: Sequence[str]) -> set[str]:
        found = set[str]()
        for first in range(0, len(ids), CHUNK):
            part = ids[first : first + CHUNK]
            marks = ",".join("?" * len(part))
            rows = self._file.execute(f"SELECT id FROM point WHERE error IS NULL AND id IN ({marks})", part)
            found.update(row[0] for row in rows)
        return found

    def claim(self, ids: Sequence[str]) -> Claimed:
        """Claim those of these points that no other sweep has begun or finished; see `store_claims`."""
        with explained_errors(self.path), self._writing():
            taken = self._claims.taken().intersection(ids)
            finished = frozenset(self._finished(ids))
            free = [one for one in ids if one not in taken and one not in finished]
            return Claimed(self._claims.add(free) if free else None, taken - finished, finished)

    def stay(self) -> None:
        """Keep the claims, where it is time to say that the sweep is still there. InputError as in `check_place`."""
        self.check_place()
        if self._claims.due():
            with explained_errors(self.path), self._writing():
                self._claims.beat()

    def leave(self) -> None:
        """End all claims."""
        if self._claims.there:
            with explained_errors(self.path), self._writing():
                self._claims.leave()

    def add(self, records: Sequence[Record], claims: Sequence[int] = ()) -> None:
        """Add points at once; one that is there with a result stays as it is, an error gives way. claims: that end.

        InputError where the store fails, or is not at its path any more.
        """
        self.check_place()
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with explained_errors(self.path), self._writing():
            self._name(records)
            self._file.executemany(ADD, [self._row(record, now) for record in records])
            self._claims.end(claims)

    def _row(self, record: Record, now: str) -> tuple[Cell, ...]:
        parameters, form = self._forms.compact(record)
        seed = record.parameters.get("seed")
        if isinstance(seed, int) and seed.bit_length() > INTEGER_BITS:
            seed = None
        about = record.code, record.configuration, record.elapsed_s, now
        return record.id, parameters, record.results, record.layers, record.error, seed, *about, form

    def _name(self, records: Sequence[Record]) -> None:
        """Write down the names of parameters and figures that were not there before."""
        new: dict[tuple[str, str], None] = {}
        for record in records:
            key = tuple(record.parameters), record.names
            if key in self._named:
                continue
            self._named.add(key)
            for part, names in zip(("parameter", "result"), key, strict=True):
                new.update(dict.fromkeys((name, part) for name in names if (name, part) not in self._names))
        count = len(self._names)
        rows = [(name, part, count + place) for place, (name, part) in enumerate(new)]
        if rows:
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
            self._forget()
            if self._file.in_transaction:
                self._file.execute("ROLLBACK")
            raise

    def _forget(self) -> None:
        """After a transaction that failed: nothing of it is there."""
        self._forms = Forms(self.path, self._file)
        self._names, self._named = set(), set()

    def _prepare(self) -> None:
        check_kind(self._file, self.path, empty=True)
        switch_to_wal(self._file)
        self._file.execute("PRAGMA synchronous = NORMAL")
        with self._writing():
            make_tables(self._file)
        self._forms, self._claims = Forms(self.path, self._file), Claims(self._file)
        self._forms.read()  # what is damaged is said before anything runs


def _place_of(path: Path) -> tuple[int, int] | None:
    """Device and inode of a file; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
