"""A search: the same trials whatever the workers, on the points and the store of sweeps, within limits."""

import json
import random
import signal
from contextlib import contextmanager

import pytest
from support.results.sweeping import ENVIRONMENT, count, start, wait_until
from typer.testing import CliRunner

from simulator.cli import app
from simulator.sweeps.batches import MOST_ATTEMPTS
from simulator.sweeps.explore.api import MOST_TRIALS, explore
from simulator.sweeps.explore.exploration import Exploration
from simulator.sweeps.workers.messages import Report
from simulator.sweeps.workers.process import run_batch
from workloads.errors import InputError
from zeroskip import open_store, sweep

LAYER, SMALL = "alexnet-fc7", {"scale": 1 / 64}
KEYS = {"pes": "1:64", "queue_depth": "1:16", "spmat_width_bits": [32, 64, 128]}
OBJECTIVES = ["time_us", "energy_uj", "area_mm2"]
TRIALS = 70
COMMAND = (
    "explore", "eie", LAYER, "--scale", str(1 / 64), "--minimise", ",".join(OBJECTIVES),
    "--over", "pes=1:64,queue_depth=1:16,spmat_width_bits=32,64,128",
)  # fmt: skip


def search(over=KEYS, **more):
    given = {"minimise": OBJECTIVES, "fixed": SMALL, "trials": TRIALS, "jobs": 1, **more}
    return explore("eie", LAYER, over, **given)


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """A search in one worker, and its store."""
    path = tmp_path_factory.mktemp("alone") / "s.db"
    return search(store=path), path


def brute_force(rows, names):
    """The trials that no other one dominates."""
    costs = {row["trial"]: [row[name] for name in names] for row in rows if row["left_out"] is None}
    return {
        one for one, cost in costs.items()
        if not any(other != cost and all(a <= b for a, b in zip(other, cost, strict=True)) for other in costs.values())
    }  # fmt: skip


def test_trials_are_different_points_and_the_front_is_what_nothing_dominates(alone):
    found, _ = alone
    assert [row["trial"] for row in found.trials] == list(range(1, TRIALS + 1))
    assert len({tuple(row[key] for key in KEYS) for row in found.trials}) == TRIALS == found.run
    assert {row["trial"] for row in found.front} == brute_force(found.trials, OBJECTIVES)
    shares = [row["hypervolume"] for row in found.trials]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert all(row[name] < found.reference[name] for row in found.front for name in OBJECTIVES)


def test_the_number_of_workers_changes_nothing_and_the_seed_does(alone):
    found, _ = alone
    assert search(jobs=2).trials == found.trials
    assert search(seed=1).trials != found.trials


class Shuffled:
    """Runs batches here; one comes back untouched again and again, then points come late and out of order."""

    loads = 1

    def __init__(self, seed):
        self._rng, self._waiting, self._untouched = random.Random(seed), [], 2 * MOST_ATTEMPTS

    def room(self):
        return 3 - len(self._waiting)

    def idle(self):
        return 0

    def waits(self):
        return False

    def submit(self, batch):
        self._waiting.append(batch)

    def give_back(self):
        pass

    def collect(self, _seconds):
        if self._untouched:  # the newest: what comes back goes out again first
            self._untouched -= 1
            return [Report(self._waiting.pop().number, (), done=True)]
        self._rng.shuffle(self._waiting)
        done = run_batch(self._waiting.pop())
        outcomes = self._rng.sample(done.outcomes, len(done.outcomes))
        return [Report(done.batch, (one,), done=False) for one in outcomes] + [Report(done.batch, (), done=True)]


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_completion_changes_nothing(alone, seed, monkeypatch):
    @contextmanager
    def start_shuffled():
        yield Shuffled(seed)

    monkeypatch.setattr("simulator.sweeps.batches.TARGET_SECONDS", 2e-3)  # several batches at a time
    monkeypatch.setattr("simulator.sweeps.explore.api.executor", lambda *_: start_shuffled)
    assert search().trials == alone[0].trials


def test_a_search_goes_on_where_it_was_killed(alone, tmp_path):
    path = tmp_path / "s.db"
    process = start(*COMMAND, "--trials", TRIALS, "--store", path, "--jobs", 1)
    wait_until(lambda: count(path) >= 20)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    held = count(path)
    again = search(store=path)
    assert again.trials == alone[0].trials
    assert again.run == TRIALS - held < TRIALS


def test_ctrl_c_ends_a_search_with_the_batches_that_are_done(alone, tmp_path):
    calls = []
    found = search(store=tmp_path / "s.db", stop=lambda: len(calls) > 30 or calls.append(1))
    assert found.stopped
    assert len(found.trials) % 20 == 0
    assert len(found.trials) < TRIALS
    same = ("trial", *KEYS, *OBJECTIVES)
    short = [{key: row[key] for key in same} for row in found.trials]
    assert short == [{key: row[key] for key in same} for row in alone[0].trials[: len(short)]]


def test_points_are_shared_with_sweeps(tmp_path):
    keys = {"pes": [2, 4, 8, 16], "queue_depth": [1, 2, 4, 8]}
    path = tmp_path / "s.db"
    first = search(keys, store=path, trials=10)
    done = sweep("eie", LAYER, keys, fixed=SMALL, store=path, jobs=1)
    assert (first.run, done.known, done.run) == (10, 10, 6)
    again = search(keys, store=path, trials=12, seed=3)
    assert (again.run, len(again.trials)) == (0, 12)


def test_where_trials_are_enough_all_points_are_tried_and_the_front_is_that_of_the_sweep(tmp_path):
    keys = {"pes": [2, 4, 8, 16], "queue_depth": [1, 2, 8]}
    path = tmp_path / "s.db"
    found = search(keys, store=path, trials=500)
    assert len(found.trials) == 12
    best = open_store(path).pareto(OBJECTIVES, columns=["pes", "queue_depth"]).to_numpy().tolist()
    assert sorted(best) == sorted([row["pes"], row["queue_depth"]] for row in found.front)


def test_limits_are_kept():
    found = search(limits=["area_mm2<=20", "energy_uj/time_us<=0.1"])
    kept = [row for row in found.trials if row["left_out"] is None]
    assert all(row["area_mm2"] <= 20 and row["energy_uj"] / row["time_us"] <= 0.1 for row in kept)
    assert 0 < found.left_out < TRIALS
    assert {row["trial"] for row in found.front} == brute_force(found.trials, OBJECTIVES)
    free = search()
    assert len(kept) > sum(row["area_mm2"] <= 20 and row["energy_uj"] / row["time_us"] <= 0.1 for row in free.trials)


def test_points_that_do_not_fit_take_part_only_if_asked():
    keys = {"pes": "1:8", "spmat_bytes": [64, 512, 4096, 131072]}
    found, every = search(keys, trials=20), search(keys, trials=20, fits=False)
    assert {str(row["left_out"]).partition(":")[0] for row in found.trials} == {"None", "does not fit"}
    assert every.left_out == 0


def test_points_that_the_machine_refuses_take_no_part():
    found = search({"pes": "1:8", "queue_depth": [0, 1, 2]}, trials=20)
    refused = [row for row in found.trials if row["queue_depth"] == 0]
    assert refused
    assert all(row["left_out"].startswith("refused: ") and not row["front"] for row in refused)
    assert found.left_out == len(refused)


def test_what_is_to_be_large():
    found = search({"pes": "1:16", "queue_depth": "1:8"}, minimise=["area_mm2"], maximise="gops", trials=30)
    names = ("area_mm2", "minus")
    rows = [{**row, "minus": -row["gops"]} for row in found.trials]
    assert {row["trial"] for row in found.front} == brute_force(rows, names)


def test_the_command_gives_what_the_call_does(alone, tmp_path):
    found, path = alone
    done = CliRunner().invoke(app, [*COMMAND, "--trials", str(TRIALS), "--store", str(path), "--json"])
    content = json.loads(done.stdout)
    assert content == {**found.to_dict(), "run": 0, "notes": {}}
    (tmp_path / "s.json").write_text(done.stdout)
    for command in (["plot", tmp_path / "s.json", "exploration", "-o", tmp_path / "s.png"],
                    ["report", tmp_path / "s.json", "-o", tmp_path / "s.html"]):  # fmt: skip
        assert CliRunner().invoke(app, [str(word) for word in command]).exit_code == 0
    assert "Search of alexnet-fc7 on eie" in (tmp_path / "s.html").read_text()
    table = CliRunner().invoke(app, [*COMMAND, "--trials", str(TRIALS), "--store", str(path)]).stdout
    assert f"{TRIALS} trials of 3,072 points" in table
    rows = CliRunner().invoke(app, [*COMMAND, "--trials", str(TRIALS), "--store", str(path), "--csv"]).stdout
    assert len(rows.splitlines()) == TRIALS + 1


def test_what_a_notebook_shows(alone, tmp_path):
    found, _ = alone
    assert isinstance(found, Exploration)
    assert len(found.distinct()) == len({tuple(row[name] for name in OBJECTIVES) for row in found.front})
    assert found.distinct()["equal"].sum() == len(found.front)
    assert len(found.plot().axes) == 4
    found.save(tmp_path / "s.csv")
    assert "<table" in found._repr_html_()


@pytest.mark.parametrize(
    ("more", "part"),
    [
        ({"over": {"pse": [1, 2]}}, "pse is no key of eie that a search can vary; expected pes"),
        ({"over": {"seed": [1, 2]}}, "seed is no key of eie"),
        ({"over": {}}, "no key is given"),
        ({"over": "pes"}, "over is 'pes'"),
        ({"over": {"pes": "8:8"}}, "it has one value, 8"),
        ({"over": {"pes": "8:2"}}, "8:2 ends before it begins"),
        ({"over": {"pes": "0:8:x2"}}, "0:8:x2 does not grow"),
        ({"over": {"pes": "1:99999999"}}, "at most 1000000"),
        ({"over": {"pes": 3}}, "a list of values"),
        ({"over": {"pes": [1, 1]}}, "twice"),
        ({"minimise": "tim_us"}, "tim_us is no column; expected one such as time_us"),
        ({"minimise": ["workload"]}, "workload is no column"),
        ({"minimise": []}, "no objective is given"),
        ({"minimise": 3}, "minimise is 3"),
        ({"minimise": "time_us,time_us"}, "given twice"),
        ({"minimise": "cycles,time_us,energy_uj,area_mm2,entries"}, "at most 4"),
        ({"limits": "area_mm2"}, "it is no bound"),
        ({"limits": "area_mm2<=x"}, "it is no bound"),
        ({"limits": "area<=3"}, "area is no column"),
        ({"limits": "__import__('os')<=3"}, "is no part of a condition"),
        ({"limits": [3]}, "it is no text"),
        ({"trials": 0}, f"trials is 0; expected a whole number from 1 to {MOST_TRIALS}"),
        ({"trials": 10**9}, "trials is 1000000000"),
        ({"trials": True}, "trials is True"),
        ({"seed": -1}, "seed is -1"),
        ({"fixed": {"pes": 3}}, "pes is given twice"),
        ({"fixed": {"scale": 7}}, "scale"),
        ({"jobs": 0}, "jobs is 0"),
    ],
)
def test_what_is_refused(more, part):
    with pytest.raises(InputError, match=part.replace("(", r"\(")):
        search(**{"over": KEYS, **more})


def test_a_machine_without_area_says_so():
    with pytest.raises(InputError, match="a point has no area_mm2, as its configuration gives no area"):
        explore("ese", "google-lstm", {"queue_depth": [1, 2]}, minimise="area_mm2", fixed={"scale": 0.1}, jobs=1)


def test_optuna_is_imported_late_and_missed_in_a_sentence(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "optuna", None)
    done = CliRunner().invoke(app, [*COMMAND, "--trials", "3"])
    assert isinstance(done.exception, InputError)
    assert str(done.exception) == "explore: optuna is not installed; expected pip install 'zeroskip[search]'"


@pytest.mark.parametrize("words", [["--trials", "0"], ["--over", "pes=3"], ["--limit", "x"], ["--seed", "-1"]])
def test_the_command_refuses_in_a_sentence(words, tmp_path):
    process = start(*COMMAND[:-2], *([] if "--over" in words else COMMAND[-2:]), *words, cwd=tmp_path)
    out, error = process.communicate()
    assert process.returncode == 2, ENVIRONMENT
    assert not out
    assert error.startswith("zeroskip: ")
    assert "; expected " in error
