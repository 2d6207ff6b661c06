"""Conditions, tables, summaries and fronts, against naive ones."""

import io
import json
import math
from contextlib import suppress

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from support.results.sweeping import SMALL, run, space
from typer.testing import CliRunner

from simulator.cli import app
from simulator.results.conditions import Condition
from simulator.results.pareto import front, front_by_group
from workloads.errors import InputError
from zeroskip import load_arch, load_workload, open_store, simulate, sweep

COSTS = arrays.arrays(
    np.float64, st.tuples(st.integers(0, 30), st.integers(1, 3)), elements=st.integers(0, 4).map(float)
)


def naive(costs):
    beaten = [any((other <= row).all() and (other < row).any() for other in costs) for row in costs]
    return ~np.array(beaten, bool)


def test_a_column_that_is_named_twice_counts_once(tmp_path):
    path = tmp_path / "s.db"
    sweep("eie", "alexnet-fc8", {"pes": [1, 2]}, fixed={"scale": 0.01}, store=path, jobs=1)
    held = open_store(path)
    once = held.summary(["pes"], ["cycles"])
    pd.testing.assert_frame_equal(held.summary(["pes", "pes"], ["cycles", "cycles"]), once)
    assert list(held.frame(columns=["pes", "pes"]).columns) == ["pes"]
    assert list(held.pareto(["cycles"], columns=["pes", "pes"]).columns) == ["pes"]
    for more in (["--by", "pes,pes"], ["--by", "pes", "--columns", "cycles,cycles"], ["--columns", "pes,pes"]):
        assert CliRunner().invoke(app, ["results", str(path), *more]).exit_code == 0


@given(COSTS)
def test_a_front_is_what_no_other_point_beats(costs):
    np.testing.assert_array_equal(front(costs), naive(costs))


@given(COSTS, st.lists(st.sampled_from("ab"), min_size=30, max_size=30))
def test_fronts_of_groups(costs, groups):
    found = front_by_group(costs, groups[: len(costs)])
    for group in "ab":
        members = [place for place in range(len(costs)) if groups[place] == group]
        np.testing.assert_array_equal(found[members], naive(costs[members]))


ROW = {"pes": 4, "workload": "fc7", "counts.entries": 10, "time_us": 0.5, "error": None}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("pes >= 4", True),
        ("pes > 4", False),
        ("1 < pes < 5", True),
        ("4 < pes < 5", False),
        ("pes != 4", False),
        ("pes in (1, 4)", True),
        ("pes not in [1, 4]", False),
        ("workload == 'fc7' and pes == 4", True),
        ("workload == 'fc8' or pes == 4", True),
        ("not pes == 4", False),
        ("counts.entries / pes == 2.5", True),
        ("counts.entries % pes == 2", True),
        ("-pes < 0", True),
        ("pes * 2 - 1 == 7", True),
        ("time_us + 1 == 1.5", True),
        ("error == None", True),
        ("missing > 1", False),
        ("not missing > 1", True),
        ("missing > 1 or pes == 4", True),
        ("pes > 'a'", False),
        ("pes / 0 > 1", False),
        ("pes", True),
        ("True", True),
        (" pes==4 ", True),
    ],
)
def test_conditions(text, holds):
    assert Condition(text, [*ROW, "missing"])(ROW) is holds


@pytest.mark.parametrize(
    "text",
    [
        "pes = 4",
        "",
        "pes ==",
        "import os",
        "__import__('os')",
        "pes.__class__",
        "(lambda: 1)()",
        "pes ** 9",
        "pes if pes else 1",
        "[x for x in pes]",
        "pes[0]",
        "f'{pes}'",
        "pes := 3",
        "pes is None",
        "unknown > 1",
        "'" * 5,
        "(" * 5000,
        "\0",
        "pes @ 2",
        "1j > 2",
        "b'a' == 1",
        "~pes == 1",
        "{1: 2}",
        "pes; drop",
        "DROP TABLE point",
    ],
)
def test_what_is_no_condition(text):
    with pytest.raises(InputError, match="where "):
        Condition(text, list(ROW))


NUMBERS, TEXTS, TRUTHS = (frozenset([kind]) for kind in ("number", "text", "truth"))
HELD = {
    "pes": NUMBERS,
    "cycles": NUMBERS,
    "workload": TEXTS,
    "fits": TRUTHS,
    "mixed": NUMBERS | TEXTS,
    "empty": frozenset(),
}


def check(text):
    condition = Condition(text, HELD)
    condition.check_kinds({name: HELD[name] for name in condition.named})


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("pes == 'abc'", "pes, a column of numbers, is compared with the text 'abc'; expected a number"),
        ("cycles > '5x'", "cycles, a column of numbers, is compared with the text '5x'; expected a number"),
        ("'5x' < cycles", "cycles, a column of numbers, is compared with the text '5x'; expected a number"),
        ("pes != 'abc'", "pes, a column of numbers, is compared with the text 'abc'; expected a number"),
        ("1 < pes < 'a'", "pes, a column of numbers, is compared with the text 'a'; expected a number"),
        ("pes > 1e9 and not pes == 'a'", "pes, a column of numbers, is compared with the text 'a'; expected a number"),
        ("workload > 4", "workload, a column of texts, is compared with 4; expected a text in quotes"),
        ("workload == -4", "workload, a column of texts, is compared with -4; expected a text in quotes"),
        ("fits == 'yes'", "fits, a column of True and False, is compared with the text 'yes'; expected True or False"),
        ("pes in (1, '2')", "pes, a column of numbers, is compared with the text '2'; expected a number"),
        ("pes in '12'", "pes, a column of numbers, is compared with the text '12'; expected a number"),
        ("workload in 4", "4 follows in; expected a list, such as [1, 2]"),
        ("pes in cycles", "cycles, a column of numbers, follows in; expected a list, such as [1, 2]"),
        ("pes == workload", "is compared with pes, a column of numbers; expected two numbers or two texts"),
        ("pes + 1 == 'a'", "is compared with the text 'a'; expected two numbers or two texts"),
        ("workload * 2 > 4", "workload, a column of texts, is part of workload * 2; expected numbers there"),
        ("-workload > 4", "workload, a column of texts, is part of -workload; expected numbers there"),
        ("pes + 'a' == 'a'", "the text 'a' is part of pes + 'a'; expected numbers there"),
        ("pes > None", "None is neither less nor greater than anything; expected == None or != None"),
        ("pes == [1]", "pes, a column of numbers, is compared with [1]; expected a number"),
    ],
)
def test_comparisons_of_unlike_kinds_are_refused(text, sentence):
    with pytest.raises(InputError) as error:
        check(text)
    assert str(error.value).startswith(f"where {text}: ")
    assert sentence in str(error.value)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "pes == 4.5",
            "pes == None",
            "workload != None",
            "workload == 'a'",
            "workload in ('a', 'b')",
            "'a' in workload",
        ),
        *("fits", "fits == True", "fits == 1", "mixed == 'a' or mixed == 1", "empty > 'a'", "empty * 2 > 4"),
        *(
            "workload + 'x' == 'ax'",
            "[pes, cycles] in [[1, 2], [3, 4]]",
            "pes % 2 == 0",
            "pes == mixed",
            "pes in [None, 1]",
        ),
    ],
)
def test_comparisons_of_like_kinds_are_taken(text):
    check(text)


def test_a_condition_that_no_row_can_fulfil_is_refused_by_a_store(store):
    sentence = "where cycles > '5x': cycles, a column of numbers, is compared with the text '5x'; expected a number"
    done = CliRunner().invoke(app, ["results", str(store), "--where", "cycles > '5x'"])
    assert isinstance(done.exception, InputError)
    assert str(done.exception) == sentence
    held = open_store(store)
    for text in (
        "pes == 'abc'",
        "counts.entries > 'a'",
        "workload > 1",
        "error > 5",
        "fits == 'no'",
        "elapsed_s == 'a'",
    ):
        for question in (held.frame, held.layers, lambda where: held.summary(["pes"], ["time_us"], where)):
            with pytest.raises(InputError, match="a column of .* is compared with"):
                question(where=text)
    with pytest.raises(InputError, match=r"where: it is 5; expected a text with comparisons"):
        held.frame(where=5)


def test_deep_conditions_are_refused_or_taken():
    for depth in (50, 300, 480, 900, 960):
        with suppress(InputError):
            check(f"{'-' * depth}pes > 1")


@given(st.text(max_size=30))
def test_any_text_is_a_condition_or_refused(text):
    with suppress(InputError):
        assert Condition(text, list(ROW))(ROW) in (True, False)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = tmp_path_factory.mktemp("store") / "s.db"
    run(space("pes=1,2,4", "seed=0,1,2", "queue_depth=1,8"), path)
    done = run(space("pes=0,2", fixed=SMALL), path)
    assert (done.run, done.known, done.failed) == (1, 1, 1)  # depth 8 is what the configuration says
    return path


def test_rows_are_what_simulate_tells(store):
    frame = open_store(store).frame(where="error == None")
    assert len(frame) == 18
    assert list(frame.columns[:3]) == ["pes", "seed", "queue_depth"]
    assert frame[["pes", "seed", "queue_depth"]].values.tolist() == [
        [pes, seed, depth] for pes in (1, 2, 4) for seed in (0, 1, 2) for depth in (1, 8)
    ]
    for row in frame.to_dict("records"):
        config = load_arch("eie", pes=int(row["pes"]), queue_depth=int(row["queue_depth"]))
        layer = load_workload("alexnet-fc7", seed=int(row["seed"]), scale=1 / 64)
        printed = simulate(config, layer).to_frame().iloc[0]
        for name in ("cycles", "time_us", "energy_pj.total", "counts.entries", "load_balance", "area_mm2", "edp_uj_us"):
            assert row[name] == printed[name], name
        assert row["energy_uj"] == simulate(config, layer).energy_uj


def test_an_error_is_a_row(store):
    (row,) = open_store(store).rows(where="error != None")
    assert row["pes"] == 0
    assert row["error"] == "pes is 0 (set by the user); expected an integer from 1 to 16384"
    assert "cycles" not in row


def test_summaries_by_groups(store):
    held = open_store(store)
    frame, printed = (
        held.frame(where="error == None"),
        held.summary(["pes", "queue_depth"], ["time_us", "counts.entries"]),
    )
    assert printed[["pes", "queue_depth"]].values.tolist() == [[p, q] for p in (1, 2, 4) for q in (1, 8)]
    for row in printed.to_dict("records"):
        own = frame[(frame.pes == row["pes"]) & (frame.queue_depth == row["queue_depth"])]
        assert row["points"] == len(own) == 3
        assert row["time_us.mean"] == math.fsum(own.time_us) / 3
        assert (row["time_us.min"], row["time_us.max"]) == (own.time_us.min(), own.time_us.max())
        assert row["counts.entries.max"] == own["counts.entries"].max()


def test_a_front_straight_from_the_store(store):
    held = open_store(store)
    frame = held.frame(where="error == None and seed == 0")
    found = held.pareto(["time_us", "energy_uj"], ["load_balance"], where="seed == 0")
    costs = np.column_stack([frame.time_us, frame.energy_uj, -frame.load_balance])
    assert set(found.id) == set(frame.id[naive(costs)])
    groups = held.pareto(["time_us"], by=["seed"])
    assert sorted(groups.seed) == [0, 1, 2]
    for name in ("minimise", "maximise"):
        with pytest.raises(InputError, match="tyme_us is no column; expected one such as time_us"):
            held.pareto(**{name: ["tyme_us"]})
    with pytest.raises(InputError, match="no objective is given"):
        held.pareto()
    assert held.pareto(["time_us"], where="pes == 99").empty


def call(*arguments, code=0):
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    return result.stdout


def test_commands_give_the_same_table_in_every_form(store, tmp_path):
    frame = open_store(store).frame(where="pes >= 2")
    csv = pd.read_csv(io.StringIO(call("results", store, "--where", "pes >= 2", "--csv")))
    pd.testing.assert_frame_equal(csv.drop(columns="error"), frame.drop(columns="error"), check_dtype=False, rtol=1e-15)
    call("results", store, "--where", "pes >= 2", "--parquet", tmp_path / "o.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "o.parquet"), frame)
    printed = json.loads(call("results", store, "--where", "pes >= 2", "--json", "--columns", "pes,cycles"))
    assert [(row["pes"], row["cycles"]) for row in printed] == list(zip(frame.pes, frame.cycles, strict=True))
    assert "load_balance" in call("results", store)
    printed = json.loads(call("pareto", store, "--minimise", "time_us,area_mm2", "--json"))
    assert {row["id"] for row in printed} == set(open_store(store).pareto(["time_us", "area_mm2"]).id)
    printed = json.loads(call("results", store, "--by", "pes", "--columns", "time_us", "--json"))
    assert [row["points"] for row in printed] == [6, 6, 6]


def test_networks_tell_their_layers(tmp_path):
    path = tmp_path / "n.db"
    run(space("density=0.2,0.4", machines=("eie", "scnn"), workloads=("alexnet",), fixed={"scale": 0.05}), path, jobs=2)
    held = open_store(path)
    frame, layers = held.frame(), held.layers()
    assert len(frame) == 4
    for row in frame.to_dict("records"):
        every = layers[(layers.machine == row["machine"]) & (layers.density == row["density"])]
        assert len(every) == 8
        own, other = every[every.reason.isna()], every[every.reason.notna()]
        assert ", ".join(other.layer) == (row["left_out"] if row["machine"] == "eie" else "")
        assert other.cycles.isna().all()
        assert len(own) == row["layers_run"] == {"eie": 3, "scnn": 8}[row["machine"]]
        assert own.cycles.sum() == row["cycles"]
        assert math.fsum(own.energy_uj) == row["energy_uj"]
        assert own["counts.multiplies"].sum() == row["counts.multiplies"]
    assert "alexnet-fc8" in call("results", path, "--layers")
    wanted = ["density", "machine", "seed", "layer", "cycles"]
    chosen = pd.read_csv(io.StringIO(call("results", path, "--layers", "--columns", ",".join(wanted), "--csv")))
    assert list(chosen) == wanted
    assert len(chosen) == len(layers)
    assert list(held.layers("density == 0.2", ["layer", "scale"]).scale) == [0.05] * 16
    for arguments, sentence in (
        (["--columns", "lay"], "n.db: layers: lay is no column; expected"),
        (["--by", "seed"], "--layers: it is given with --by, which summarises points; expected"),
    ):
        done = CliRunner().invoke(app, ["results", str(path), "--layers", *arguments])
        assert sentence in str(done.exception)
