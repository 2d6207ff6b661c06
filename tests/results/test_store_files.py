"""A store is the file of exactly its name, and reading leaves nothing next to it."""

import sqlite3
from contextlib import closing

import pytest
from typer.testing import CliRunner

import zeroskip as zs
from simulator.cli.commands import app
from simulator.results.store import Store
from simulator.results.store_files import connect, open_for_reading

NAMES = [
    ":memory:",
    "file:u.db",
    "file:u2.db?mode=memory",
    "a?b#c%20.db",
    "file::memory:?cache=shared",
    " .db",
    "ä\udcff.db",
]
SMALL = ["--scale", "0.01", "--over", "pes=1,2", "--jobs", "1"]


def names(folder):
    return sorted(one.name for one in folder.iterdir())


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("absolute", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_a_store_is_the_file_of_exactly_its_name(name, absolute, here):
    given = str(here / name) if absolute else name
    over = {"pes": [1, 2]}
    done = zs.sweep("eie", "alexnet-fc8", over, fixed={"scale": 0.01}, store=given, jobs=1)
    assert done.run == 2
    assert names(here) == [name]
    assert zs.sweep("eie", "alexnet-fc8", over, fixed={"scale": 0.01}, store=given, jobs=1).known == 2
    assert zs.open_store(given).frame(columns=["pes"])["pes"].to_list() == [1, 2]
    assert names(here) == [name]


def test_the_command_line_keeps_what_it_says(here):
    done = CliRunner().invoke(app, ["sweep", "eie", "alexnet-fc8", *SMALL, "--store", ":memory:"])
    assert done.exception is None, done.output
    assert names(here) == [":memory:"]


def test_a_path_that_begins_with_two_slashes_names_no_other_computer(here):
    with Store(f"/{here}/s.db"):
        pass
    assert (here / "s.db").exists()
    assert zs.open_store(f"/{here}/s.db").axes == ()


@pytest.fixture
def path(here):
    zs.sweep("eie", "alexnet-fc8", {"pes": [1, 2]}, fixed={"scale": 0.01}, store="s.db", jobs=1)
    return here / "s.db"


def test_reading_leaves_nothing_and_changes_nothing(path):
    before = path.read_bytes(), path.stat().st_mtime_ns
    assert CliRunner().invoke(app, ["results", "s.db"]).exception is None
    assert names(path.parent) == ["s.db"]
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_the_last_of_several_readers_leaves_nothing(path):
    first, second = open_for_reading(path), open_for_reading(path)
    first.close()
    assert second.execute("SELECT count(*) FROM point").fetchone() == (2,)
    second.close()
    assert names(path.parent) == ["s.db"]


def test_reading_next_to_a_writer_leaves_its_log(path):
    with Store(path) as store:
        assert len(zs.open_store(path).frame()) == 2
        assert "s.db-wal" in names(path.parent)
        store.declare(["pes", "seed"])
        assert zs.open_store(path).axes == ("pes", "seed")
        assert "s.db-wal" in names(path.parent)
    assert zs.open_store(path).axes == ("pes", "seed")
    assert names(path.parent) == ["s.db"]


def test_a_log_that_a_writer_left_is_read_and_stays(path, here):
    """As after a sweep that was killed: what it had written is in the log."""
    with closing(connect(path)) as writer:
        writer.execute("INSERT INTO name VALUES ('late', 'axis', 9)")
        kept = {name: (here / name).read_bytes() for name in ("s.db", "s.db-wal")}
    (here / "killed").mkdir()
    for name, content in kept.items():
        (here / "killed" / name).write_bytes(content)
    killed = here / "killed" / "s.db"
    for _ in range(2):
        assert zs.open_store(killed).axes == ("pes", "late")
    assert killed.read_bytes() == kept["s.db"]
    assert killed.with_name("s.db-wal").read_bytes() == kept["s.db-wal"]


def test_a_reader_does_not_wait_to_leave(path):
    reader = open_for_reading(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        reader.close()
        other.execute("ROLLBACK")
    assert names(path.parent) == ["s.db"]
