"""The store: once, whole, and a sentence where it cannot be."""

import json
import os
import re
import resource
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from support.results.sweeping import ENVIRONMENT, content, count, run, space

from simulator.results.store import Record, Store
from simulator.results.store_form import APPLICATION
from workloads.errors import InputError
from zeroskip import open_store, sweep


def record(name, error=None, **figures):
    named = {} if error else {"cycles": 1, **figures}
    results = None if error else json.dumps(list(named.values()))
    return Record(name, {"pes": 1, "seed": 3}, results, tuple(named), None, error, "code", "configuration", 0.5)


def test_a_finished_point_is_written_once_and_an_error_gives_way(tmp_path):
    path = tmp_path / "s.db"
    with Store(path) as store:
        store.add([record("a", cycles=1), record("b", error="no")])
        assert store.finished(["a", "b", "c"]) == {"a"}
        store.add([record("a", cycles=2), record("b", error="again")])
        store.add([record("b", cycles=3)])
        store.add([record("b", error="late")])
    found = content(path)
    assert {name: row[1] for name, row in found.items()} == {"a": '{"cycles": 1}', "b": '{"cycles": 3}'}
    assert [row[3] for row in found.values()] == [None, None]
    assert {row[4] for row in found.values()} == {3}


@pytest.mark.parametrize("seed", [2**63 - 1, 2**63, -(2**63) - 1, 10**299])
def test_a_seed_of_any_size_is_stored(seed, tmp_path):
    path, parameters = tmp_path / "s.db", {"pes": 1, "seed": seed}
    with Store(path) as store:
        store.add([record("a", cycles=1)._replace(parameters=parameters)])
    (row,) = open_store(path).rows()
    assert row["seed"] == seed
    assert content(path)["a"][4] == (seed if seed < 2**63 and seed > 0 else None)


def test_a_batch_is_there_whole_or_not_at_all(tmp_path):
    with Store(tmp_path / "s.db") as store:
        with pytest.raises(InputError, match="the store failed"):
            store.add([record("a"), record("b")._replace(code=None)])
        assert store.finished(["a", "b"]) == set()
        store.add([record("a")])
        assert store.finished(["a", "b"]) == {"a"}


def test_two_write_at_once(tmp_path):
    path, errors = tmp_path / "s.db", []

    def write(first):
        try:
            with Store(path) as store:
                for number in range(first, first + 200):
                    store.add([record(str(number)), record("common", cycles=7)])
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(first,)) for first in (0, 100, 200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert count(path) == 401
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_many_make_one_store_at_once(tmp_path):
    """SQLite's switch to the write-ahead log does not wait for others; the store does."""
    errors, count = [], 4
    for number in range(60):
        together = threading.Barrier(count)

        def make(path=tmp_path / f"{number}.db", together=together):
            together.wait()
            try:
                with Store(path):
                    pass
            except BaseException as error:
                errors.append(error)

        threads = [threading.Thread(target=make) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not errors


def test_a_switch_that_fails_at_once_is_tried_again(tmp_path, monkeypatch):
    refused = []

    class Shared(sqlite3.Connection):
        def execute(self, statement, *values):
            if "journal_mode" in statement and len(refused) < 3:
                refused.append(statement)
                raise sqlite3.OperationalError("database is locked")
            return super().execute(statement, *values)

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *values, **named: connect(*values, factory=Shared, **named))
    with Store(tmp_path / "s.db") as store:
        store.add([record("a")])
    assert len(refused) == 3
    monkeypatch.setattr("simulator.results.store_files.BUSY_SECONDS", 0.01)
    refused[:] = []
    monkeypatch.setattr("simulator.results.store_files.PAUSE_SECONDS", 0.02)
    with pytest.raises(InputError, match="another program has held the store"):
        Store(tmp_path / "t.db")


def move_away(path):
    path.rename(path.with_name("moved.db"))


def replace(path):
    move_away(path)
    with Store(path):
        pass


@pytest.mark.parametrize("lose", [Path.unlink, move_away, replace])
def test_a_store_that_is_lost_during_a_sweep_is_said(lose, tmp_path):
    path, lost = tmp_path / "s.db", []

    def watch(_):
        if not lost:
            lose(path)
            lost.append(path)

    sentence = f"{path}: the store is not at its path any more, as it was moved, removed or replaced"
    with pytest.raises(InputError, match=f"{re.escape(sentence)}; expected it to stay there until the sweep ends"):
        sweep("eie", "alexnet-fc8", {"pes": [1, 2]}, fixed={"scale": 0.01}, store=path, jobs=1, watch=watch)
    assert lost


def test_a_store_that_is_lost_is_said_where_nothing_is_added_to_it(tmp_path):
    path = tmp_path / "s.db"
    run(space("pes=1,2"), path)

    def lose_it():
        if path.exists():
            move_away(path)
        return False

    with pytest.raises(InputError, match="not at its path any more"):
        run(space("pes=1,2"), path, stop=lose_it)


def test_a_store_that_is_lost_takes_no_points(tmp_path):
    path = tmp_path / "s.db"
    with Store(path) as store:
        store.add([record("a")])
        store.check_place()
        move_away(path)
        for step in (store.check_place, store.stay, lambda: store.add([record("b")])):
            with pytest.raises(InputError, match="not at its path any more"):
                step()


def test_what_is_no_store(tmp_path):
    text, database, newer = (tmp_path / name for name in ("text.db", "data.db", "newer.db"))
    text.write_text("a store must be a database" * 100)
    with closing(sqlite3.connect(database)) as file:
        file.execute("CREATE TABLE mine (a)")
    with Store(newer):
        pass
    with closing(sqlite3.connect(newer)) as file:
        file.execute("PRAGMA user_version = 9")
    for path, expected in (
        (text, "it is no store"),
        (database, "it is a database, but no store of a sweep"),
        (newer, "its form is version 9; expected version 2"),
        (tmp_path / "no" / "folder.db", "it cannot be opened"),
    ):
        with pytest.raises(InputError, match=f"{path.name}: {expected}"):
            Store(path)
    for path, expected in (
        (text, "it is no store"),
        (database, "no store of a sweep"),
        (tmp_path / "x", "no such file"),
    ):
        with pytest.raises(InputError, match=expected):
            open_store(path)
    with closing(sqlite3.connect(database)) as file:
        assert file.execute("SELECT name FROM sqlite_schema").fetchall() == [("mine",)]


def read_only(path):
    """Version 3 of the file's form is one that SQLite reads and does not write, even for root."""
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        file.execute("PRAGMA journal_mode = DELETE")
    with path.open("r+b") as file:
        file.seek(18)
        file.write(b"\x03")


def test_a_read_only_store_is_a_sentence_and_loses_nothing(tmp_path):
    path = tmp_path / "s.db"
    run(space("pes=1,2"), path)
    before = content(path)
    read_only(path)
    with pytest.raises(InputError, match="s.db: the store is read-only .*what is stored stays"):
        run(space("pes=1,2,4"), path)
    assert content(path) == before
    assert len(open_store(path).frame()) == 2


FULL = """
import resource, sys
from support.results.sweeping import run, space
from workloads.errors import InputError
limit = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    run(space("seed=0:399:400", "queue_depth=1,2,4,8,16"), sys.argv[1])
except InputError as error:
    print(error)
    sys.exit(2)
"""


def test_a_full_disk_is_a_sentence_and_loses_nothing(tmp_path):
    path = tmp_path / "s.db"
    done = run(space("seed=0:9:10", "queue_depth=1,2,4,8,16"), path)
    assert done.run == 50
    before = content(path)
    here = {**ENVIRONMENT, "PYTHONPATH": os.pathsep.join([ENVIRONMENT["PYTHONPATH"], str(Path(__file__).parents[1])])}
    limit = path.stat().st_size + 300_000
    found = subprocess.run([sys.executable, "-c", FULL, path, str(limit)], env=here, capture_output=True, text=True)
    assert found.returncode == 2, found.stderr
    assert "s.db: the disk is full or fails" in found.stdout
    assert "what is stored stays, and the same command goes on from there" in found.stdout
    after = content(path)
    assert before.items() <= after.items()
    done = run(space("seed=0:399:400", "queue_depth=1,2,4,8,16"), path, jobs=2)
    assert done.known == len(after)
    assert count(path) == done.points == 2000
    run(space("seed=0:399:400", "queue_depth=1,2,4,8,16"), tmp_path / "quiet.db", jobs=2)
    assert content(path) == content(tmp_path / "quiet.db")


def test_a_full_file_system(tmp_path):
    """On a file system of two megabytes, where this computer lets us make one."""
    folder = tmp_path / "small"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "none", folder], capture_output=True).returncode:
        pytest.skip("no file system can be mounted here; RLIMIT_FSIZE tests the same")
    try:
        with pytest.raises(InputError, match="the disk is full or fails"):
            run(space("seed=0:399:400", "queue_depth=1,2,4,8,16"), folder / "s.db")
        assert 0 < count(folder / "s.db") < 2000
        with closing(sqlite3.connect(f"file:{folder}/s.db?mode=ro", uri=True)) as file:
            assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    finally:
        subprocess.run(["umount", folder], check=True)


def test_the_header_names_the_program(tmp_path):
    with Store(tmp_path / "s.db"):
        pass
    assert (tmp_path / "s.db").read_bytes()[68:72] == APPLICATION.to_bytes(4, "big")
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 0


EMPTY = """
import resource, signal, sys
from simulator.results.store import Store
from workloads.errors import InputError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
try:
    Store(sys.argv[1])
except InputError as error:
    sys.exit(str(error))
"""


def test_a_disk_that_is_full_at_once_leaves_no_file(tmp_path):
    found = subprocess.run(
        [sys.executable, "-c", EMPTY, tmp_path / "s.db"], env=ENVIRONMENT, capture_output=True, text=True
    )
    assert "s.db: the disk is full or fails" in found.stderr
    assert not list(tmp_path.iterdir())
