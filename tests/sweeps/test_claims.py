"""Two sweeps that fill one store at once: each point is run once, and none is lost with the one that dies."""

import json
import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing, nullcontext

import pytest
from support.results.sweeping import ENVIRONMENT, content, count, run, space, start, wait_until
from sweeps.test_store import record

from simulator.cli.sweep_progress import sentence
from simulator.results import store_claims
from simulator.results.process_place import may_run, process_place
from simulator.results.store import Store
from simulator.sweeps.identity import Resolver
from simulator.sweeps.points import points
from simulator.sweeps.progress import Progress
from simulator.sweeps.run import sweep_space
from simulator.sweeps.state import SweepState
from simulator.sweeps.workers.local import LocalExecutor
from simulator.sweeps.workers.messages import Batch, Outcome, Task

AXES = ("seed=0:199:200", "queue_depth=1:20:20")
COMMAND = ["sweep", "eie", "alexnet-fc7", "--set", "scale=0.015625", "--jobs", 1, "--json"]
COMMAND += [word for axis in AXES for word in ("--over", axis)]
CLAIM = """
import os, sys
from simulator.results.store import Store
store = Store(sys.argv[1])
store.claim(["a", "b"])
os.write(1, b"claimed")
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    path = tmp_path_factory.mktemp("quiet") / "s.db"
    run(space(*AXES), path)
    return content(path)


def claims(path):
    with closing(sqlite3.connect(path)) as file:
        return [file.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("sweep", "claim")]


def test_what_one_has_begun_the_other_leaves_to_it(tmp_path):
    with Store(tmp_path / "s.db") as one, Store(tmp_path / "s.db") as other:
        first = one.claim(["a", "b", "c"])
        assert (first.taken, first.finished) == (set(), set())
        second = other.claim(["b", "d"])
        assert (second.taken, second.finished) == ({"b"}, set())
        one.add([record("a"), record("b"), record("c", error="no")], [first.number])
        third = other.claim(["a", "b", "c", "e"])
        assert (third.taken, third.finished) == (set(), {"a", "b"})
        assert one.claim(["d", "e"])[:2] == (None, {"d", "e"})
        other.leave()
        assert one.claim(["d", "e"]).taken == set()
        one.leave()
    assert claims(tmp_path / "s.db") == [0, 0]


def test_a_batch_that_is_not_stored_keeps_its_claim(tmp_path):
    with Store(tmp_path / "s.db") as one, Store(tmp_path / "s.db") as other:
        claimed = one.claim(["a"])
        with pytest.raises(Exception, match="the store failed"):
            one.add([record("a")._replace(code=None)], [claimed.number])
        assert other.claim(["a"]).taken == {"a"}


def test_claims_of_a_process_that_was_killed_end_at_once(tmp_path):
    path = tmp_path / "s.db"
    with subprocess.Popen([sys.executable, "-c", CLAIM, path], env=ENVIRONMENT, stdin=-1, stdout=-1) as found:
        assert found.stdout.read(7) == b"claimed"
        with Store(path) as store:
            assert store.claim(["a", "c"]).taken == {"a"}
            found.kill()
            found.wait()
            assert store.claim(["a", "b"]).taken == set()


def test_claims_of_a_sweep_that_was_not_seen_for_long_end(tmp_path, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(store_claims, "time", lambda: now[0])
    with Store(tmp_path / "s.db") as one, Store(tmp_path / "s.db") as other:
        one.claim(["a"])
        for _ in range(3):
            now[0] += store_claims.LEASE_SECONDS - 1
            one.stay()
            assert other.claim(["a"]).taken == {"a"}
        now[0] += store_claims.LEASE_SECONDS
        assert other.claim(["a"]).taken == set()
        one.stay()  # it is there again, and its claim is not
        assert one.claim(["a"]).taken == {"a"}


def test_a_process_is_known_by_its_start():
    here = process_place()
    computer, pid, started = here.rsplit(" ", 2)
    assert may_run(here)
    assert not may_run(f"{computer} {pid} {int(started) + 1}")
    assert not may_run(f"{computer} {1 << 30} 5")
    for other in ("", "x", f"another {pid} 1", f"{computer} x 1"):
        assert may_run(other)


def test_two_processes_at_once_run_nothing_twice(tmp_path, undisturbed):
    path = tmp_path / "s.db"
    both = [start(*COMMAND, "--store", path) for _ in range(2)]
    done = [json.loads(found.communicate(timeout=180)[0]) for found in both]
    assert [found.returncode for found in both] == [0, 0]
    assert sum(one["run"] for one in done) == 4000
    assert all(one["run"] + one["in_store_before"] == 4000 for one in done)
    assert content(path) == undisturbed
    assert claims(path) == [0, 0]


def test_each_runs_about_half(tmp_path, undisturbed):
    """Where both begin at the same time; the computer may be busy."""
    path, together, done = tmp_path / "s.db", threading.Barrier(2), []

    def fill():
        with Store(path) as store, LocalExecutor(1) as executor:
            executor.submit(Batch(9, (Task(0, next(points(space(*AXES))), ""),)))  # to have imported all
            while not any(report.done for report in executor.collect(1)):
                pass
            together.wait()
            done.append(sweep_space(space(*AXES), store, lambda: nullcontext(executor)))

    threads = [threading.Thread(target=fill) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(one.run for one in done) == 4000
    assert min(one.run for one in done) > 400
    assert content(path) == undisturbed


def test_what_a_killed_sweep_has_begun_is_taken_over(tmp_path, undisturbed):
    path = tmp_path / "s.db"
    both = [start(*COMMAND, "--store", path) for _ in range(2)]
    wait_until(lambda: any(one.poll() is not None for one in both) or (claims_of(path) == 2 and count(path) > 500))
    both[0].kill()
    done = json.loads(both[1].communicate(timeout=180)[0])
    assert both[1].returncode == 0
    assert done["left"] == 0
    assert done["run"] + done["in_store_before"] == 4000
    assert content(path) == undisturbed
    assert claims(path) == [0, 0]
    both[0].communicate()


def claims_of(path):
    try:
        return claims(path)[0]
    except sqlite3.OperationalError:
        return 0


def test_a_sweep_waits_for_points_of_another_one_and_says_so(tmp_path):
    path, seen = tmp_path / "s.db", []
    where = space("pes=1,2,4")
    with Store(path) as store, Store(path) as other:
        ids = [Resolver().resolve(point).identity for point in points(where)]
        other.claim(ids[1:])

        def watch(progress):
            seen.append(progress.elsewhere)
            if len(seen) > 3 and seen[-1]:
                other.leave()

        done = sweep_space(where, store, lambda: LocalExecutor(1), watch)
    assert 2 in seen
    assert (done.run, done.known, done.left, done.elsewhere) == (3, 0, 0, 0)
    assert "another sweep works on 2 points" in sentence(Progress(3, run=1, seconds=1.0, elsewhere=2))


def test_a_claim_ends_with_its_last_point(tmp_path):
    path = tmp_path / "s.db"
    with Store(path) as store:
        state = SweepState(space("pes=1,2,4"), store, lambda _: None, lambda: False)
        tasks = state.claim([*state.tasks(range(3))])
        for task, held in zip(tasks, (1, 1, 0), strict=True):
            state.record(task, Outcome(task.number, "{}", (), None, None, 0.0))
            state.commit()
            assert claims(path) == [1, held]
        state.end()
    assert claims(path) == [0, 0]


def test_a_sweep_that_waits_can_be_stopped(tmp_path):
    where = space("pes=1,2,4")
    with Store(tmp_path / "s.db") as store, Store(tmp_path / "s.db") as other:
        other.claim([Resolver().resolve(point).identity for point in points(where)][1:])
        seen = []
        done = sweep_space(
            where, store, lambda: LocalExecutor(1), lambda one: seen.append((one.run, one.elsewhere)),
            lambda: seen[-8:] == [(1, 2)] * 8,
        )  # fmt: skip
    assert (done.run, done.left, done.stopped) == (1, 2, True)


def test_the_number_of_a_process_is_this_one():
    assert f" {os.getpid()} " in process_place()
