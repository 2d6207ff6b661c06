"""Columns that separate the points of a store, in printed tables."""

import pytest
from support.results.sweeping import run, space
from typer.testing import CliRunner

from simulator.cli import app
from simulator.results.text import counted
from simulator.results.varied import varied_columns

POINT = {"machine": "eie", "config": "eie_64pe", "workload": "fc8", "pes": 4, "seed": 0}
PARAMETERS = ("pes", "machine", "config", "workload", "seed", "density")


def call(*arguments):
    done = CliRunner().invoke(app, [str(one) for one in arguments], env={"COLUMNS": "200"})
    assert done.exit_code == 0, done.output
    return done.output


def heading(output):
    return next(line for line in output.splitlines() if line.strip()).split()


@pytest.mark.parametrize(
    ("changes", "columns"),
    [
        ([{}], ["pes"]),
        ([{}, {"density": 0.1}], ["pes", "density"]),
        ([{"seed": 1, "density": 0.1}, {"density": 0.1}], ["pes", "seed"]),
        ([{}, {"config": "eie_ideal"}], ["pes", "config"]),
        ([{}, {"machine": "scnn", "config": "scnn_8x8", "seed": 3}], ["pes", "machine"]),
        ([{}, {"workload": "fc7", "density": 0.1}], ["pes", "workload"]),
        ([{}, {"machine": "no", "config": None, "seed": None}], ["pes"]),  # was never looked up
        ([{}, {}], ["pes", "finished_at"]),
    ],
)
def test_what_separates_points(changes, columns):
    rows = [{key: value for key, value in (POINT | change).items() if value is not None} for change in changes]
    assert varied_columns(rows, ("pes",), PARAMETERS) == columns


@pytest.fixture(scope="module")
def two_sweeps(tmp_path_factory):
    """Two sweeps over the PEs in one store, one of them at another density."""
    store = tmp_path_factory.mktemp("two") / "two.db"
    for fixed in ({"density": 0.05}, {}):
        run(space("pes=1,4", fixed={"scale": 1 / 64, **fixed}), store)
    return store


def test_two_sweeps_in_one_store_can_be_separated(two_sweeps):
    printed = call("results", two_sweeps)
    assert heading(printed)[:3] == ["pes", "density", "cycles"]
    cells = [line.split()[:2] for line in printed.splitlines() if line.split() and line.split()[0] in ("1", "4")]
    assert cells == [["1", "-"], ["1", "0.05"], ["4", "-"], ["4", "0.05"]]
    assert "density" not in heading(call("results", two_sweeps, "--where", "density == 0.05"))


def test_a_front_says_what_its_points_are(two_sweeps):
    assert heading(call("pareto", two_sweeps, "--minimise", "energy_uj"))[:3] == ["pes", "density", "energy_uj"]


def test_the_default_name_of_a_store_is_documented():
    assert "MACHINE-WORKLOAD.db" in call("sweep", "--help")


def test_one_point_is_one_and_nothing_that_ran_has_no_rate(tmp_path):
    arguments = "sweep", "eie", "alexnet-fc8", "--set", "scale=0.01", "--jobs", 1, "--store", tmp_path / "one.db"
    assert "1 point, 0 were in the store, 1 run in " in call(*arguments)
    again = call(*arguments)
    assert "1 point, 1 was in the store, 0 run, 0 failed" in again
    assert counted(1, "point") == "1 point"
    assert counted(1000, "entry", "entries") == "1,000 entries"
