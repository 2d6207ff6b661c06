"""Stores that cannot be written, that others write, or that are of another version; results that are not stale."""

import json
import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing

import pytest
from support.paths import ROOT
from support.results.sweeping import ENVIRONMENT, command, content, start

from faults.places import without_rights
from faults.running import is_sentence, run
from simulator.results import store_files as stores
from simulator.results.store_form import VERSION
from simulator.sweeps import identity
from simulator.sweeps.identity import Resolver, code_version
from simulator.sweeps.points import make_point


@pytest.fixture
def sweep(files, tmp_path, monkeypatch, capsys):
    """A sweep over numbers of PEs into a store of this test."""

    def begin(*pes, store="s.db"):
        over = f"pes={','.join(map(str, pes))}"
        chosen = ["sweep", "eie", files / "one.npz", "--jobs", 1, "--over", over, "--store", tmp_path / store]
        return run(monkeypatch, capsys, *chosen)

    return begin


def test_a_store_that_may_only_be_read(files, tmp_path, sweep):
    assert sweep(1, 2)[0] == 0
    (tmp_path / "s.db").chmod(0o444)
    tmp_path.chmod(0o555)
    before = content(tmp_path / "s.db")
    with without_rights() as rights:
        for arguments, codes in ((["sweep", "eie", files / "one.npz", "--over", "pes=1,4", "--store"], {2}),
                                 (["results"], {0})):  # fmt: skip
            chosen = [*rights, *command(*arguments, tmp_path / "s.db")]
            done = subprocess.run(chosen, env=ENVIRONMENT, capture_output=True, text=True)
            assert done.returncode in codes, done.stderr
            if done.returncode:
                assert "the store is read-only" in done.stderr
                assert is_sentence(2, done.stdout, done.stderr)
    tmp_path.chmod(0o755)
    assert content(tmp_path / "s.db") == before


def test_a_store_that_another_program_holds(tmp_path, sweep, monkeypatch):
    assert sweep(1, 2)[0] == 0
    monkeypatch.setattr(stores, "BUSY_SECONDS", 0.2)
    with closing(sqlite3.connect(tmp_path / "s.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        found = sweep(1, 4)
        assert is_sentence(*found), found
        assert "another program has held the store for 0.2 s" in found[2]
        other.rollback()
    assert sweep(1, 4)[0] == 0
    assert len(content(tmp_path / "s.db")) == 3


@pytest.mark.parametrize("version", [0, VERSION + 1, 1 << 30])
def test_a_store_of_another_version(tmp_path, sweep, monkeypatch, capsys, version):
    assert sweep(1)[0] == 0
    with closing(sqlite3.connect(tmp_path / "s.db")) as store:
        store.execute(f"PRAGMA user_version = {version}")
    for found in (sweep(1, 2), run(monkeypatch, capsys, "results", tmp_path / "s.db")):
        assert is_sentence(*found), found
        assert f"s.db: its form is version {version}; expected version {VERSION}" in found[2]
    assert len(content(tmp_path / "s.db")) == 1


@pytest.mark.parametrize("equal", [True, False])
@pytest.mark.parametrize("times", [1, pytest.param(10, marks=pytest.mark.slow)])
def test_two_sweeps_into_one_new_store_at_once(files, tmp_path, equal, times):
    for attempt in range(times):
        store = tmp_path / f"{attempt}.db"
        chosen = ["sweep", "eie", files / "one.npz", "--jobs", 1, "--store", store, "--over"]
        overs = "pes=1:40:40", "pes=1:40:40" if equal else "pes=21:60:40"
        both = [start(*chosen, over) for over in overs]
        for one in both:
            assert one.wait(180) == 0, one.stderr.read()
        rows = content(store)
        assert len(rows) == (40 if equal else 60)
        assert {json.loads(row[0])["pes"] for row in rows.values()} == set(range(1, 41 if equal else 61))
        assert all(row[3] is None for row in rows.values())


TABLES = (
    "simulator/pricing/scaling/stillmaker_baas.csv",
    "simulator/hardware/sram/cacti7.csv",
    "simulator/hardware/dram/presets/ddr3_1600.yaml",
)


def test_a_changed_table_is_another_version(tmp_path, monkeypatch):
    import shutil

    class Spec:
        def __init__(self, name):
            self.submodule_search_locations = [str(tmp_path / name)]

    def version():
        code_version.cache_clear()
        found = Resolver().resolve(make_point("eie", "alexnet-fc7", []))
        return found.identity, code_version("simulator.machines.eie")

    first = version()
    for package in identity.PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(identity, "find_spec", Spec)
    try:
        assert version() == first
        tables = [name for name in TABLES if (ROOT / name).exists()]
        assert tables
        for name in tables:
            before = version()
            (tmp_path / name).write_bytes((tmp_path / name).read_bytes() + b"\n")
            assert all(one != other for one, other in zip(version(), before, strict=True)), name
        before = version()
        (tmp_path / "simulator" / "__pycache__").mkdir(exist_ok=True)
        (tmp_path / "simulator" / "__pycache__" / "x.cpython-311.pyc").write_bytes(b"1")
        (tmp_path / "simulator" / "cli" / "notes.txt").write_text("of no result\n")
        assert version() == before
    finally:
        code_version.cache_clear()


def test_a_sweep_that_waits_for_workers_says_so(capsys):
    from simulator.cli.sweep_progress import lines
    from simulator.sweeps.run import Progress

    watch = lines("eie-fc7")
    watch(Progress(10, seconds=1000.0, waiting=True))
    watch(Progress(10, known=4, seconds=2000.0))
    first, second = capsys.readouterr().err.splitlines()
    assert first == "eie-fc7: 0 of 10 points, waiting for workers: there is none"
    assert second == "eie-fc7: 4 of 10 points"


def test_the_sweep_of_a_scheduler_without_workers_waits(tmp_path):
    pytest.importorskip("distributed")
    code = """
import sys
from distributed import LocalCluster
from simulator.sweeps.workers.dask_cluster import ClusterExecutor
with LocalCluster(n_workers=0, dashboard_address=None, host="127.0.0.1") as cluster:
    with ClusterExecutor(cluster.scheduler_address) as executor:
        executor.collect(0)
        print(executor.waits(), executor.room())
"""
    done = subprocess.run([sys.executable, "-c", code], env={**os.environ, **ENVIRONMENT}, cwd=tmp_path,
                          capture_output=True, text=True, timeout=120)  # fmt: skip
    assert done.stdout == "True 0\n", done.stderr


def test_threads_of_one_process_see_one_version():
    found = []
    threads = [threading.Thread(target=lambda: found.append(code_version("simulator.machines.eie"))) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(set(found)) == 1
