"""Every command takes every source, and no note of a source is lost."""

import io
import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from support.own_networks import cnn, lstm, mlp
from typer.testing import CliRunner

import zeroskip
from simulator import html
from simulator.cli import app
from workloads.errors import InputError

DRAWN = "the input x [1, 3, 8, 8] is drawn"
RNG = np.random.default_rng(2)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A file of each kind that a user may have."""
    pytest.importorskip("onnxruntime")
    folder = tmp_path_factory.mktemp("sources")
    np.savez(folder / "fc.npz", weight=RNG.standard_normal((20, 30)))
    (folder / "fc.mtx").write_text("%%MatrixMarket matrix coordinate real general\n3 4 2\n1 1 1.5\n3 4 -2\n")
    mlp(folder / "mlp.onnx")
    cnn(folder / "cnn.onnx")
    lstm(folder / "lstm.onnx")
    return folder


def run(*arguments, code=0):
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert done.exit_code == code, (done.output, done.exception)
    return done


SOURCES = [
    ("mlp.onnx", "eie", 2),
    ("cnn.onnx", "eie", 1),
    ("cnn.onnx", "scnn", 3),
    ("cnn.onnx:conv2", "scnn", 1),
    ("lstm.onnx", "ese", 1),
    ("fc.npz", "eie", 1),
    ("fc.mtx", "eie", 1),
]


@pytest.mark.parametrize(("name", "machine", "ran"), SOURCES)
def test_each_command_runs_each_source(files, tmp_path, name, machine, ran):
    path = files / name
    found = zeroskip.run(machine, str(path))
    assert len(found.ran) == ran
    total = found.total().cycles
    checked = json.loads(run("check", machine, path, "--json").stdout)
    assert [row["layer"] for row in checked["layers"]] == [row.layer for row in found.rows]
    assert sum(row["cycles"] or 0 for row in checked["layers"]) == total
    assert [row["equal"] for row in checked["layers"]] == [None if row.reason else True for row in found.rows]
    run("trace", machine, path, "-o", tmp_path / "t.json")
    traced = json.loads((tmp_path / "t.json").read_text())
    assert traced["otherData"]["cycles"] == total
    compared = json.loads(run("compare", path, "--machines", f"{machine},eie_cacti", "--json").stdout)
    assert compared["machines"][machine]["total"]["cycles"] == total
    done = run("sweep", machine, path, "--over", "seed=0", "--store", tmp_path / "s.db", "--jobs", 1, "--json")
    assert json.loads(done.stdout)["failed"] == 0
    (row,) = zeroskip.open_store(tmp_path / "s.db").rows()
    assert row["cycles"] == total
    ablated = json.loads(run("ablate", path, "--machine", machine, "--json").stdout)
    assert len(ablated.get("layers", [ablated])) == ran
    assert ablated["steps"][-1]["cycles"] == sum(one["steps"][-1]["cycles"] for one in ablated.get("layers", [ablated]))


def test_check_names_the_layers_that_do_not_run(files):
    shown = " ".join(run("check", "eie", files / "cnn.onnx").output.split())
    reason = "eie_64pe runs no convolution layers, only fully connected ones"
    assert f"not run conv1: {reason} not run conv2: {reason} equal fc: " in shown
    assert DRAWN in shown
    with pytest.raises(InputError, match=r"mlp: none of its layers ran \(ese_32x32 runs no fully connected"):
        zeroskip.check("ese", str(files / "mlp.onnx"))


def test_a_layer_of_a_wrong_kind_names_its_file(files):
    for command in (["run", "eie"], ["check", "eie"], ["trace", "eie", "-o", "a.json"]):
        done = run(*command, files / "lstm.onnx", code=1)
        assert str(done.exception) == f"{files / 'lstm.onnx'}: its kind is LSTM; expected fully connected on eie_64pe"
    done = run("run", "eie", files / "cnn.onnx", "--layer", "conv1", code=1)
    assert str(done.exception).startswith(f"{files / 'cnn.onnx'}:conv1: its kind is convolution; expected")


@pytest.mark.parametrize("layers", [(), ("fc",), ("fc", "conv1")])
def test_compare_opens_a_source_once(files, layers, monkeypatch):
    from workloads.sources.onnx import source

    opened, true = [], source.load_graph
    monkeypatch.setattr(source, "load_graph", lambda path: opened.append(path) or true(path))
    chosen = [option for name in layers for option in ("--layer", name)]
    done = run("compare", files / "cnn.onnx", "--machines", "eie,scnn,dcnn", "--density", 0.3, *chosen, "--json")
    assert opened == [files / "cnn.onnx"]
    found = json.loads(done.stdout)
    assert found["layers"] == (sorted(layers) or ["conv1", "conv2", "fc"])
    assert found["common_layers"] == ["fc"]
    whole = zeroskip.run("dcnn", str(files / "cnn.onnx"), density=0.3)
    expected = {row.layer: row.cycles for row in whole.rows}
    rows = found["machines"]["dcnn"]["layers"]
    assert {row["layer"]: row["cycles"] for row in rows} == {name: expected[name] for name in found["layers"]}
    notes = " ".join(found["notes"])
    assert DRAWN in notes
    assert ("did not run: eie_64pe runs no convolution" in notes) == (layers != ("fc",))


@pytest.mark.parametrize("command", [["run", "eie"], ["compare", "--machines", "eie,dcnn"], ["check", "eie"]])
def test_notes_reach_table_json_and_stderr_of_csv(files, command):
    name, *options = command
    arguments = (name, *([] if name == "compare" else options), files / "cnn.onnx")
    more = options if name == "compare" else []
    table = run(*arguments, *more)
    assert DRAWN in table.stdout
    assert any(DRAWN in note for note in json.loads(run(*arguments, *more, "--json").stdout)["notes"])
    csv = run(*arguments, *more, "--csv")
    assert DRAWN in csv.stderr
    assert "did not run: eie_64pe runs no convolution layers" in csv.stderr
    assert len(pd.read_csv(io.StringIO(csv.stdout))) in (3, 6)


def test_notes_reach_the_page(files, tmp_path):
    (tmp_path / "r.json").write_text(run("run", "eie", files / "cnn.onnx", "--json").stdout)
    page = html.build(tmp_path / "r.json")
    assert DRAWN in page
    assert "conv1, conv2 - did not run: eie_64pe runs no convolution layers" in page


def test_a_trace_of_a_network_has_its_layers_one_after_the_other(files, tmp_path):
    path, found = tmp_path / "t.json", zeroskip.run("scnn", str(files / "cnn.onnx"))
    run("trace", "scnn", files / "cnn.onnx", "-o", path)
    document = json.loads(path.read_text())
    begin = 0
    for row, part in zip(found.rows, document["otherData"]["layers"], strict=True):
        assert part == {"layer": row.layer, "begin": begin, "cycles": row.cycles}
        begin += row.cycles
    spans = [event for event in document["traceEvents"] if event["ph"] == "X"]
    by_unit = {}
    for event in spans:
        by_unit.setdefault((event["pid"], event["tid"]), []).append((event["args"]["cycle"], event["args"]["cycles"]))
    for covered in by_unit.values():  # without a gap, from the first cycle of the network to its last
        ends = [first + cycles for first, cycles in sorted(covered)]
        assert [first for first, _ in sorted(covered)] == [0, *ends[:-1]]
        assert ends[-1] == begin
    run("trace", "scnn", files / "cnn.onnx", "-o", path, "--window", f"{found.rows[0].cycles}:{begin}", "--events", 200)
    part = json.loads(path.read_text())
    assert [e["name"] for e in part["traceEvents"] if e["ph"] == "X" and e["name"] in found.ran] == ["conv2", "fc"]
    assert sum(event["ph"] in "XC" for event in part["traceEvents"]) <= 200 + 2  # and the names of the layers


def test_requests_of_a_network_have_a_folder_for_each_layer(files, tmp_path):
    done = run("requests", "scnn", files / "cnn.onnx", "-o", tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["01_conv1", "02_conv2", "03_fc"]
    run("requests", "scnn", f"{files / 'cnn.onnx'}:conv2", "-o", tmp_path / "one")
    for alone in (tmp_path / "one").iterdir():
        assert alone.read_text() == (tmp_path / "out" / "02_conv2" / alone.name).read_text()
    assert DRAWN in done.stdout


def test_sums_of_an_ablation_are_those_of_its_layers(files):
    found = json.loads(run("ablate", files / "cnn.onnx", "--json").stdout)
    assert (found["machine"], [one["workload"] for one in found["layers"]]) == ("scnn", ["conv1", "conv2", "fc"])
    for place, step in enumerate(found["steps"]):
        for key in ("cycles", "time_us", "weight_pj", "energy_pj"):
            assert step[key] == pytest.approx(sum(one["steps"][place][key] for one in found["layers"]))
    assert found["product"]["speedup"] == found["steps"][0]["time_us"] / found["steps"][-1]["time_us"]
    alone = json.loads(run("ablate", f"{files / 'cnn.onnx'}:conv2", "--json").stdout)
    assert alone["steps"] == found["layers"][1]["steps"]
    assert any(DRAWN in note for note in found["notes"])
    assert any(DRAWN in note for note in alone["notes"])
    some = json.loads(run("ablate", files / "cnn.onnx", "--machine", "eie", "--json").stdout)
    assert set(some["left_out"]) == {"conv1", "conv2"}


@pytest.mark.parametrize("command", ["run", "check", "compare", "trace", "requests", "ablate", "sweep"])
def test_the_help_of_each_command_names_every_kind_of_file(command):
    from workloads.sources import sources

    shown = run(command, "--help").output
    for source in sources():
        assert source.ending in shown
    assert "--layer" in shown


def test_the_table_knows_of_each_source_what_its_class_says():
    from workloads.sources import OURS, sources

    for row, source in zip(OURS, sources()[-len(OURS) :], strict=True):
        assert row.place == f"{type(source).__module__}:{type(source).__name__}"
        assert (row.ending, row.takes_layer) == (source.ending, bool(row.ending) and source.takes_layer)


def test_a_name_of_the_zoo_costs_no_import_of_other_sources():
    code = "import sys; from workloads.sources import find_source; find_source('alexnet-fc7'); print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "workloads.sources.zoo.source" in modules
    for other in ("onnx.source", "pretrained.source", "named_arrays", "compressed.layers"):
        assert f"workloads.sources.{other}" not in modules


def test_list_names_every_kind_of_file():
    from workloads.sources import sources

    shown = " ".join(run("list").output.split())
    for source in sources():
        holds = f": {source.holds}" if source.holds else ""
        assert not source.ending or f"{source.ending} ({source.name}{holds})" in shown
