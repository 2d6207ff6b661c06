"""Real networks on a machine, with a small network in their place."""

import io
import json

import pandas as pd
import pytest
from support.pretrained import small, small_network  # noqa: F401
from typer.testing import CliRunner

import zeroskip
from simulator.cli import app
from simulator.machines.eie.paper import real_networks
from workloads.errors import InputError
from workloads.kinds.convolution.layer import CompressedConvolution
from workloads.model import read_matrices
from workloads.sources.pretrained.networks import REAL, RealNetwork
from zeroskip import load_arch, load_workload, simulate


def all_but_the_convolution(sample):
    network = small(sample)
    return network._replace(layers=network.layers[1:])


@pytest.mark.usefixtures("small_network")
def test_a_layer_is_chosen_by_name_and_gets_its_sample():
    workload = load_workload("small/fc2", sample=3)
    assert (workload.name, workload.source, workload.seed) == ("small/fc2", "small", None)
    assert workload.layer.activation[0] / 2.0**workload.layer.activation_fraction_bits == 4
    assert load_workload("small", layer="fc1", density=0.5).layer.weight_density == 0.5
    for name, found, choice in (
        ("small", "no layer is chosen", "one of its layers:"),  # `load_workload` gives one layer, `run` runs all
        ("small/fc3", "layer is 'fc3'", "small/LAYER with one of"),
    ):
        with pytest.raises(InputError, match=f"small: {found}; expected {choice} conv, lstm, fc1, fc2"):
            load_workload(name)


@pytest.mark.usefixtures("small_network")
def test_a_convolution_is_chosen_by_name():
    workload = load_workload("small/conv", density=0.5)
    assert isinstance(workload.layer, CompressedConvolution)
    assert (workload.name, workload.layer.weight_density, workload.layer.output_plane) == ("small/conv", 0.5, (3, 3))
    cropped = load_workload("small/conv", scale=0.5).layer
    assert (cropped.weight.shape, cropped.activation.shape) == ((2, 1, 3, 3), (1, 3, 3))


@pytest.mark.usefixtures("small_network")
def test_all_weights_become_matrices():
    read = read_matrices("small")
    shapes = {matrix.layer.name: matrix.shape for matrix in read.matrices}
    assert shapes == {
        "conv": (3, 2, 3, 3),
        "lstm.input": (4, 6, 7),
        "lstm.hidden": (4, 6, 6),
        "fc1": (8, 9),
        "fc2": (8, 9),
    }
    assert [matrix.layer.weight.shape for matrix in read.matrices][:3] == [(3, 18), (24, 7), (24, 6)]
    assert read.left_out == ("Resize: not read",)
    with pytest.raises(InputError, match=r"a.txt: there is no such workload; expected a file \(.npz, .yaml, .saf"):
        read_matrices("a.txt")


@pytest.mark.usefixtures("small_network")
def test_rows_are_sums_over_the_layers():
    config = load_arch("eie")
    whole, half = real_networks.rows(config, ["small"], [1.0, 0.5])
    assert (whole.network, whole.layers, whole.inputs_percent, whole.accuracy_percent) == (
        "small",
        2,
        "100.0 100.0",
        None,
    )
    assert whole.output_matches_reference
    assert half.output_error > whole.output_error > 0
    table = real_networks.to_dict([whole, half])["tables"][0]
    assert len(table["rows"]) == 2
    assert len(table["columns"]) == len(table["rows"][0])


@pytest.mark.usefixtures("small_network")
def test_a_whole_network_runs_by_its_name():
    arguments = ["run", "eie", "small", "--density", "0.5", "--sample", "2"]
    printed = json.loads(CliRunner().invoke(app, [*arguments, "--json"]).stdout)
    (row,) = real_networks.rows(load_arch("eie"), ["small"], [0.5], 2)
    assert (printed["total"]["cycles"], printed["total"]["output_matches_reference"]) == (row.cycles, True)
    assert printed["total"]["energy_uj"] == pytest.approx(row.energy_nj / 1000)
    layers = [layer for layer in printed["layers"] if layer["reason"] is None]
    assert [layer["layer"] for layer in layers] == ["fc1", "fc2"]
    assert " ".join(f"{100 * layer['activation_density']:.1f}" for layer in layers) == row.inputs_percent
    assert printed["notes"] == [
        "conv - did not run: eie_64pe runs no convolution layers, only fully connected ones",
        "lstm - did not run: eie_64pe runs no LSTM layers, only fully connected ones",
        "Resize: not read",
    ]
    frame = pd.read_csv(io.StringIO(CliRunner().invoke(app, [*arguments, "--csv"]).stdout))
    assert frame["cycles"].sum() == row.cycles
    assert "small, inputs captured, on eie_64pe" in CliRunner().invoke(app, ["run", "eie", "small"]).stdout
    for option, what in (
        (["--input", "x.npz"], "an input"),
        (["--steps", "3"], "steps"),
        (["--prune", "plain"], "prune"),
    ):
        refused = CliRunner().invoke(app, ["run", "eie", "small", *option])
        sentence = f"small: {what} is given, and a network runs whole; expected it with a single layer"
        assert str(refused.exception) == sentence


@pytest.mark.usefixtures("small_network")
def test_options_of_a_kind_go_to_its_layers(monkeypatch):
    rows = zeroskip.run("dcnn", "small", density=0.5, granularity=3).rows
    assert [(row.layer, row.reason is None) for row in rows] == [
        ("conv", True),
        ("lstm", False),
        ("fc1", True),
        ("fc2", True),
    ]
    assert [row.densities["weight"] for row in rows if row.reason is None] == [2 / 3, 0.5, 0.5]
    monkeypatch.setitem(REAL, "plain", RealNetwork(REAL["opennsfw"].wheel, "a test", all_but_the_convolution))
    with pytest.raises(InputError, match="lstm: granularity is 3; expected 0, as it is an LSTM"):
        zeroskip.run("dcnn", "plain", density=0.5, granularity=3)


def test_the_cycles_are_those_of_the_runs(monkeypatch):
    network = small(0)
    monkeypatch.setitem(REAL, "small", RealNetwork(REAL["opennsfw"].wheel, "a test", lambda _: network))
    config = load_arch("eie")
    runs = [simulate(config, load_workload(f"small/{name}", density=0.5)) for name in ("fc1", "fc2")]
    (row,) = real_networks.rows(config, ["small"], [0.5])
    assert row.cycles == sum(run.run.cycles for run in runs)
