"""How a store is opened for reading where its folder, or the system, lets nobody lock it."""

import sqlite3

import pytest

from simulator.results import store_files as stores
from simulator.results.store import Store
from simulator.results.store_files import open_for_reading
from workloads.errors import InputError


@pytest.fixture
def without_locks(monkeypatch):
    """SQLite opens files for reading only where they are said to be immutable; the ways that were tried."""
    tried, connect = [], stores._connect

    def refuse(path, how):
        tried.append(how)
        if how != "immutable=1":
            raise sqlite3.OperationalError("unable to open database file")
        return connect(path, how)

    monkeypatch.setattr(stores, "_connect", refuse)
    return tried


@pytest.fixture
def path(tmp_path):
    Store(tmp_path / "sweep.db").close()
    return tmp_path / "sweep.db"


def test_a_store_that_nobody_can_lock_is_read_as_it_is(path, without_locks):
    file = open_for_reading(path)
    assert file.execute("SELECT count(*) FROM point").fetchone() == (0,)
    file.close()
    assert without_locks == ["mode=ro", "immutable=1"]


def test_next_to_a_log_it_is_refused_as_part_of_it_may_be_in_the_log(path, without_locks):
    path.with_name("sweep.db-wal").write_bytes(b"")
    with pytest.raises(InputError, match="it cannot be opened .*expected a file in a folder that can be read"):
        open_for_reading(path)
    assert without_locks == ["mode=ro"]
