"""Sweeps over a user's network: sums of its layers, what did not run, and how often the file is run."""

import json

import numpy as np
import pytest
from support.language import write_small
from support.own_networks import cnn, lstm
from support.results.sweeping import content, figures, run
from typer.testing import CliRunner

import zeroskip
from simulator.cli import app
from simulator.sweeps.axes import parse_axis
from simulator.sweeps.identity import Resolver
from simulator.sweeps.points import points
from simulator.sweeps.sweep_file import make_space
from simulator.sweeps.workers.point_runner import PointRunner
from workloads.sources.onnx import source

AXES = ("density=0.2,0.5,1.0", "pes=4,16")


@pytest.fixture
def network(tmp_path):
    pytest.importorskip("onnxruntime")
    return cnn(tmp_path / "cnn.onnx")


def space(network, *axes, machine="eie", **fixed):
    return make_space("test", (machine,), (str(network),), [(parse_axis(axis),) for axis in axes], fixed)


@pytest.mark.parametrize("machine", ["eie", "scnn"])
def test_a_point_is_the_sum_of_the_layers_of_a_run(network, tmp_path, machine):
    axes = ("density=0.2,0.5", "clock_mhz=500,700")
    done = run(space(network, *axes, machine=machine), tmp_path / "s.db")
    assert (done.points, done.run, done.failed) == (4, 4, 0)
    for row in content(tmp_path / "s.db").values():
        asked, found, layers = json.loads(row[0]), figures(row), json.loads(row[2])
        config = zeroskip.load_arch(machine, clock_mhz=asked["clock_mhz"])
        expected = zeroskip.run(config, str(network), density=asked["density"])
        total = expected.total()
        for key in ("cycles", "dram_bytes"):
            assert found[key] == getattr(total, key)
        for key in ("time_us", "energy_uj", "edp_uj_us"):
            assert found[key] == pytest.approx(getattr(total, key))
        assert found["notes"] == "; ".join(expected.notes())
        assert found.get("left_out", "") == ", ".join(one.layer for one in expected.rows if one.reason)
        assert [(one["layer"], one.get("cycles"), one.get("reason")) for one in layers] == [
            (one.layer, one.cycles, one.reason) for one in expected.rows
        ]
        assert found["layers_run"] == len(expected.ran)
    assert done.notes == dict.fromkeys(expected.notes(), 4)


def test_a_file_is_run_once_for_all_points_that_share_its_input(network, monkeypatch):
    runs, true = [], source.load_graph
    monkeypatch.setattr(source, "load_graph", lambda path: runs.append(path) or true(path))
    runner, resolver = PointRunner(), Resolver()
    for point in points(space(network, *AXES)):
        runner.run(resolver.resolve(point))
    assert len(runs) == 1
    for point in points(space(network, "seed=0,1", *AXES)):  # another seed draws another input
        runner.run(resolver.resolve(point))
    assert len(runs) == 2
    assert runner.loads == 3 * 2  # `fc` for each density and seed: `pes` does not change the layer


def test_the_content_of_file_and_input_is_what_a_point_is(network, tmp_path):
    given = tmp_path / "x.npz"
    np.savez(given, x=np.ones((1, 3, 8, 8), np.float32))
    where = space(network, "density=0.5", input=str(given))
    assert run(where, tmp_path / "s.db").run == 1
    assert run(where, tmp_path / "s.db").known == 1
    np.savez(given, x=np.zeros((1, 3, 8, 8), np.float32))
    assert run(where, tmp_path / "s.db").run == 1
    cnn(network)
    assert run(where, tmp_path / "s.db").run == 1
    assert len(content(tmp_path / "s.db")) == 3


def test_options_of_workloads_are_those_of_every_point(network, tmp_path):
    given = tmp_path / "x.npz"
    np.savez(given, x=np.ones((1, 3, 8, 8), np.float32))
    options = ["--input", given, "--layer", "fc", "--density", "0.5"]
    arguments = ["sweep", "eie", network, *options, "--over", "pes=4,16", "--store", tmp_path / "s.db", "--jobs", "1"]
    done = CliRunner().invoke(app, [str(one) for one in arguments])
    assert done.exit_code == 0, done.output
    for row in zeroskip.open_store(tmp_path / "s.db").rows():
        config = zeroskip.load_arch("eie", pes=row["pes"])
        found = zeroskip.run(config, str(network), layer="fc", activation=str(given), density=0.5)
        assert row["cycles"] == found.total().cycles
    twice = CliRunner().invoke(app, [str(one) for one in (*arguments, "--set", "density=0.1")])
    assert str(twice.exception) == "--set density: --density is given, too; expected one of them"


def test_a_machine_that_runs_none_of_the_layers_is_an_error_of_its_point(tmp_path):
    pytest.importorskip("onnxruntime")
    done = run(space(lstm(tmp_path / "lstm.onnx"), "pes=4"), tmp_path / "s.db")
    assert (done.failed, list(done.errors)) == (1, ["lstm: its kind is LSTM; expected fully connected on eie_64pe"])


def test_a_table_says_which_points_are_part_of_their_network(network, tmp_path):
    run(space(network, "density=0.2,0.5"), tmp_path / "s.db")
    held = zeroskip.open_store(tmp_path / "s.db")
    (row, _), expected = held.rows(), zeroskip.run("eie", str(network), density=0.5)
    every, ran = len(expected.rows), len(expected.ran)
    others = ", ".join(one.layer for one in expected.rows if one.reason)
    assert 0 < ran < every
    assert (row["layers_run"], row["layers_found"], row["left_out"]) == (ran, every, others)
    sentence = f"on eie: figures of {ran} of {every} layers, as the machine does not run the others (column left_out; "
    for arguments, count in (["results"], 2), (["pareto", "--minimise", "energy_uj"], 1):
        for form in ([], ["--csv"]):
            shown = CliRunner().invoke(app, [arguments[0], str(tmp_path / "s.db"), *arguments[1:], *form])
            text = " ".join((shown.stderr if form else shown.stdout).split())
            assert sentence + f"{count} point{'s' if count > 1 else ''})" in text
            assert "layers_run" in shown.stdout
            assert others in shown.stdout
    table = zeroskip.sweep("eie", str(network), {"density": [0.2, 0.5]})
    for row in table.rows:
        assert (row["layers_run"], row["layers_found"], row["left_out"], row["fits"]) == (ran, every, others, True)
    assert all(name in repr(table) for name in ("layers_run", "left_out", "fits"))


def test_points_of_whole_networks_have_no_column_about_layers_left_out(network, tmp_path):
    run(space(network, "density=0.2", machine="scnn"), tmp_path / "s.db")
    shown = CliRunner().invoke(app, ["results", str(tmp_path / "s.db")]).stdout
    assert "left_out" not in shown
    assert "layers_run" not in shown


def test_a_language_model_over_batches_and_contexts(tmp_path):
    """Each point is a step of all layers, as `run` gives it; nothing of one machine's layout stays in the next's."""
    path = write_small(tmp_path)
    axes = {"batch": [1, 3], "context": [16, 40], "pipeline_stages": [2, 30], "vector_lanes": [1, 64]}
    done = zeroskip.sweep("tensor", path, axes, store=tmp_path / "s.db", jobs=1)
    assert (done.points, done.failed) == (16, 0)
    frame = zeroskip.open_store(tmp_path / "s.db").frame()
    assert list(zeroskip.sweep("tensor", path, axes).to_frame()["cycles"]) == list(frame["cycles"])
    for row in frame.to_dict("records"):
        machine = zeroskip.load_arch(
            "tensor", pipeline_stages=int(row["pipeline_stages"]), vector_lanes=int(row["vector_lanes"])
        )
        alone = zeroskip.run(machine, path, batch=int(row["batch"]), context=int(row["context"]))
        assert row["cycles"] == alone.cycles
