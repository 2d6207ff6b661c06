"""Sweeps in worker processes: the same bits whatever happens on the way."""

import json
import os
import random
import signal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.results.sweeping import SMALL, children, content, count, figures, run, space, start, wait_until
from typer.testing import CliRunner

from simulator.cli import app
from simulator.results.store import Store
from simulator.sweeps.batches import MOST_ATTEMPTS, Scheduler
from simulator.sweeps.identity import Resolver
from simulator.sweeps.points import make_point, points
from simulator.sweeps.run import DIED, sweep_space
from simulator.sweeps.workers.local import LocalExecutor
from simulator.sweeps.workers.messages import Batch, Task
from simulator.sweeps.workers.point_runner import PointRunner
from simulator.sweeps.workers.process import run_batch
from workloads.errors import InputError
from zeroskip import load_arch, load_workload, simulate, sweep

MANY = ("seed=0:199:200", "queue_depth=1:20:20")
COMMAND = ("sweep", "eie", "alexnet-fc7", "--set", "scale=0.015625", "--over", MANY[0], "--over", MANY[1], "--store")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    path = tmp_path_factory.mktemp("quiet") / "s.db"
    assert run(space(*MANY), path).run == 4000
    return content(path)


def test_any_number_of_workers_gives_the_same_bits(tmp_path, undisturbed):
    for jobs in (2, 3):
        run(space(*MANY), tmp_path / f"{jobs}.db", jobs=jobs)
        assert content(tmp_path / f"{jobs}.db") == undisturbed


def test_any_order_gives_the_same_bits():
    mixed = [*points(space()), *points(space("rows=2,4", machines=("scnn",), workloads=("vgg16-conv5_1",)))]
    mixed += points(space("density=0.1,0.2", "prune=balanced,plain", machines=("ese",), workloads=("google-lstm",)))
    resolved = [Resolver().resolve(point) for point in mixed]
    expected = {one.identity: PointRunner().run(one) for one in resolved}
    for seed in range(3):
        bench = PointRunner(most_bytes=100_000 if seed else 1 << 30)
        random.Random(seed).shuffle(resolved)
        assert {one.identity: bench.run(one) for one in resolved} == expected


def test_a_layer_is_drawn_once_and_laid_out_once_for_each_number_of_pes():
    bench = PointRunner()
    for point in points(space("pes=1,2,4", "queue_depth=1:8:8", "seed=0,1")):
        bench.run(Resolver().resolve(point))
    assert bench.loads == 2
    assert [kept.layouts.made for kept in bench._kept.values()] == [3, 3]


def test_any_key_of_machine_recipe_and_run(tmp_path):
    over = {
        "pes": [2],
        "clock_mhz": [400, 800],
        "row_scale": [0.0, 0.5],
        "activation_density": "0.2,0.4",
        "inputs": [640],
    }
    done = sweep("eie", "nt-we", over, fixed={"scale": 0.1}, store=tmp_path / "s.db", jobs=2)
    assert (done.points, done.run, done.failed) == (8, 8, 0)
    for row in content(tmp_path / "s.db").values():
        found = json.loads(row[0])
        layer = load_workload(
            "nt-we", scale=0.1, activation_density=found["activation_density"],
            recipe={"row_scale": found["row_scale"], "inputs": 640},
        )  # fmt: skip
        assert layer.layer.inputs == 64
        result = simulate(load_arch("eie", pes=2, clock_mhz=found["clock_mhz"]), layer)
        assert figures(row)["cycles"] == result.run.cycles
        assert figures(row)["time_us"] == result.time_us
        assert row[5] != row[6]


def test_failing_points_are_rows_and_the_rest_goes_on(tmp_path):
    path = tmp_path / "s.db"
    arguments = ["sweep", "eie", "alexnet-fc7", "--set", "scale=0.02", "--over", "density=0.5,1.5", "--over",
                 "pes=0,2,4", "--store", str(path)]  # fmt: skip
    for _ in range(2):  # what failed is tried again, what did not is not
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == 1
        found = " ".join(result.output.split())
        assert "4 failed" in found
        assert "failed 2 points: pes is 0" in found
    found = content(path).values()
    assert sum(row[3] is None for row in found) == 2
    assert sum("density is 1.5" in (row[3] or "") for row in found) == 2
    assert "2 were in the store, 4 run" in " ".join(result.output.split())


def test_a_finished_sweep_runs_nothing_and_starts_no_worker(tmp_path):
    path = tmp_path / "s.db"
    run(space(), path)
    before = path.read_bytes()

    def refuse():
        raise AssertionError("a worker is started")

    with Store(path) as store:
        done = sweep_space(space(), store, refuse)
    assert (done.known, done.run, done.left) == (36, 0, 0)
    assert path.read_bytes() == before


@pytest.mark.parametrize("seed", range(2))
def test_sigkill_of_the_client(tmp_path, undisturbed, seed):
    path, rng = tmp_path / "s.db", random.Random(seed)
    seen = []
    for kill in (True, True, False):
        found = start(*COMMAND, path, "--jobs", rng.choice([1, 2]))
        if kill:
            least = count(path) + rng.randrange(1, 800)
            wait_until(lambda found=found, least=least: count(path) > least or found.poll() is not None)
            workers = children(found.pid)
            found.kill()
            found.wait()
            wait_until(lambda workers=workers: not any(alive(pid) for pid in workers))
        else:
            assert found.wait(120) == 0, found.stderr.read()
        seen.append(count(path))
    assert seen == sorted(seen)
    assert content(path) == undisturbed


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_sigkill_of_workers(tmp_path, undisturbed):
    path = tmp_path / "s.db"
    found = start(*COMMAND, path, "--jobs", 2)
    for least in (1, 1000, 2000):
        wait_until(lambda least=least: count(path) > least or found.poll() is not None)
        for pid in children(found.pid)[:1]:
            os.kill(pid, signal.SIGKILL)
    assert found.wait(120) == 0, found.stderr.read()
    assert content(path) == undisturbed


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_in_order_and_says_how_to_go_on(tmp_path, undisturbed, number):
    path = tmp_path / "s.db"
    found = start(*COMMAND, path, "--jobs", 2)
    wait_until(lambda: count(path) > 100)
    found.send_signal(number)
    output, errors = found.communicate(timeout=60)
    assert found.returncode == 130, errors
    assert "finishing the points under way; Ctrl-C again ends at once" in errors
    stored = count(path)
    assert 100 < stored < 4000
    assert f"{4000 - stored:,} points are left; the same command goes on from here" in output
    assert run(space(*MANY), path, jobs=2).known == stored
    assert content(path) == undisturbed


def test_two_sweeps_into_one_store_at_once(tmp_path, undisturbed):
    path = tmp_path / "s.db"
    both = [start(*COMMAND, path, "--jobs", 1) for _ in range(2)]
    for found in both:
        assert found.wait(120) == 0, found.stderr.read()
    assert content(path) == undisturbed


def test_a_worker_that_always_dies_is_an_error_of_its_point_alone(tmp_path, monkeypatch):
    deadly = "import os, sys\nfrom simulator.sweeps.workers import process as worker\nrun = worker.run_task\n" + (
        "deadly = lambda point: point.get('pes') == 2 and point.get('seed') == 1\n"
        "worker.run_task = lambda task, hands: os._exit(9) if deadly(task.point) else run(task, hands)\n"
        "worker.serve(int(sys.argv[1]))"
    )
    monkeypatch.setattr("simulator.sweeps.workers.siblings.COMMAND", deadly)
    done = run(space(), tmp_path / "s.db", jobs=2)
    assert (done.run, done.failed, done.errors) == (36, 3, {DIED: 3})
    run(space(), tmp_path / "quiet.db")
    found, quiet = content(tmp_path / "s.db"), content(tmp_path / "quiet.db")
    died = {name: quiet.pop(name) for name, row in found.items() if row[3] is not None}
    assert [(one["seed"], one["pes"]) for one in (json.loads(row[0]) for row in died.values())] == 3 * [(1, 2)]
    assert {name: row for name, row in found.items() if row[3] is None} == quiet


def test_workers_that_cannot_start_are_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr("simulator.sweeps.workers.siblings.COMMAND", "raise SystemExit(3)")
    with pytest.raises(InputError, match="workers died before they did anything"):
        run(space(), tmp_path / "s.db", jobs=2)


def test_a_worker_with_other_sources_refuses():
    task = Task(0, make_point("eie", "alexnet-fc7", list(SMALL.items())), "0" * 32)
    (outcome,) = run_batch(Batch(1, (task,))).outcomes
    assert outcome.results is None
    assert "the worker sees another version of the simulator" in outcome.error


@settings(max_examples=30)
@given(st.randoms(use_true_random=False))
def test_whatever_is_lost_every_task_ends_once(rng):
    tasks = [Task(number, point, "") for number, point in enumerate(points(space()))]
    scheduler, ended, deaths = Scheduler(iter(tasks)), [], dict.fromkeys(range(len(tasks)), 0)
    while not scheduler.empty or scheduler.under_way:
        while not scheduler.empty and len(scheduler.under_way) < 3:
            batch = scheduler.next_batch()
            assert batch.tasks
            assert len(batch.tasks) == 1 or not any(deaths[task.number] for task in batch.tasks)
        number = rng.choice(list(scheduler.under_way))
        for task in list(scheduler.under_way[number])[: rng.randrange(5)]:
            ended.append(scheduler.finish(number, task, rng.random()).number)
        if rng.random() < 0.5:
            lost = rng.random() < 0.5
            for task in scheduler.under_way[number]:
                deaths[task] += lost
            ended += [task.number for task in scheduler.close(number, lost)]
    assert sorted(ended) == list(range(len(tasks)))
    assert max(deaths.values()) <= MOST_ATTEMPTS


def test_what_workers_give_back_is_shared(tmp_path):
    """One batch of all points, because a guess was wrong: the idle worker gets half of them."""
    where = space("pes=1:16:16", workloads=("alexnet-fc8",), fixed={"scale": 0.2})
    done = run(where, tmp_path / "s.db", jobs=2)
    assert done.run == 16
    with LocalExecutor(2) as executor:
        assert executor.idle() == 2
        assert executor.room() == 4
        assert len(set(executor.pids)) == 2
    with pytest.raises(InputError, match="jobs is 1000000; expected at most 256, or as many as processors"):
        LocalExecutor(1_000_000)
    with pytest.raises(InputError, match="jobs is 0; expected 1 or more"):
        LocalExecutor(0)


@pytest.mark.slow
def test_twenty_kills_at_random_moments(tmp_path, undisturbed):
    path, rng, killed = tmp_path / "s.db", random.Random(7), {"client": 0, "worker": 0}
    for _ in range(100):
        found = start(*COMMAND, path, "--jobs", rng.choice([1, 2]))
        before = count(path)
        least = before + rng.randrange(1, 250)
        wait_until(lambda found=found, least=least: count(path) > least or found.poll() is not None, 120)
        workers = children(found.pid)  # none where the sweep is just ending
        if found.poll() is None and workers and sum(killed.values()) < 20:
            victim = rng.choice(["client", "worker"])
            killed[victim] += 1
            os.kill(found.pid if victim == "client" else rng.choice(workers), signal.SIGKILL)
            if victim == "worker":
                wait_until(lambda found=found, least=least: count(path) > least + 100 or found.poll() is not None, 120)
                found.kill()
        found.wait()
        if count(path) == 4000:
            path.unlink() if sum(killed.values()) < 20 else None
        if sum(killed.values()) == 20:
            break
    assert sum(killed.values()) == 20
    found = start(*COMMAND, path, "--jobs", 2)
    assert found.wait(300) == 0, found.stderr.read()
    assert content(path) == undisturbed
