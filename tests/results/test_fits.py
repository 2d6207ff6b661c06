"""What fits its machine, and what does not: in stores, tables, fronts and pictures; and areas that are missing."""

import io
import json

import numpy as np
import pandas as pd
import pytest
from support.results.sweeping import run, space
from typer.testing import CliRunner

from simulator.cli import app
from simulator.results.fit import row_fits, with_fits
from simulator.results.pareto import front
from workloads.errors import InputError
from zeroskip import load_arch, load_workload, open_store, simulate

SIZES = (64, 131072)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Points that fit, points that do not, and one that failed."""
    path = tmp_path_factory.mktemp("fits") / "s.db"
    run(space("pes=0,1,4", "spmat_bytes=64,131072"), path)
    return path


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """Points with an area and points without one."""
    path = tmp_path_factory.mktemp("areas") / "a.db"
    run(space("seed=0,1", machines=("eie",)), path)
    run(space("pes=2", machines=("ese",), workloads=("google-lstm",), fixed={"scale": 0.02, "channels": 1}), path)
    return path


def call(*arguments, code=0):
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    return result


def expected(pes, size):
    config = load_arch("eie", pes=pes, spmat_bytes=size)
    return not simulate(config, load_workload("alexnet-fc7", scale=1 / 64)).violations


def test_the_column_says_what_simulate_says(store):
    frame = open_store(store).frame()
    assert frame["fits"].map(lambda value: value is None or value != value).tolist() == frame["error"].notna().tolist()
    ran = frame[frame["error"].isna()]
    assert [bool(value) for value in ran["fits"]] == [
        expected(int(pes), int(size)) for pes, size in zip(ran["pes"], ran["spmat_bytes"], strict=True)
    ]
    assert set(ran["fits"]) == {True, False}


def test_only_points_that_fit(store):
    printed = json.loads(call("results", store, "--fits", "--json").stdout)
    ran = open_store(store).frame(where="error == None")
    assert {row["id"] for row in printed} == set(ran["id"][[bool(value) for value in ran["fits"]]])
    some = json.loads(call("results", store, "--fits", "--where", "pes == 1 or pes == 4", "--json").stdout)
    assert some == printed
    refused = CliRunner().invoke(app, ["results", str(store), "--fits", "--where", "pes = 4"])
    assert "where pes = 4: it is no condition" in str(refused.exception)


def test_a_table_marks_them_and_counts_them(store):
    shown = call("results", store).stdout
    ran = open_store(store).frame(where="error == None")
    misfits = sum(not value for value in ran["fits"])
    assert f"{misfits} of {len(ran)} points do not fit their machine (column fits); --fits drops them" in shown
    assert sum(" no " in line for line in shown.splitlines()) == misfits
    assert "do not fit" not in call("results", store, "--fits").stdout
    data = call("results", store, "--csv")
    assert "do not fit their machine" in data.stderr
    assert len(pd.read_csv(io.StringIO(data.stdout))) == 6


def test_a_front_recommends_only_what_fits(store):
    held = open_store(store)
    frame = held.frame(where="error == None")
    fitting = frame[[bool(value) for value in frame["fits"]]]
    for every, among in ((False, fitting), (True, frame)):
        best = among["id"][front(among[["time_us", "energy_uj"]].to_numpy(np.float64))]
        assert set(held.pareto(["time_us", "energy_uj"], every=every).id) == set(best)
    shown = call("pareto", store, "--minimise", "time_us,energy_uj").stdout
    assert f"left out: {len(frame) - len(fitting)} points that do not fit their machine; --all takes them too" in shown
    assert "left out" not in call("pareto", store, "--minimise", "time_us,energy_uj", "--all").stdout
    data = call("pareto", store, "--minimise", "time_us", "--json")
    assert "left out" in data.stderr
    assert all(row["fits"] for row in json.loads(data.stdout))


def test_a_network_fits_where_all_its_layers_do(tmp_path):
    path = tmp_path / "n.db"
    run(space("spmat_bytes=64,131072", workloads=("alexnet",), fixed={"scale": 0.05}), path)
    held = open_store(path)
    layers = held.layers()
    small, large = held.frame().to_dict("records")
    assert (small["fits"], large["fits"]) == (False, True)
    own = layers[layers["spmat_bytes"] == 64]
    assert list(own["fits"]) == [violations != violations for violations in own["violations"]]
    named = own["layer"][own["violations"].notna()].tolist()
    assert [part.split(":")[0] for part in small["violations"].split("; ") if part.startswith("alexnet-")] == named


def test_a_missing_area_is_missing(both):
    frame = open_store(both).frame()
    assert frame["area_mm2"].isna().tolist() == (frame["machine"] == "ese").tolist()
    assert "left out: 1 point without area_mm2, as their configurations give no area" in " ".join(
        call("pareto", both, "--minimise", "time_us,area_mm2").stdout.split()
    )
    with pytest.raises(InputError, match="none of its points has area_mm2, as their configurations give no area"):
        open_store(both).pareto(["area_mm2"], where="machine == 'ese'")


def test_a_store_without_any_area_says_why(tmp_path):
    path = tmp_path / "e.db"
    run(space("pes=2", machines=("ese",), workloads=("google-lstm",), fixed={"scale": 0.02, "channels": 1}), path)
    assert "area_mm2" not in open_store(path).columns
    with pytest.raises(InputError, match="none of its points has area_mm2, as their configurations give no area"):
        open_store(path).pareto(["time_us", "area_mm2"])


@pytest.mark.parametrize(
    ("violations", "fits"),
    [([], True), (["a"], False), ("", True), ("a; b", False), (None, True), (float("nan"), True), (("a",), False)],
)
def test_every_form_of_violations_is_read(violations, fits):
    assert row_fits({"violations": violations}) is fits
    assert with_fits(pd.DataFrame({"violations": [violations]}))["fits"].tolist() == [fits]


def test_a_column_that_is_there_is_kept():
    assert with_fits(pd.DataFrame({"fits": [True, False, None]}))["fits"].tolist() == [True, False, True]
    assert with_fits(pd.read_csv(io.StringIO("fits\nTrue\nFalse\n")))["fits"].tolist() == [True, False]
    assert with_fits(pd.DataFrame({"x": [1]}))["fits"].tolist() == [True]
