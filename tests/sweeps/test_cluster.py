"""A real Dask scheduler and its workers, as processes on loopback."""

import os
import random
import signal
import sys
from collections import Counter
from contextlib import ExitStack

import pytest
from support.results.dask_processes import scheduler, worker
from support.results.sweeping import content, count, run, space, start, wait_until

from simulator.results.store import Store
from simulator.sweeps.run import sweep_space
from simulator.sweeps.workers.dask_cluster import ClusterExecutor
from workloads.errors import InputError
from zeroskip import sweep

pytest.importorskip("distributed")


def test_a_cluster_gives_the_same_bits(tmp_path):
    run(space(), tmp_path / "local.db", jobs=2)
    with ExitStack() as stack:
        _, address = stack.enter_context(scheduler(tmp_path / "scheduler.json"))
        for place in range(2):
            stack.enter_context(worker(address, tmp_path / str(place)))
        done = sweep("eie", "alexnet-fc7", {"seed": "0:3:4", "pes": [1, 2, 4], "queue_depth": "1,2,8"},
                     fixed={"scale": 1 / 64}, store=tmp_path / "cluster.db", cluster=address)  # fmt: skip
        assert (done.points, done.run, done.failed) == (36, 36, 0)
        found = start("sweep", "eie", "alexnet-fc7", "--set", "scale=0.015625", "--over", "seed=0:3:4", "--over",
                     "pes=1,2,4", "--over", "queue_depth=1,2,8", "--store", tmp_path / "file.db",
                     "--cluster", tmp_path / "scheduler.json")  # fmt: skip
        assert found.wait(120) == 0, found.stderr.read()
    expected = content(tmp_path / "local.db")
    assert len(expected) == 36
    assert content(tmp_path / "cluster.db") == content(tmp_path / "file.db") == expected


def test_a_worker_of_a_cluster_dies(tmp_path):
    axes = ("seed=0:199:200", "queue_depth=1:20:20")
    run(space(*axes), tmp_path / "local.db", jobs=2)
    with ExitStack() as stack:
        _, address = stack.enter_context(scheduler(tmp_path / "scheduler.json"))
        path = tmp_path / "cluster.db"
        stack.enter_context(worker(address, tmp_path / "0"))
        found = start("sweep", "eie", "alexnet-fc7", "--set", "scale=0.015625", "--over", axes[0], "--over", axes[1],
                     "--store", path, "--cluster", address)  # fmt: skip
        with worker(address, tmp_path / "1", "--no-nanny"):
            wait_until(lambda: count(path) > 100)
        assert found.wait(180) == 0, found.stderr.read()
    assert content(path) == content(tmp_path / "local.db")


def test_the_scheduler_goes_and_the_same_command_goes_on(tmp_path):
    axes = ("seed=0:199:200", "queue_depth=1:20:20")
    run(space(*axes), tmp_path / "local.db", jobs=2)
    path, port = tmp_path / "cluster.db", 0
    for attempt in range(2):
        with ExitStack() as stack:
            file = tmp_path / f"{attempt}.json"
            alive, address = stack.enter_context(scheduler(file, port))
            stack.enter_context(worker(address, tmp_path / f"w{attempt}"))
            found = start("sweep", "eie", "alexnet-fc7", "--set", "scale=0.015625", "--over", axes[0], "--over",
                         axes[1], "--store", path, "--cluster", address)  # fmt: skip
            if attempt == 0:
                wait_until(lambda: count(path) > 100)
                os.kill(alive.pid, signal.SIGKILL)
                assert found.wait(120) == 2
                assert "the scheduler is gone; expected it to stay: what is stored stays" in found.stderr.read()
                assert 100 < count(path) < 4000
            else:
                assert found.wait(180) == 0, found.stderr.read()
    assert content(path) == content(tmp_path / "local.db")


def test_no_scheduler_answers(tmp_path, monkeypatch):
    monkeypatch.setattr("simulator.sweeps.workers.dask_cluster.CONNECT_SECONDS", 1)
    with pytest.raises(InputError, match=r"cluster tcp://127.0.0.1:9: no scheduler answers"):
        sweep("eie", "alexnet-fc7", {"pes": [1]}, store=tmp_path / "s.db", cluster="tcp://127.0.0.1:9")
    with pytest.raises(InputError, match=r"no.json: there is no such file"):
        sweep("eie", "alexnet-fc7", {"pes": [1]}, store=tmp_path / "s.db", cluster=str(tmp_path / "no.json"))


def test_distributed_is_not_installed(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with Store(tmp_path / "s.db") as store, pytest.raises(InputError, match=r"pip install 'zeroskip\[cluster\]'"):
        sweep_space(space(), store, lambda: ClusterExecutor("tcp://127.0.0.1:9"))


MACHINES = (
    (("machine=eie,ese", "seed=0,1"), ("google-lstm",), {"scale": 1 / 16, "steps": 2}),
    (("machine=eie,scnn,dcnn", "seed=0,1"), ("alexnet",), {"scale": 1 / 8}),
    (("dram=none,lpddr4_3200", "dram_energy=flat,data_sheet"), ("alexnet-conv3",), {"scale": 1 / 4, "machine": "scnn"}),
)
"""Layers of every kind, a network, points that fail (a machine without such layers, data sheets without a memory)."""


@pytest.mark.parametrize("place", range(len(MACHINES)))
def test_every_machine_gives_the_same_bits_anywhere(tmp_path, place):
    axes, workloads, fixed = MACHINES[place]
    fixed = dict(fixed)
    where = space(*axes, machines=(fixed.pop("machine", "eie"),), workloads=workloads, fixed=fixed)
    for jobs in (1, 2):
        run(where, tmp_path / f"{jobs}.db", jobs=jobs)
    with ExitStack() as stack:
        _, address = stack.enter_context(scheduler(tmp_path / "scheduler.json"))
        for name in ("a", "b"):
            stack.enter_context(worker(address, tmp_path / name))
        with Store(tmp_path / "cluster.db") as store:
            sweep_space(where, store, lambda: ClusterExecutor(address))
    alone = content(tmp_path / "1.db")
    assert len(alone) == where.size
    assert any(row[1] for row in alone.values())
    assert content(tmp_path / "2.db") == content(tmp_path / "cluster.db") == alone


class Cluster:
    """A scheduler and two workers that may die at any time."""

    def __init__(self, folder):
        self.folder, self.stack, self.made = folder, ExitStack(), 0

    def start(self):
        """A new one where one of its processes is dead; its address."""
        if self.made and all(one.poll() is None for one in self.processes):
            return self.address
        self.stack.close()
        self.made += 1
        found, self.address = self.stack.enter_context(scheduler(self.folder / f"{self.made}.json"))
        places = [self.folder / f"{self.made}-{place}" for place in range(2)]
        workers = [self.stack.enter_context(worker(self.address, place, "--no-nanny")) for place in places]
        self.processes = [found, *workers]
        return self.address


@pytest.mark.slow
def test_twenty_kills_of_client_workers_and_scheduler(tmp_path):
    axes = ("seed=0:199:200", "queue_depth=1:20:20")
    run(space(*axes), tmp_path / "alone.db", jobs=2)
    path, rng, killed = tmp_path / "s.db", random.Random(11), Counter()
    cluster = Cluster(tmp_path)
    command = ["sweep", "eie", "alexnet-fc7", "--set", "scale=0.015625", "--store", path]
    command += [word for axis in axes for word in ("--over", axis)]
    with cluster.stack:
        while killed.total() < 20:
            if count(path) == 4000:
                path.unlink()
            found = start(*command, "--cluster", cluster.start())
            least = count(path) + rng.randrange(1, 400)
            wait_until(lambda found=found, least=least: count(path) > least or found.poll() is not None, 180)
            if found.poll() is not None:
                assert found.returncode == 0, found.stderr.read()
                continue
            victim = rng.choice(["client", "worker", "scheduler"])
            killed[victim] += 1
            place = {"client": found, "scheduler": cluster.processes[0]}.get(victim, cluster.processes[1])
            os.kill(place.pid, signal.SIGKILL)
            if victim == "worker":
                wait_until(lambda found=found, least=least: count(path) > least + 100 or found.poll() is not None, 180)
                found.kill()
            found.wait(180)
        assert min(killed[name] for name in ("client", "worker", "scheduler")) > 0
        found = start(*command, "--cluster", cluster.start())
        assert found.wait(300) == 0, found.stderr.read()
    assert content(path) == content(tmp_path / "alone.db")
