"""Real networks on a machine, with a small network in their place."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from simulator.cli import app
from simulator.machines.eie.paper import real_networks
from workloads.errors import InputError
from workloads.kinds.convolution.layer import CompressedConvolution, Convolution
from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.kinds.lstm.layer import Lstm
from workloads.sources import matrices as networks
from workloads.sources.network import Network
from workloads.sources.pretrained.networks import REAL, RealNetwork
from zeroskip import load_arch, load_workload, simulate


def small(sample):
    """Two fully connected layers behind a convolution and an LSTM."""
    rng = np.random.default_rng(0)
    image, weight = np.ones((2, 5, 5), np.float32), rng.standard_normal((3, 2, 3, 3)).astype(np.float32)
    conv = Convolution("conv", weight, None, image, True, (1, 1), (0, 0, 0, 0), 1)
    gates = rng.standard_normal((4, 6, 7)).astype(np.float32), rng.standard_normal((4, 6, 6)).astype(np.float32)
    lstm = Lstm("lstm", *gates, None, np.ones((2, 7), np.float32))
    fc = [
        FullyConnected(
            name, rng.standard_normal((8, 9)).astype(np.float32), None, np.full(9, 1 + sample, np.float32), True
        )
        for name in ("fc1", "fc2")
    ]
    return Network("small", (conv, lstm, *fc), ("Resize: not read",))


@pytest.fixture
def small_network(monkeypatch):
    monkeypatch.setitem(REAL, "small", RealNetwork(REAL["opennsfw"].wheel, "a test", small))


@pytest.mark.usefixtures("small_network")
def test_a_layer_is_chosen_by_name_and_gets_its_sample():
    workload = load_workload("small/fc2", sample=3)
    assert (workload.name, workload.source, workload.seed) == ("small/fc2", "small", None)
    assert workload.layer.activation[0] / 2.0**workload.layer.activation_fraction_bits == 4
    assert load_workload("small", layer="fc1", density=0.5).layer.weight_density == 0.5
    for name in ("small", "small/fc3"):  # the library runs one layer, the command line all
        with pytest.raises(InputError, match="small: .*; expected small/LAYER with one of conv, lstm, fc1, fc2"):
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
    read = networks.read_any(Path("small"))
    shapes = {matrix.layer.name: matrix.shape for matrix in read.matrices}
    assert shapes == {
        "conv": (3, 2, 3, 3),
        "lstm.input": (4, 6, 7),
        "lstm.hidden": (4, 6, 6),
        "fc1": (8, 9),
        "fc2": (8, 9),
    }
    assert [matrix.layer.weight.shape for matrix in read.matrices][:3] == [(3, 18), (24, 7), (24, 6)]
    assert read.skipped == ("Resize: not read",)
    with pytest.raises(InputError, match="it ends with '.txt'; expected a file .npz"):
        networks.read_any(Path("a.txt"))


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
    result = CliRunner().invoke(app, ["run", "eie", "small", "--density", "0.5", "--sample", "2", "--json"])
    (row,) = real_networks.rows(load_arch("eie"), ["small"], [0.5], 2)
    assert json.loads(result.stdout) == row._asdict()
    assert "small" in CliRunner().invoke(app, ["run", "eie", "small"]).stdout
    for option in (["--csv"], ["--scale", "0.5"], ["--engine", "simpy"], ["--input", "x.npz"]):
        refused = CliRunner().invoke(app, ["run", "eie", "small", *option])
        assert "small: it runs whole" in str(refused.exception)


def test_the_cycles_are_those_of_the_runs(monkeypatch):
    network = small(0)
    monkeypatch.setitem(REAL, "small", RealNetwork(REAL["opennsfw"].wheel, "a test", lambda _: network))
    config = load_arch("eie")
    runs = [simulate(config, load_workload(f"small/{name}", density=0.5)) for name in ("fc1", "fc2")]
    (row,) = real_networks.rows(config, ["small"], [0.5])
    assert row.cycles == sum(run.run.cycles for run in runs)
