"""Twenty kills of each process of a sweep, in the middle of it: nothing is lost, and the same command completes it."""

import os
import random
import signal
from contextlib import ExitStack, contextmanager

import pytest
from support.results.sweeping import children, content, count, run, space, start, wait_until

KILLS = 20
AXES = ("seed=0:99:100", "queue_depth=1:20:20")
POINTS = 2000
LEAST = POINTS // 20
"""So many points are stored before a process is killed: 5 %."""
LAST = POINTS - 300
"""Nothing is killed after that: the last point would lose three processes in a row, which makes it an error."""
SECONDS = 300


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    path = tmp_path_factory.mktemp("quiet") / "s.db"
    assert run(space(*AXES), path, jobs=2).run == POINTS
    return content(path)


class Sweep:
    """A sweep that is killed again and again, and the stores that it filled."""

    def __init__(self, folder, undisturbed, seed):
        self.folder, self.undisturbed = folder, undisturbed
        self.rng, self.made, self.kills = random.Random(seed), 0, 0

    @property
    def store(self):
        """Where it is now."""
        return self.folder / f"{self.made}.db"

    def begin(self, *more):
        """The command, which goes on where it was, or begins a new store after a complete one."""
        if count(self.store) == POINTS:
            assert content(self.store) == self.undisturbed
            self.made += 1
        words = [word for axis in AXES for word in ("--over", axis)]
        return start("sweep", "eie", "alexnet-fc7", "--set", "scale=0.015625", "--store", self.store, *words, *more)

    def wait(self, found):
        """Wait for a random number of points, at least 5 %; whether the sweep is still running then."""
        least = max(LEAST, count(self.store)) + self.rng.randrange(1, 300)
        wait_until(lambda: count(self.store) >= least or found.poll() is not None, SECONDS)
        return found.poll() is None and LEAST <= count(self.store) <= LAST

    def kill(self, pid):
        """SIGKILL, and what is in the store at that moment."""
        before = content(self.store)
        os.kill(pid, signal.SIGKILL)
        self.kills += 1
        return before

    def check(self, before):
        """What was stored stays, bit for bit, and is what an undisturbed sweep stores."""
        after = content(self.store)
        assert before.items() <= after.items() <= self.undisturbed.items()

    def complete(self, *more):
        """The same command completes the last store."""
        found = self.begin(*more)
        assert found.wait(SECONDS) == 0, found.stderr.read()
        assert content(self.store) == self.undisturbed


def ended_well(found):
    """The exit code of a sweep that nobody killed."""
    assert found.wait(SECONDS) == 0, found.stderr.read()


TIMES = [pytest.param(KILLS, marks=pytest.mark.slow)]
"""The short versions are those of tests/sweeps/test_run.py and test_cluster.py."""


@pytest.mark.parametrize("kills", TIMES)
def test_kills_of_the_client(tmp_path, undisturbed, kills):
    sweep = Sweep(tmp_path, undisturbed, 1)
    while sweep.kills < kills:
        found = sweep.begin("--jobs", sweep.rng.choice([1, 2]))
        if sweep.wait(found):
            before, workers = sweep.kill(found.pid), children(found.pid)
            found.wait()
            wait_until(lambda workers=workers: not any(map(is_running, workers)))
            sweep.check(before)
    sweep.complete()


def is_running(pid):
    """Whether a process is neither gone nor dead and not yet waited for."""
    try:
        with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("kills", TIMES)
def test_kills_of_local_workers(tmp_path, undisturbed, kills):
    """The client replaces a worker and completes the sweep by itself."""
    sweep = Sweep(tmp_path, undisturbed, 2)
    while sweep.kills < kills:
        found = sweep.begin("--jobs", 2)
        while sweep.kills < kills and sweep.wait(found):
            workers = [pid for pid in children(found.pid) if is_running(pid)]
            if workers:
                sweep.check(sweep.kill(sweep.rng.choice(workers)))
        ended_well(found)
    sweep.complete()


@contextmanager
def cluster(folder, workers=2):
    """A scheduler and workers: the scheduler's process, its address, and the workers' processes."""
    pytest.importorskip("distributed")
    from sweeps.test_cluster import scheduler, worker

    with ExitStack() as stack:
        folder.mkdir()
        alive, address = stack.enter_context(scheduler(folder / "scheduler.json"))
        crew = [stack.enter_context(worker(address, folder / str(n), "--no-nanny")) for n in range(workers)]
        yield alive, address, crew


@pytest.mark.parametrize("kills", TIMES)
def test_kills_of_dask_workers(tmp_path, undisturbed, kills):
    from sweeps.test_cluster import worker

    sweep = Sweep(tmp_path, undisturbed, 3)
    with cluster(tmp_path / "cluster") as (_, address, crew), ExitStack() as stack:
        while sweep.kills < kills:
            found = sweep.begin("--cluster", address)
            while sweep.kills < kills and sweep.wait(found):
                place = sweep.rng.randrange(len(crew))
                before = sweep.kill(crew[place].pid)
                crew[place].wait()
                crew[place] = stack.enter_context(worker(address, tmp_path / f"w{sweep.kills}", "--no-nanny"))
                sweep.check(before)
            ended_well(found)
        sweep.complete("--cluster", address)


@pytest.mark.parametrize("kills", TIMES)
def test_kills_of_the_dask_scheduler(tmp_path, undisturbed, kills):
    sweep = Sweep(tmp_path, undisturbed, 4)
    while sweep.kills < kills:
        with cluster(tmp_path / f"{sweep.kills}-{sweep.made}-{sweep.rng.random()}") as (alive, address, _):
            found = sweep.begin("--cluster", address)
            if not sweep.wait(found):
                ended_well(found)
                continue
            before = sweep.kill(alive.pid)
            code = found.wait(SECONDS)
            sweep.check(before)
            if count(sweep.store) < POINTS:  # else the last results were on their way
                assert code == 2
                assert "the scheduler is gone; expected it to stay: what is stored stays" in found.stderr.read()
    with cluster(tmp_path / "last") as (_, address, _):
        sweep.complete("--cluster", address)
