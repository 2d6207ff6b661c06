"""What is refused before a sweep begins, the same with a store and without one."""

import itertools
import json
import os
import time

import numpy as np
import pytest
from support.results.sweeping import start

import zeroskip as zs
from simulator.results.store import Record, Store
from simulator.results.stored_json import MOST_DIGITS, most_digits
from simulator.sweeps.axes import MOST, parse_axis
from simulator.sweeps.space_checks import MOST_POINTS
from simulator.sweeps.sweep_file import make_space, parse_sweep

HUGE = 10**MOST_DIGITS
DIGITS = f"pes has the value of an integer of more than {MOST_DIGITS} digits; expected {MOST_DIGITS} digits at most"
MANY = range(1, MOST + 1)
CALLS = {
    "a huge integer": ({"over": {"pes": [10**400]}}, f"^sweep: {DIGITS}$"),
    "a huge integer as a text": ({"over": {"pes": str(HUGE)}}, DIGITS),
    "a negative one": ({"over": {"pes": [-HUGE]}}, DIGITS),
    "one that Python does not print": ({"over": {"pes": [10**5000]}}, DIGITS),
    "a list that Python does not print": ({"over": {"pes": [[10**5000]]}}, "pes has the value a list with an integer"),
    "a huge setting": ({"over": {"queue_depth": [1]}, "fixed": {"pes": HUGE}}, DIGITS),
    "a huge value of a group": ({"over": {}, "zipped": [{"pes": [1, HUGE], "queue_depth": [1, 2]}]}, DIGITS),
    "a seed beyond what is read": (
        {"over": {"seed": [10**4000]}},
        "seed has the value of an integer of more than 39",
    ),
    "groups of two lengths": (
        {"over": {}, "zipped": [{"pes": [1, 2], "queue_depth": [1]}]},
        "axes that move together differ in length: pes has 2 and queue_depth has 1 values",
    ),
    "groups that are none": ({"over": {}, "zipped": 5}, "^sweep: zipped is 5; expected a list, for each group"),
    "a group instead of a list": (
        {"over": {}, "zipped": {"pes": [1]}},
        "^sweep: zipped is {'pes': .1.}; expected a",
    ),
    "a group that is none": ({"over": {}, "zipped": ["pes"]}, "zipped is 'pes'; expected values by the names of keys"),
    "an empty group": ({"over": {"pes": [1]}, "zipped": [{}]}, "a group of axes that move together is empty"),
    "a key in both": ({"over": {"pes": [1]}, "zipped": [{"pes": [2]}]}, "pes is given twice; expected each key once"),
    "a key that is fixed, too": (
        {"over": {"pes": [1]}, "fixed": {"pes": 2}},
        "pes is given twice; expected each key once",
    ),
    "bytes": ({"over": {"pes": b"12"}}, "^sweep: pes is b'12'; expected a list of values"),
    "values by name": ({"over": {"pes": {1: 2}}}, "pes is {1: 2}; expected a list of values"),
    "values without end": ({"over": {"pes": itertools.count(1)}}, f"pes has more than {MOST} values; expected 1 to"),
    "a setting that is none": (
        {"over": {"pes": [1]}, "fixed": {"scale": None}},
        "scale has the value None; expected num",
    ),
    "a progress that is none": ({"over": {"pes": [1]}, "watch": 5}, "^sweep: watch is 5; expected a function"),
    "too many points": (
        {"over": {"pes": MANY, "queue_depth": MANY}},
        f"^sweep: its axes span 1,000,000,000,000 points; expected at most {MOST_POINTS:,}, with fewer values",
    ),
    "too many values": (
        {"over": {"pes": MANY, "queue_depth": MANY, "seed": [0]}},
        "^sweep: its axes have more than 2,000,000 values; expected fewer values$",
    ),
}


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize(("given", "sentence"), CALLS.values(), ids=CALLS)
def test_what_cannot_be_swept_is_refused_in_a_sentence(given, sentence, kept, tmp_path):
    where = {"store": tmp_path / "no.db"} if kept else {}
    with pytest.raises(zs.InputError, match=sentence):
        zs.sweep("eie", "alexnet-fc8", **given, **where)
    assert not (tmp_path / "no.db").exists()


@pytest.mark.parametrize("kept", [True, False])
def test_a_machine_or_a_workload_is_given_once(kept, tmp_path):
    where = {"store": tmp_path / "no.db"} if kept else {}
    with pytest.raises(zs.InputError, match="a workload is given twice among nt-we, nt-we; expected each once"):
        zs.sweep("eie", ["nt-we", "nt-we"], {"pes": [1]}, **where)
    with pytest.raises(zs.InputError, match="a machine is given twice among eie, eie; expected each once"):
        zs.sweep(["eie", "eie"], "nt-we", {"pes": [1]}, **where)


def test_a_loaded_machine_is_given_once():
    same = [zs.load_arch("eie", queue_depth=2), zs.load_arch("eie", queue_depth=2)]
    with pytest.raises(zs.InputError, match="a machine is given twice among eie_64pe, eie_64pe"):
        zs.sweep(same, "nt-we", {"pes": [1]})
    others = [zs.load_arch("eie", queue_depth=2), zs.load_arch("eie", queue_depth=4)]
    assert len(zs.sweep(others, "nt-we", {"pes": [1]}, fixed={"scale": 0.02}).rows) == 2


def test_an_input_stays_an_array_without_a_store():
    given = np.eye(8), np.array([1.0, 0, 0, 0, 0, 0, 0, 0])
    rows = zs.sweep("eie", given[0], {"pes": [1, 2]}, fixed={"activation": given[1]}).rows
    assert [row["cycles"] for row in rows] == [
        zs.simulate(zs.load_arch("eie", pes=pes), given[0], activation=given[1]).cycles for pes in (1, 2)
    ]


@pytest.mark.parametrize("jobs", ["x", 1.5, True])
def test_jobs_that_are_no_number(jobs, tmp_path):
    with pytest.raises(zs.InputError, match=f"sweep: jobs is {jobs!r}; expected a whole number of processes"):
        zs.sweep("eie", "nt-we", {"pes": [1]}, store=tmp_path / "no.db", jobs=jobs)
    assert not (tmp_path / "no.db").exists()


@pytest.mark.parametrize("options", [["--over", f"pes=1,{'9' * 305}"], ["--over", "seed=1", "--set", f"pes={HUGE}"]])
def test_a_huge_integer_on_the_command_line(options, tmp_path):
    found = start("sweep", "eie", "alexnet-fc8", *options, "--store", tmp_path / "no.db")
    assert found.wait(60) == 2
    assert DIGITS in " ".join(found.stderr.read().split())
    assert not (tmp_path / "no.db").exists()


@pytest.mark.parametrize("part", ["over: {pes: [1, X]}", "set: {pes: X}", "zip: [{pes: [X]}]"])
def test_a_huge_integer_in_a_file(part):
    text = f"about: x\nmachines: [eie]\nworkloads: [nt-we]\n{part.replace('X', str(HUGE))}\n"
    with pytest.raises(zs.InputError, match=f"^s.yaml: {DIGITS}"):
        parse_sweep("s.yaml", text)


RANGES = [f"key_{number}=1:{MOST}:{MOST}" for number in range(50)]
TOO_MANY = "its axes have more than 2,000,000 values; expected fewer values"


@pytest.mark.parametrize("together", [[], ["--zip"]])
def test_fifty_axes_of_a_million_values_are_not_all_made(together, tmp_path):
    """Each takes half a second."""
    over = [word for text in RANGES for word in ("--over", text)]
    begin = cpu_seconds()
    found = start("sweep", "eie", "alexnet-fc8", *over, *together, "--store", tmp_path / "no.db")
    assert found.wait(100) == 2
    assert cpu_seconds() - begin < 10
    assert f"sweep: {TOO_MANY}" in " ".join(found.stderr.read().split())


@pytest.mark.parametrize("group", ["over: {X}", "zip: [{X}]"])
def test_nor_are_those_of_a_file(group):
    axes = ", ".join(text.replace("=", ": '", 1) + "'" for text in RANGES)
    begin = time.process_time()
    with pytest.raises(zs.InputError, match=f"^s.yaml: {TOO_MANY}$"):
        parse_sweep("s.yaml", f"about: x\nmachines: [eie]\nworkloads: [nt-we]\n{group.replace('X', axes)}\n")
    assert time.process_time() - begin < 10


def cpu_seconds():
    """Of processes that this one started and that ended."""
    return sum(os.times()[2:4])


@pytest.mark.parametrize("name", ["pes", "seed"])
def test_the_largest_integer_that_is_swept_is_read_from_a_store(name, tmp_path):
    least = 10 ** most_digits(name, 10**4000)
    assert parse_axis(f"{name}={least - 1}").values == (least - 1,)
    assert most_digits(name, least - 1) is None
    with Store(tmp_path / "s.db") as store:
        store.add([Record("a", {name: least - 1}, json.dumps([1]), ("cycles",), None, None, "", "", 0.5)])
        store.add([Record("b", {name: least}, json.dumps([1]), ("cycles",), None, None, "", "", 0.5)])
    assert zs.open_store(tmp_path / "s.db").frame(ids=["a"])[name].to_list() == [least - 1]
    with pytest.raises(zs.InputError, match="an integer has .* digits"):
        zs.open_store(tmp_path / "s.db").frame()


def test_more_points_than_the_most_are_refused_in_groups_and_among_machines_too():
    many = tuple(parse_axis(f"{name}=1:1000000:1000000") for name in ("pes", "queue_depth"))
    assert make_space("x", ["eie"], ["nt-we"], [many], {}).size == MOST
    axes = [many, (parse_axis("seed=1:10:10"),)]
    assert make_space("x", ["eie"], ["nt-we"], axes, {}).size == MOST_POINTS
    with pytest.raises(zs.InputError, match="x: its axes span 20,000,000 points; expected at most 10,000,000"):
        make_space("x", ["eie", "ese"], ["nt-we"], axes, {})


EXPLORE = {
    "keys that are none": ({"over": 5}, "^explore: over is 5; expected values by the names of keys"),
    "a key that is no text": ({"over": {5: [1, 2]}}, "^explore: over is {5: .*; expected values by the names"),
    "settings that are none": ({"fixed": 5}, "^explore: fixed is 5; expected values by the names of keys"),
    "a huge integer": ({"over": {"pes": [1, HUGE]}}, DIGITS),
    "a huge setting": ({"fixed": {"queue_depth": HUGE}}, "queue_depth has the value of an integer of more than 300"),
    "bytes": ({"over": {"pes": b"12"}}, "pes is b'12'; expected a list of values"),
    "values without end": ({"over": {"pes": itertools.count(1)}}, "pes has more than 1000000 values"),
    "objectives without end": (
        {"minimise": itertools.repeat("cycles")},
        "minimise is repeat.*; expected names",
    ),
    "limits that are none": ({"limits": 5}, "^explore: limits is 5; expected at most 100, each a bound"),
    "limits without end": ({"limits": itertools.repeat("cycles<=1")}, "limits is repeat"),
    "too many values": (
        {"over": {"pes": MANY, "queue_depth": MANY, "index_bits": [1, 2]}},
        "^explore: its axes have more than 2,000,000 values; expected fewer values$",
    ),
    "a range that is too long": (
        {"over": {"pes": f"0:{MOST}"}},
        "^explore: pes: 0:1000000 has 1000001 values; expected at most 1000000$",
    ),
    "a choice that is none": ({"fits": "no"}, "^explore: fits is 'no'; expected True or False"),
    "a progress that is none": ({"watch": 5}, "^explore: watch is 5; expected a function"),
    "a question that is none": ({"stop": True}, "^explore: stop is True; expected a function"),
    "jobs that are no number": ({"jobs": "x"}, "jobs is 'x'; expected a whole number of processes"),
}


@pytest.mark.parametrize(("given", "sentence"), EXPLORE.values(), ids=EXPLORE)
def test_what_cannot_be_searched_is_refused_in_a_sentence(given, sentence, tmp_path):
    pytest.importorskip("optuna")
    wanted = {"over": {"pes": [1, 2]}, "minimise": "cycles", "store": tmp_path / "no.db", **given}
    with pytest.raises(zs.InputError, match=sentence):
        zs.explore("eie", "alexnet-fc8", **wanted)
    assert not (tmp_path / "no.db").exists()
