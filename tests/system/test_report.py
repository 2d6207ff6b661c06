"""The command `system`, and the rows that it prints."""

import json

import pytest
from typer.testing import CliRunner

from simulator.cli import app, main
from simulator.system.collectives import COLLECTIVES, KINDS, make_schedule
from simulator.system.engine import run_engine
from simulator.system.model import run_model
from simulator.system.report import collective_rows
from simulator.system.system_file import load_system
from workloads.errors import InputError

SYSTEM = load_system("nvlink_mesh_4")


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_has_a_row_for_each_of_its_collectives(kind):
    rows, left_out = collective_rows(SYSTEM, kind, 4096, run_engine)
    assert [row.collective for row in rows] == [name for name, one in COLLECTIVES.items() if one.kind == kind]
    assert left_out == []
    assert rows == collective_rows(SYSTEM, kind, 4096, run_model)[0]
    for row in rows:
        run = run_engine(make_schedule(row.collective, 4, 4096), SYSTEM.network)
        assert row.time_ps == run.time_ps
        assert sum(row.spent_ps.values()) == 4 * row.time_ps
        assert row.link_pj == row.link_bytes * 8 * 10


def test_what_does_not_fit_is_left_out_with_a_reason():
    rows, left_out = collective_rows(SYSTEM, "all-reduce", 10, run_engine)
    assert {row.collective for row in rows} == {one for one in COLLECTIVES if COLLECTIVES[one].kind == "all-reduce"} - {
        "ring all-reduce",
        "Rabenseifner all-reduce",
    }
    assert [one.split(":")[0] for one in left_out] == ["ring all-reduce", "Rabenseifner all-reduce"]
    with pytest.raises(InputError, match="10 bytes do not split evenly over 4 chips"):
        collective_rows(SYSTEM, "ring all-reduce", 10, run_engine)


def test_the_time_of_resnet_50_on_slow_ethernet_is_that_of_its_bytes():
    """2 (N - 1) / N of the dense gradient at 1 Gb/s, and latency, additions and rounding: less than 0.2 %."""
    size = (25_502_912 + 54_120) * 4 // 64 * 64
    (row,), _ = collective_rows(load_system("ethernet_1g_64"), "ring all-reduce", size, run_engine)
    assert 0 <= row.time_ps / 1e12 / (2 * 63 / 64 * size / 0.125e9) - 1 < 0.002


def test_the_command_prints_a_table_json_and_csv():
    arguments = ["system", "nvlink_mesh_4", "--bytes", "4096", "--collective", "all-gather"]
    shown = CliRunner(env={"COLUMNS": "200"}).invoke(app, arguments).stdout
    assert "recursive doubling all-gather" in " ".join(shown.split())
    found = json.loads(CliRunner().invoke(app, [*arguments, "--json"]).stdout)
    slow = json.loads(CliRunner().invoke(app, [*arguments, "--json", "--engine", "simpy"]).stdout)
    assert found == slow
    rows, _ = collective_rows(SYSTEM, "all-gather", 4096, run_engine)
    assert found["collectives"] == [row._asdict() for row in rows]
    assert len(found["sources"]) == 7
    lines = CliRunner().invoke(app, [*arguments, "--csv"]).stdout.splitlines()
    assert lines[0].split(",")[-4:] == ["compute_ps", "send_ps", "receive_wait_ps", "idle_ps"]
    assert [int(line.split(",")[2]) for line in lines[1:]] == [row.time_ps for row in rows]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["star", "--bytes", "8"], "star: there is no such system; expected"),
        (["nvlink_mesh_4", "--bytes", "0"], "--bytes 0: it is out of range; expected 1 to 1099511627776"),
        (["nvlink_mesh_4", "--bytes", "8", "--collective", "gossip"], "collective gossip: there is none of this name"),
        (["nvlink_mesh_4", "--bytes", "8", "--engine", "c"], "--engine c: there is no such engine; expected numba or"),
        (["nvlink_mesh_4"], "it has neither a workload nor --bytes; expected SYSTEM WORKLOAD, or SYSTEM --bytes N"),
        (["nvlink_mesh_4", "--bytes", "8", "--chips", "2"], "--chips is given without a workload; expected SYSTEM"),
        (["tp4", "llama2-7b", "--bytes", "8"], "--bytes is given with a workload; expected one of them"),
        (["tp4", "llama2-7b", "--chips", "1;2"], "--chips '1;2': it is no list of numbers; expected 1,2,4,8"),
        (["tp4", "llama2-7b", "--chips", ""], "it is no list of numbers"),
        (["tp4", "llama2-7b", "--trace", "x.csv"], "it ends with '.csv'; expected a name that ends with .json"),
        (["tp4", "llama2-7b", "--set", "chips"], "it is no setting; expected KEY=VALUE"),
        (["tp4", "llama2-7b", "--step", "encode"], "encode"),
        (["dgc64", "alexnet", "--train-step", "--split", "experts"], "it is given with --train-step; expected none"),
        (["dgc64", "alexnet", "--json", "--csv"], "both --json and --csv are given"),
    ],
)
def test_a_wrong_command_is_one_sentence(arguments, sentence, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["zeroskip", "system", *arguments])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 2
    error = " ".join(capsys.readouterr().err.split())
    assert sentence in error


def test_the_command_runs_a_step_and_other_commands_read_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = CliRunner(env={"COLUMNS": "200"}).invoke
    arguments = ["system", "tp4.yaml", "llama2-7b", "--step", "decode", "--context", "256", "--chips", "1,4"]
    shown = " ".join(run(app, [*arguments, "--trace", "trace.json"]).stdout.split())
    assert "llama2-7b, decode, on tp4, chips of tensor_h200" in shown
    assert "timeline of 4 chips written to trace.json: all units" in shown
    assert "recursive doubling all-reduce" in shown
    printed = run(app, [*arguments, "--json"]).stdout
    (tmp_path / "step.json").write_text(printed)
    document = json.loads(printed)
    assert [point["chips"] for point in document["points"]] == [1, 4]
    assert len(document["sources"]) == 9
    (tmp_path / "step.csv").write_text(run(app, [*arguments, "--csv"]).stdout)
    for file, kind in (("step.json", "system"), ("step.csv", "system"), ("trace.json", "system-gantt")):
        assert run(app, ["plot", file, kind, "-o", f"{kind}.png"]).exit_code == 0
    assert run(app, ["report", "step.json", "-o", "step.html"]).exit_code == 0
    assert "tokens" in (tmp_path / "step.html").read_text()
    for file, kind in (("trace.json", "utilisation"), ("step.json", "energy"), ("step.json", "system-gantt")):
        assert isinstance(run(app, ["plot", file, kind, "-o", "x.png"]).exception, InputError)
    assert isinstance(run(app, ["report", "trace.json", "-o", "x.html"]).exception, InputError)


def test_the_command_runs_a_training_step():
    found = json.loads(CliRunner().invoke(app, ["system", "dgc64", "alexnet", "--train-step", "--json"]).stdout)
    assert [point["exchange"] for point in found["points"]] == ["dense", "dense", "sparse"]
    assert found["chip"] == ""
    assert any("339 ms" in note for note in found["notes"])
