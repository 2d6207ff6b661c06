"""The commands, as a user types them."""

import json
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from simulator.cli import app
from workloads.errors import InputError
from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.sources.network import Network
from workloads.sources.pretrained.networks import REAL, RealNetwork
from workloads.sources.pretrained.wheels import WHEELS
from zeroskip import load_arch, load_workload, simulate

KEYS = {
    "machine",
    "config",
    "workload",
    "engine",
    "seed",
    "cycles",
    "time_us",
    "theoretical_us",
    "entries",
    "padding_entries",
    "multiplies",
    "load_balance",
    "cycles_by_reason",
    "counts",
    "energy_pj",
    "power_mw",
    "frames_per_s",
    "frames_per_j",
    "output_matches_reference",
    "elapsed_s",
}


def run(*arguments):
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture
def own_layer(tmp_path):
    rng = np.random.default_rng(0)
    path = tmp_path / "layer.npz"
    activation = np.maximum(0, rng.standard_normal(200))
    np.savez(path, weight=rng.standard_normal((100, 200)), bias=rng.standard_normal(100), activation=activation)
    return path


def test_list_names_everything():
    found = run("list")
    for name in ("eie", "eie_64pe", "alexnet-fc6", "vgg16-fc8", "nt-lstm"):
        assert name in found


def test_json_has_all_keys_and_adds_up():
    found = json.loads(run("run", "eie", "nt-we", "--scale", 0.2, "--json"))
    assert set(found) >= KEYS
    assert found["workload"] == "nt-we"
    assert found["seed"] == 0
    assert found["output_matches_reference"] is True
    assert found["time_us"] == found["cycles"] / 800
    assert found["theoretical_us"] == found["entries"] / 64 / 800
    assert found["load_balance"] == found["entries"] / (64 * found["cycles"])
    assert found["entries"] == found["multiplies"] + found["padding_entries"]
    energy = found["energy_pj"]
    assert energy["total"] == pytest.approx(sum(pj for name, pj in energy.items() if name != "total"))
    assert found["power_mw"] == pytest.approx(energy["total"] / found["time_us"] / 1000)
    assert found["frames_per_s"] == pytest.approx(1e6 / found["time_us"])
    assert found["frames_per_j"] == pytest.approx(1e12 / energy["total"])
    assert found["gops"] == pytest.approx(2 * found["multiplies"] / found["time_us"] / 1000)
    assert found["gops_dense_equivalent"] == pytest.approx(
        2 * found["inputs"] * found["outputs"] / found["time_us"] / 1000
    )


def test_an_own_layer_on_a_changed_machine(own_layer):
    found = json.loads(run("run", "eie", own_layer, "--set", "pes=128", "--density", 0.1, "--json"))
    assert found["arch"]["pes"] == 128
    assert found["changes"] == {"pes": 128}
    assert found["seed"] is None
    assert found["weight_density"] == 0.1
    assert found["output_matches_reference"] is True


def test_both_densities_of_a_drawn_layer():
    options = ["--scale", 0.1, "--density", 0.3, "--activation-density", 0.5]
    found = json.loads(run("run", "eie", "alexnet-fc7", *options, "--json"))
    assert (found["weight_density"], found["activation_density"]) == (pytest.approx(0.3, abs=1e-4), 205 / 410)
    assert "equal" in run("check", "eie", "alexnet-fc7", *options)


@pytest.mark.parametrize(
    ("workload", "options", "complaint"),
    [
        ("alexnet-fc7", ["--granularity", "1"], "granularity is 1; expected 0, as it is fully connected"),
        (
            "vgg16-conv5_1",
            ["--granularity", "7"],
            "granularity is 7; expected 0 (weights), 1 (rows), 2 (kernels), 3 (filters) or 4 (blocks of 16",
        ),
        ("vgg16-conv5_1", [], "vgg16-conv5_1"),  # EIE runs fully connected layers only
    ],
)
def test_options_of_convolutions(workload, options, complaint):
    refused = CliRunner().invoke(app, ["run", "eie", workload, *options])
    assert isinstance(refused.exception, InputError)
    assert complaint in str(refused.exception)


def two(sample):
    """A pretrained network that is not fetched."""
    layer = FullyConnected("fc1", np.eye(3, dtype=np.float32), None, np.full(3, sample, np.float32), True)
    return Network("two", (layer, layer._replace(name="fc2")), ())


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--activation-density", "0"], "two/fc1: activation_density is 0.0; expected none, as its input is given"),
        (["--granularity", "2"], "two/fc1: granularity is 2; expected 0, as it is fully connected"),
        (["--steps", "2"], "two: steps is given, and a network runs whole; expected it with a single layer"),
        (["--input", "x.npz"], "two: an input is given, and a network runs whole; expected it with a single layer"),
    ],
)
def test_options_of_pretrained_networks(options, complaint, monkeypatch):
    monkeypatch.setitem(REAL, "two", RealNetwork(WHEELS["tiara"], "a test", two))
    refused = CliRunner().invoke(app, ["run", "eie", "two", *options])
    assert isinstance(refused.exception, InputError)
    assert str(refused.exception) == complaint


def test_both_engines_say_the_same(own_layer):
    found = [json.loads(run("run", "eie", own_layer, "--engine", engine, "--json")) for engine in ("numba", "simpy")]
    assert [one.pop("engine") for one in found] == ["numba", "simpy"]
    for one in found:
        one.pop("elapsed_s")
    assert found[0] == found[1]


def test_csv_is_the_flat_row(own_layer, tmp_path):
    (tmp_path / "row.csv").write_text(run("run", "eie", own_layer, "--csv"))
    (row,) = pd.read_csv(tmp_path / "row.csv").to_dict("records")
    found = json.loads(run("run", "eie", own_layer, "--json"))
    assert row["cycles"] == found["cycles"]
    assert row["energy_pj.total"] == found["energy_pj"]["total"]
    assert row["counts.multiplies"] == found["multiplies"]


def test_the_table_shows_what_json_says():
    found = json.loads(run("run", "eie", "vgg16-fc6", "--scale", 0.05, "--set", "pointer_bytes=64", "--json"))
    shown = run("run", "eie", "vgg16-fc6", "--scale", 0.05, "--set", "pointer_bytes=64")
    flat = " ".join(shown.split())
    assert f"{found['cycles']:,}" in flat
    assert f"{found['load_balance']:.1%}" in flat
    assert "pointer_bytes = 64" in flat
    assert "does not fit pointer SRAM: each PE needs 1256 pointers, 32 fit" in flat
    assert "output equals the reference kernel, bit for bit" in flat
    for name in ("busy", "starved", "queue full", "scan", "spmat read", "dram", "total"):
        assert name in flat


def test_check_compares_model_and_engine():
    found = " ".join(run("check", "eie", "alexnet-fc8", "--scale", 0.05).split())
    assert found.startswith("equal")
    assert "20 counts" in found


def test_check_shows_the_first_difference(monkeypatch):
    from simulator.machines.eie import engine

    true_run = engine.run

    def late(arch, streams, trace_cycles=0):
        done = true_run(arch, streams, trace_cycles)
        return done._replace(cycles=done.cycles + 1)

    monkeypatch.setattr(engine, "run", late)
    result = CliRunner().invoke(app, ["check", "eie", "nt-we", "--scale", "0.02"])
    assert result.exit_code == 1
    assert result.output.startswith("different")
    assert "cycles: " in result.output


def test_a_wrong_output_is_shown_and_fails(monkeypatch):
    from simulator.machines.eie import engine

    true_run = engine.run
    monkeypatch.setattr(engine, "run", lambda *a: (done := true_run(*a))._replace(output=done.output + np.int16(1)))
    result = CliRunner().invoke(app, ["run", "eie", "nt-we", "--scale", "0.02"])
    assert result.exit_code == 1
    assert "output DIFFERS FROM the reference kernel" in result.output


def test_validate_json_is_a_list_of_rows():
    from simulator.machines.eie.paper.validation import rows

    found = list(rows(0, 1, ["nt-we", "alexnet-fc8"]))
    assert found[0]._fields[:7] == ("paper", "table", "row", "quantity", "published", "simulated", "error_percent")
    tables = {row.table for row in found}
    assert {"Table IV", "Fig 8", "Fig 12", "Fig 13", "Table II types, drawn FC8"} <= tables
    by_hand = next(row for row in found if (row.row, row.quantity) == ("alexnet-fc8", "actual_us"))
    result = simulate(load_arch("eie"), load_workload("alexnet-fc8"))
    assert by_hand.simulated == result.time_us
    assert by_hand.error_percent == pytest.approx(100 * (result.time_us / 9.9 - 1))
    unpublished = [row for row in found if row.row == "nt-we"]
    assert unpublished
    assert all(row.published is None and row.error_percent is None and row.simulated > 0 for row in unpublished)


def test_the_python_interface():
    result = simulate(load_arch("eie", pes=32), load_workload("nt-we", scale=0.1))
    frame = result.to_frame()
    assert len(frame) == 1
    assert frame["cycles"].item() == result.run.cycles
    assert frame["changes"].item() == "pes=32"
    assert frame["energy_pj.total"].item() == result.to_dict()["energy_pj"]["total"]


def test_help_answers_at_once():
    def once():
        began = os.times()
        subprocess.run([sys.executable, "-m", "simulator.cli", "--help"], check=True, capture_output=True)
        ended = os.times()  # processor time: others may be busy on this computer
        return ended.children_user + ended.children_system - began.children_user - began.children_system

    once()
    assert min(once() for _ in range(8)) < 0.3


def test_help_imports_nothing_heavy():
    code = "import sys, zeroskip, simulator.cli; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert not {"numpy", "numba", "pandas", "simpy", "pydantic", "yaml", "matplotlib"} & set(loaded)
