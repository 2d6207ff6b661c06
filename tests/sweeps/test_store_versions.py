"""Stores of version 1, whose rows were complete by themselves: read as they are, and continued."""

import json
import sqlite3
from contextlib import closing

import pytest
from support.results.sweeping import content, run, space

from simulator.results.compact_rows import differences
from simulator.results.store import Store
from workloads.errors import InputError
from zeroskip import open_store, sweep

FIRST = """
CREATE TABLE point (
    id TEXT PRIMARY KEY, parameters TEXT NOT NULL, results TEXT, layers TEXT, error TEXT, seed INTEGER,
    code TEXT NOT NULL, configuration TEXT NOT NULL, elapsed_s REAL NOT NULL, finished_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE name (name TEXT, part TEXT, place INTEGER, PRIMARY KEY (name, part));
PRAGMA application_id = 2054384496;
PRAGMA user_version = 1;
"""
"""How version 1 made its tables."""
COLUMNS = "id, parameters, results, layers, error, seed, code, configuration, elapsed_s, finished_at"


def as_version_1(new, path):
    """A store with the same rows as version 1 wrote them."""
    rows = content(new)
    with closing(sqlite3.connect(new)) as source, closing(sqlite3.connect(path)) as file, file:
        file.executescript(FIRST)
        for row in source.execute(f"SELECT {COLUMNS} FROM point").fetchall():
            file.execute("INSERT INTO point VALUES (?,?,?,?,?,?,?,?,?,?)", (row[0], *rows[row[0]][:2], *row[3:]))
        file.executemany("INSERT INTO name VALUES (?, ?, ?)", source.execute("SELECT * FROM name").fetchall())
    return path


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """A store with a network and with an error, and the same in version 1."""
    folder = tmp_path_factory.mktemp("versions")
    sweep("eie", "alexnet-fc7", {"pes": [0, 1, 2], "queue_depth": [1, 8]}, fixed={"scale": 0.02}, store=folder / "2.db")
    sweep("scnn", "alexnet", {"rows": [2, 4]}, fixed={"scale": 0.02}, store=folder / "2.db")
    return folder / "2.db", as_version_1(folder / "2.db", folder / "1.db")


@pytest.mark.parametrize("where", [None, "cycles > 20", "machine == 'eie' and pes == 2", "error == None"])
def test_every_answer_is_the_same(both, where):
    new, old = map(open_store, both)
    assert new.columns == old.columns
    assert list(new.rows(where)) == list(old.rows(where))
    assert new.frame(where).equals(old.frame(where))
    assert new.layers(where).equals(old.layers(where))


@pytest.mark.parametrize("where", ["cycles == 'many'", "machine > 3", "roofline == 1"])
def test_every_refusal_is_the_same(both, where):
    said = []
    for path in both:
        with pytest.raises(InputError) as error:
            list(open_store(path).rows(where))
        said.append(str(error.value).replace(path.name, "store"))
    assert said[0] == said[1]


def test_a_store_of_version_1_goes_on(both, tmp_path):
    path = as_version_1(both[0], tmp_path / "old.db")
    before = content_of_version_1(path)
    done = run(space("pes=1,2,4"), path)
    assert (done.run, done.known) == (3, 0)
    after = content(path)
    assert before.items() <= after.items()
    assert run(space("pes=1,2,4"), path).known == 3
    rows = {row["id"]: row for row in open_store(path).rows()}
    assert {row["id"]: row for row in open_store(both[0]).rows()}.items() <= rows.items()
    assert len(rows) == len(before) + 3


def content_of_version_1(path):
    with closing(sqlite3.connect(path)) as file:
        rows = file.execute("SELECT id, parameters, results, layers, error, seed, code, configuration FROM point")
        return {row[0]: row[1:] for row in rows}


def test_an_upgrade_that_fails_changes_nothing(both, tmp_path, monkeypatch):
    path = as_version_1(both[0], tmp_path / "old.db")
    monkeypatch.setattr("simulator.results.store_form.UPGRADE", "ALTER TABLE point ADD COLUMN form INTEGER;\nCREATE x")
    with pytest.raises(InputError, match=r"old.db: the store failed"):
        Store(path)
    assert open_store(path).frame().equals(open_store(both[0]).frame())


def test_rows_are_small_and_their_forms_few(tmp_path):
    run(space("seed=0:19:20", "pes=1,2,4", "queue_depth=1:8:8"), tmp_path / "s.db")
    with closing(sqlite3.connect(tmp_path / "s.db")) as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert file.execute("SELECT count(*) FROM form").fetchone()[0] <= 4  # with and without notes
    assert (tmp_path / "s.db").stat().st_size < 1200 * 480


def test_a_value_of_another_type_is_another_value():
    common = {"a": 1, "b": 2.0, "c": "x", "d": 4}
    assert differences({"a": 1.0, "b": 2.0, "c": "y", "d": 4}, common) == {"a": 1.0, "c": "y"}
    assert json.dumps({**common, **differences({"a": 1.0, "b": 2.0, "c": "y", "d": 4}, common)}) == json.dumps(
        {"a": 1.0, "b": 2.0, "c": "y", "d": 4}
    )
