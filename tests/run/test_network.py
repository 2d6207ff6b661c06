"""Whole networks on a machine: a row for each layer, sums, and what does not run."""

import io
import json

import pandas as pd
import pytest
from support.configurations import formats
from typer.testing import CliRunner

import zeroskip
from simulator.cli import app, main
from simulator.core.registry import machines
from simulator.results.model_result import LayerRow, ModelResult
from simulator.results.rows import IN_A_TABLE
from workloads.errors import InputError
from workloads.kinds import kinds
from workloads.model import open_model
from workloads.options import WorkloadOptions
from workloads.sources.zoo import network_source, recipes
from workloads.sources.zoo import networks as zoo_networks
from workloads.sources.zoo.networks import Pool, Step, ZooNetwork
from zeroskip import load_arch, load_workload, simulate

LAYERS = ["alexnet-conv3", "alexnet-conv4", "alexnet-fc8"]
SMALL = ["--scale", "0.1"]
FIGURES = {"cycles", "time_us", "energy_uj", "edp_uj_us", "dram_bytes"}


@pytest.fixture(autouse=True)
def small_network(monkeypatch):
    """Three layers of AlexNet as a network, and a chain of two small convolutions."""
    conv = recipes.zoo()["alexnet-conv3"]
    shape = conv.shape.model_copy(update={"inputs": 4, "outputs": 6, "height": 9, "width": 9})
    after = shape.model_copy(update={"inputs": 6, "outputs": 3, "height": 8, "width": 8})
    known = {f"tiny-{n}": conv.model_copy(update={"shape": one}) for n, one in (("first", shape), ("second", after))}
    monkeypatch.setattr(zoo_networks, "zoo", lambda: {**recipes.zoo(), **known})
    monkeypatch.setattr(network_source, "zoo", lambda: {**recipes.zoo(), **known})
    monkeypatch.setattr("workloads.sources.zoo.computed.zoo", lambda: {**recipes.zoo(), **known})
    steps = [Step(layer="tiny-first", pool=Pool(window=2, stride=1)), Step(layer="tiny-second")]
    tiny = ZooNetwork(about="a test", source="here", steps=steps)
    alexnet = tiny.model_copy(update={"steps": [Step(layer=name) for name in LAYERS]})
    given = {**zoo_networks.zoo_networks(), "alexnet": alexnet, "tiny": tiny}
    monkeypatch.setattr(zoo_networks, "zoo_networks", lambda: given)
    monkeypatch.setattr(network_source, "zoo_networks", lambda: given)


def run(*arguments):
    done = CliRunner().invoke(app, [*map(str, arguments)])
    assert done.exit_code == 0, (done.output, done.exception)
    return done.stdout


def test_every_machine_declares_what_it_runs_and_what_it_fetches():
    for machine in machines().values():
        assert machine.kinds
        assert set(machine.kinds) <= set(kinds())
        assert machine.dram_contents


@pytest.mark.parametrize(
    ("name", "layer", "changes", "unit"),
    [
        ("eie", "alexnet-fc7", {"spmat_bytes": 64}, 4),
        ("ese", "google-lstm", {"line_bits": 1024}, 128),
        ("scnn", "alexnet-conv3", {"oaram_bytes": 8}, 1),
        ("dcnn_opt", "alexnet-conv3", {"sram_bytes": 8}, 1),
    ],
)
def test_dram_bytes_and_edp_of_a_layer(name, layer, changes, unit):
    config = load_arch(name, **changes)
    printed = simulate(config, load_workload(layer, scale=0.1, formats=formats(config))).to_dict()
    assert printed["dram_bytes"] == unit * sum(n for key, n in printed["counts"].items() if key.startswith("dram_")) > 0
    assert printed["edp_uj_us"] == pytest.approx(printed["energy_pj"]["total"] * 1e-6 * printed["time_us"])


def test_rows_are_the_single_runs_and_totals_their_sums():
    printed = json.loads(run("run", "scnn", "alexnet", *SMALL, "--seed", 3, "--json"))
    assert [row["layer"] for row in printed["layers"]] == printed["total"]["layers"] == LAYERS
    assert printed["computed"] is False
    assert printed["total"]["output_matches_reference"] is True
    for row in printed["layers"]:
        alone = json.loads(run("run", "scnn", row["layer"], *SMALL, "--seed", 3, "--json"))
        for key in ("cycles", "time_us", "dram_bytes", "edp_uj_us", "output_matches_reference", "weight_density"):
            assert row[key] == alone[key], key
        assert row["output_matches_reference"] is True
        assert row["energy_uj"] == pytest.approx(alone["energy_pj"]["total"] / 1e6)
    for key in FIGURES - {"edp_uj_us"}:
        assert printed["total"][key] == pytest.approx(sum(row[key] for row in printed["layers"]))
    assert printed["total"]["edp_uj_us"] == printed["total"]["time_us"] * printed["total"]["energy_uj"]


def test_layers_that_do_not_run_are_named():
    printed = json.loads(run("run", "eie", "alexnet", *SMALL, "--json"))
    assert [row["layer"] for row in printed["layers"]] == LAYERS
    assert printed["total"]["layers"] == ["alexnet-fc8"]
    for row in printed["layers"][:2]:
        assert row["reason"] == "eie_64pe runs no convolution layers, only fully connected ones"
        assert all(row[key] is None for key in FIGURES)
    flat = " ".join(run("run", "eie", "alexnet", *SMALL).split())
    assert "alexnet-conv3, alexnet-conv4 - did not run: eie_64pe runs no convolution layers" in flat
    assert "1 of 3 layers" in flat


def test_a_layer_that_the_machine_refuses_is_named_too(monkeypatch):
    from simulator.machines.dense import layout as streams

    true_layout = streams.layout

    def layout(arch, layer):
        if layer.name == "alexnet-conv4":
            raise InputError("alexnet-conv4: it is odd; expected an even one")
        return true_layout(arch, layer)

    monkeypatch.setattr(streams, "layout", layout)
    result = zeroskip.run("dcnn", "alexnet", scale=0.1)
    assert result.ran == ("alexnet-conv3", "alexnet-fc8")
    assert "alexnet-conv4 - did not run: alexnet-conv4: it is odd; expected an even one" in result.notes()


def test_what_does_not_fit_is_said():
    flat = " ".join(run("run", "eie", "alexnet", *SMALL, "--set", "pointer_bytes=4").split())
    assert "alexnet-fc8 - does not fit: pointer SRAM" in flat
    assert "(pointer_bytes = 4)" in flat


def test_csv_has_a_row_for_each_layer():
    frame = pd.read_csv(io.StringIO(run("run", "eie", "alexnet", *SMALL, "--csv")))
    first = ["workload", "machine", "config", *LayerRow("", "").to_dict()]
    assert list(frame.columns[: len(first)]) == first
    assert {column.split(".")[0] for column in frame.columns[len(first) :]} == set(IN_A_TABLE)
    assert frame["energy_pj.total"].to_numpy()[2] == pytest.approx(1e6 * frame["energy_uj"].to_numpy()[2])
    assert list(frame["layer"]) == LAYERS
    assert frame["cycles"].isna().tolist() == [True, True, False]


def test_densities_and_granularity():
    options = ["--density", "0.5", "--activation-density", "0.25", "--granularity", "2"]
    rows = json.loads(run("run", "dcnn", "alexnet", *SMALL, *options, "--json"))["layers"]
    assert [row["weight_density"] for row in rows] == pytest.approx([0.5] * 3, abs=0.01)
    assert [row["activation_density"] for row in rows] == pytest.approx([0.25] * 3, abs=0.05)


def test_both_engines_say_the_same():
    printed = [
        run("run", "scnn", "alexnet", "--scale", "0.02", "--engine", one, "--json") for one in ("numba", "simpy")
    ]
    assert printed[0] == printed[1]


def test_computed_inputs_are_the_outputs_before():
    result = zeroskip.run("scnn", "tiny", computed=True, seed=1)
    assert all(row.output_matches_reference for row in result.rows)
    _, second = (layer.load({}).layer for layer in open_model("tiny", WorkloadOptions(computed=True, seed=1)).layers)
    assert second.activation.shape == (6, 8, 8)
    assert result.rows[1].densities["activation"] == second.activation_density
    printed = json.loads(run("run", "scnn", "tiny", "--computed", "--seed", 1, "--json"))
    assert printed["computed"] is True
    assert "tiny, inputs computed, on scnn_8x8" in run("run", "scnn", "tiny", "--computed")
    assert [row["cycles"] for row in printed["layers"]] == [row.cycles for row in result.rows]


def test_fully_connected_layers_in_a_file_keep_their_kind():
    results = zeroskip.compare(("eie", "dcnn", "dcnn_opt"), "lenet-300-100-ip3").results
    assert list(results) == ["eie", "dcnn", "dcnn_opt"]
    assert {result.rows[0].kind for result in results.values()} == {"fully connected"}
    assert all(result.rows[0].output_matches_reference for result in results.values())


def test_a_total_of_nothing():
    assert ModelResult(load_arch("eie"), "none", ()).total().cycles == 0


def test_a_wrong_output_is_shown_and_fails(monkeypatch):
    from simulator.machines.eie import engine

    true_run = engine.run
    monkeypatch.setattr(engine, "run", lambda *a: (done := true_run(*a))._replace(output=done.output + 1))
    done = CliRunner().invoke(app, ["run", "eie", "alexnet", *SMALL])
    assert done.exit_code == 1
    assert "outputs DIFFER on alexnet-fc8 from the reference kernels', bit for bit" in done.stdout


def test_check_runs_all_layers_that_the_machine_runs():
    done = run("check", "scnn", "alexnet", "--scale", 0.05).splitlines()
    found = [line.split()[:2] for line in done if line.startswith("equal")]
    assert found == [["equal", f"{name}:"] for name in LAYERS]


def test_a_layer_of_a_network_and_the_list():
    one, same = run("run", "eie", "alexnet", "--layer", "fc8", *SMALL), run("run", "eie", "alexnet-fc8", *SMALL)
    assert one == same
    assert "tiny" in run("list")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["run", "ese", "alexnet"], "alexnet: none of its layers ran (ese_32x32 runs no convolution layers, only LSTM"),
        (["run", "scnn", "alexnet", "--steps", "2"], "alexnet: steps is given, and a network runs whole; expected"),
        (
            ["run", "scnn", "alexnet", "--input", "x.npz"],
            "alexnet: an input is given, and a network runs whole; expected it",
        ),
        (["run", "scnn", "alexnet-fc8", "--computed"], "alexnet-fc8: computed is given; expected a whole network"),
        (["run", "scnn", "alexnet", "--computed", "--scale", "0.1"], "alexnet: scale is 0.1 with computed; expected"),
        (["run", "scnn", "tiny", "--computed", "--seed", "-1"], "seed is -1; expected a whole number, 0 or more"),
        (["run", "eie", "alexnet", "--granularity", "7"], "granularity is 7; expected 0 (weights)"),
        (["run", "eie", "alexnet", "--layer", "fc9"], "alexnet: layer is 'fc9'; expected one of alexnet-conv3"),
        (["run", "eie", "alexnet-fc8", "--layer", "fc8"], "alexnet-fc8: layer is 'fc8'; expected none, as it is one"),
        (["run", "eie", "lenet-300-100-ip3", "--layer", "a"], "lenet-300-100-ip3: layer is 'a'; expected none, as it"),
        (["run", "scnn", "alexnet", "--computed", "--layer", "fc8"], "alexnet: computed is given; expected a whole"),
        (["trace", "ese", "alexnet", "-o", "a.json"], "alexnet: none of its layers ran (ese_32x32 runs no convolution"),
        (["check", "ese", "alexnet"], "alexnet: none of its layers ran (ese_32x32 runs no convolution layers, only"),
        (["run", "scnn", "alexnet", "--density", "2"], "density is 2.0; expected a number from 0 to 1"),
        (
            ["run", "scnn", "alexnet", "--activation-density", "-1"],
            "activation_density is -1.0; expected a number from",
        ),
        (["run", "scnn", "googlenet", "--computed"], "googlenet: inputs cannot be computed: googlenet-3a-3x3_reduce"),
    ],
)
def test_bad_input(arguments, complaint, capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["zeroskip", *arguments])
    with pytest.raises(SystemExit) as stop:
        main()
    printed = capsys.readouterr()
    assert (stop.value.code, printed.out) == (2, "")
    assert printed.err.startswith(f"zeroskip: {complaint}")
    assert "; expected " in printed.err
