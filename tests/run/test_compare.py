"""One workload on several machines: ratios, totals over the same layers, notes."""

import io
import json

import pandas as pd
import pytest
from rich.console import Console
from typer.testing import CliRunner

import zeroskip
from simulator.cli import app, main
from simulator.cli.tables.model import print_comparison
from simulator.config.load import shipped
from simulator.html import build
from simulator.results.model_result import LayerRow
from simulator.run.compare import Ratios
from simulator.run.machines import choose_baseline, load_machines
from workloads.errors import InputError

LAYERS = ["alexnet-conv4", "alexnet-conv5", "alexnet-fc8"]
CHOSEN = [option for name in ("conv4", "conv5", "alexnet-fc8") for option in ("--layer", name)]
SMALL = ["compare", "alexnet", *CHOSEN, "--scale", "0.1"]


def run(*arguments):
    done = CliRunner().invoke(app, [*map(str, arguments)])
    assert done.exit_code == 0, (done.output, done.exception)
    return done.stdout


@pytest.fixture(scope="module")
def printed():
    return json.loads(run(*SMALL, "--machines", "eie,dcnn,scnn", "--json"))


def test_json_has_all_machines_and_layers(printed):
    assert set(printed) == {
        "workload",
        "title",
        "baseline",
        "layers",
        "common_layers",
        "machines",
        "notes",
        "options",
        "versions",
    }
    assert (printed["baseline"], printed["layers"], printed["common_layers"]) == ("dcnn", LAYERS, ["alexnet-fc8"])
    assert list(printed["machines"]) == ["eie", "dcnn", "scnn"]
    for machine in printed["machines"].values():
        assert [row["layer"] for row in machine["layers"]] == LAYERS
        assert {"node_nm", "clock_mhz", "dram", "total", "common_total"} <= set(machine)
        assert all(row["output_matches_reference"] in (True, None) for row in machine["layers"])
    reasons = [row["reason"] for row in printed["machines"]["eie"]["layers"]]
    assert reasons == [*["eie_64pe runs no convolution layers, only fully connected ones"] * 2, None]
    assert printed["notes"][0].startswith("eie: alexnet-conv4, alexnet-conv5 - did not run: eie_64pe runs no")


def test_rows_are_those_of_single_runs(printed):
    for name, machine in printed["machines"].items():
        for row in machine["layers"]:
            if row["reason"] is None:
                alone = json.loads(run("run", name, row["layer"], "--scale", "0.1", "--json"))
                assert [row[key] for key in ("cycles", "dram_bytes")] == [alone["cycles"], alone["dram_bytes"]]


def test_ratios_are_those_of_the_baseline_to_the_machine(printed):
    base = printed["machines"]["dcnn"]
    for machine in printed["machines"].values():
        pairs = [*zip(base["layers"], machine["layers"], strict=True), (base["common_total"], machine["common_total"])]
        for below, row in pairs:
            if row.get("reason"):
                assert (row["speedup"], row["energy_ratio"]) == (None, None)
            else:
                assert row["speedup"] == below["time_us"] / row["time_us"]
                assert row["energy_ratio"] == below["energy_uj"] / row["energy_uj"]
    assert base["common_total"]["speedup"] == 1


def test_totals_say_over_which_layers_they_run(printed):
    for name, machine in printed["machines"].items():
        ran = [row for row in machine["layers"] if row["reason"] is None]
        for total, rows in ((machine["total"], ran), (machine["common_total"], ran[-1:])):
            assert total["layers"] == [row["layer"] for row in rows]
            for key in ("cycles", "time_us", "energy_uj", "dram_bytes"):
                assert total[key] == pytest.approx(sum(row[key] for row in rows)), (name, key)
            assert total["edp_uj_us"] == total["time_us"] * total["energy_uj"]


def test_the_table_names_the_baseline_and_the_layers():
    flat = " ".join(
        CliRunner(env={"COLUMNS": "160"}).invoke(app, [*SMALL, "--machines", "eie,dcnn,scnn"]).stdout.split()
    )
    for text in (
        "eie eie_64pe, 45 nm, 800 MHz",
        "scnn scnn_8x8, 16 nm (energies: prices of 45 nm),",
        "speed-up over dcnn",
        "energy of dcnn / this",
        "alexnet-conv4 eie - - - - - -",
        "over alexnet-fc8",
        "unlike sums: not to be compared",
        "1 of 3 layers",
        "3 of 3 layers",
        "eie: alexnet-conv4, alexnet-conv5 - did not run: eie_64pe runs no convolution layers",
        "at their own clock and their own node",
        "outputs equal the reference kernels', bit for bit",
    ):
        assert text in flat, text


def test_csv_has_a_row_for_each_layer_and_machine():
    frame = pd.read_csv(io.StringIO(run(*SMALL, "--machines", "eie,scnn", "--baseline", "eie", "--csv")))
    first, last = ["workload", "name", "config", *LayerRow("", "").to_dict()], ["baseline", *Ratios._fields]
    assert list(frame.columns[: len(first)]) == first
    assert set(last) <= set(frame.columns[len(first) :])
    assert list(frame["layer"]) == LAYERS * 2
    assert set(frame["baseline"]) == {"eie"}
    assert frame["speedup"].isna().tolist() == [True, True, False] * 2


def test_machines_that_have_no_layer_in_common():
    printed = run("compare", "alexnet", "--layer", "conv5", "--layer", "fc8", "--scale", 0.1, "--machines", "ese,eie")
    assert "no layer ran on all machines" in printed
    printed = json.loads(run("compare", "alexnet-conv5", "--scale", 0.1, "--machines", "eie,scnn", "--json"))
    assert printed["common_layers"] == []
    assert printed["machines"]["scnn"]["common_total"] is None


def test_a_machine_that_ran_no_layer_does_not_empty_what_is_common(tmp_path):
    layers = ("alexnet-conv4", "alexnet-fc8")
    found = zeroskip.compare(("ese", "scnn", "dcnn"), "alexnet", layers=layers, scale=0.1, baseline="dcnn")
    alone = zeroskip.compare(("scnn", "dcnn"), "alexnet", layers=layers, scale=0.1, baseline="dcnn")
    assert (found.idle, alone.idle) == (("ese",), ())
    assert found.common == alone.common == layers
    assert found.total_ratios("scnn") == alone.total_ratios("scnn")
    assert found.total_ratios("ese") == Ratios(None, None)
    assert found._replace(baseline="ese").total_ratios("scnn") == Ratios(None, None)
    note = "ese ran no layer: layers in common are those of the other machines"
    assert note in found.notes()
    assert not any("ran no layer" in one for one in alone.notes())
    content = found.to_dict()
    assert content["machines"]["ese"]["common_total"] is None
    assert content["machines"]["scnn"]["common_total"] == alone.to_dict()["machines"]["scnn"]["common_total"]
    (tmp_path / "c.json").write_text(json.dumps(content))
    assert "2 of the layers ran on all machines but ese." in build(tmp_path / "c.json")
    table = Console(width=300, record=True, file=io.StringIO())
    print_comparison(table, found)
    assert "total over the 2 layers that all machines but ese ran" in " ".join(table.export_text().split())
    totals = [line.split() for line in str(found).splitlines() if line.startswith("  2 layers")]
    assert [(line[2], line[3] == "-") for line in totals] == [("ese", True), ("scnn", False), ("dcnn", False)]


def test_files_are_called_by_their_paths(tmp_path):
    paths = [tmp_path / folder / "own.yaml" for folder in ("a", "b")]
    for path, pes in zip(paths, (8, 16), strict=True):
        path.parent.mkdir()
        path.write_text(shipped()["eie_64pe"].replace("pes: {value: 64", f"pes: {{value: {pes}"))
    found = zeroskip.compare(paths, "nt-we", scale=0.05)
    assert list(found.results) == [str(path) for path in paths]
    assert [result.config.arch.pes for result in found.results.values()] == [8, 16]


def test_changes_set_machines_of_one_file_apart():
    machines = [zeroskip.load_arch("eie", pes=pes) for pes in (64, 4)]
    found = zeroskip.compare(machines, "nt-we", scale=0.05, baseline="eie_64pe")
    assert list(found.results) == ["eie_64pe pes=64", "eie_64pe pes=4"]
    assert found.ratios("eie_64pe pes=4", "nt-we").speedup < 1
    with pytest.raises(InputError, match="comparison: layer is 'fc8'; expected one of nt-we"):
        found.ratios("eie_64pe pes=4", "fc8")
    with pytest.raises(
        InputError, match="comparison: machine is 'scnn'; expected one of eie_64pe pes=64, eie_64pe pes=4"
    ):
        found.ratios("scnn", "nt-we")


def test_unequal_work_has_no_ratio(tmp_path):
    path = tmp_path / "two.yaml"
    path.write_text(shipped()["ese_32x32"].replace("channels: {value: 32", "channels: {value: 2"))
    printed = json.loads(run("compare", "google-lstm", "--scale", 0.1, "--machines", f"{path},ese", "--json"))
    assert printed["baseline"] == "ese"
    assert printed["common_layers"] == []
    assert printed["machines"][str(path)]["layers"][0]["speedup"] is None
    assert printed["notes"][-1] == "google-lstm - the machines do unequal work, so that there are no ratios"


def test_unequal_work_of_one_machine_leaves_the_ratios_of_others():
    arguments = "compare", "bevfusion-encoder", "--layer", "1a", "--layer", "1b", "--layer", "1c", "--scale", 0.02
    printed = run(*arguments, "--machines", "points,scnn,dcnn")
    assert "no layer ran on all machines with the same work: there is no total" in printed
    said = "the machines do unequal work, so that those of work unlike dcnn's have no ratios"
    assert f"1a, 1b, 1c - {said}" in " ".join(printed.split())


def test_the_baseline():
    configs = load_machines("dcnn_opt, dcnn ,scnn")
    assert list(configs) == ["dcnn_opt", "dcnn", "scnn"]
    assert choose_baseline(configs, None) == "dcnn"
    assert choose_baseline(configs, "scnn_8x8") == "scnn"
    assert choose_baseline(load_machines("dcnn_opt,eie"), None) == "eie"
    with pytest.raises(InputError, match="baseline: it is 'eie'; expected one of the machines: dcnn_opt, dcnn, scnn"):
        choose_baseline(configs, "eie")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["alexnet", "--machines", ","], "machines: it is ','; expected two or more"),
        (["alexnet", "--machines", ""], "machines: it is ''; expected two or more"),
        (["alexnet", "--machines", "eie"], "machines: it is 'eie'; expected two or more"),
        (["alexnet", "--machines", "eie,eie"], "machines: eie and eie are the same configuration; expected each"),
        (["alexnet", "--machines", "scnn,scnn_8x8"], "machines: scnn and scnn_8x8 are the same configuration"),
        (["alexnet", "--machines", "eie,tpu"], "tpu: there is no such configuration; expected"),
        (["lenet", "--machines", "eie,dcnn"], "lenet: there is no such workload; expected"),
        (["alexnet", "--machines", "eie,dcnn", "--layer", "fc9"], "alexnet: layer is 'fc9'; expected one of"),
        (["alexnet-fc8", "--machines", "eie,dcnn", "--layer", "fc8"], "alexnet-fc8: layer is 'fc8'; expected none"),
        (["alexnet", "--machines", "eie,ese", "--layer", "conv1"], "alexnet: none of its layers ran (eie_64pe runs"),
        (["alexnet", "--machines", "eie,dcnn", "--json", "--csv"], "both --json and --csv are given; expected one"),
    ],
)
def test_bad_input(arguments, complaint, capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["zeroskip", "compare", *arguments])
    with pytest.raises(SystemExit) as stop:
        main()
    printed = capsys.readouterr()
    assert (stop.value.code, printed.out) == (2, "")
    assert printed.err.startswith(f"zeroskip: {complaint}")
    assert "; expected " in printed.err


def test_chosen_layers_have_the_options_with_which_they_were_opened():
    wanted = {"seed": 1, "scale": 0.05, "density": 0.3, "activation_density": None, "granularity": 0}
    given_ = {"seed": 1, "scale": 0.05, "density": 0.3}
    for source, options in (("alexnet", given_), (zeroskip.open_model("alexnet", **given_), {})):
        found = zeroskip.compare(["scnn", "dcnn"], source, layers=["alexnet-conv3"], **options)
        assert found.to_dict()["options"] == wanted


def test_machines_may_be_compared_at_one_clock():
    """Cycles stay as they are where no DRAM is simulated; times are cycles over the clock."""
    machines = [zeroskip.load_arch(name, dram="none") for name in ("scnn", "eie")]
    own = zeroskip.compare(machines, "alexnet-fc8", scale=0.1)
    same = zeroskip.compare(machines, "alexnet-fc8", scale=0.1, clock_mhz=500)
    for name in own.results:
        before, after = (one.results[name].rows[0] for one in (own, same))
        assert after.cycles == before.cycles
        assert after.time_us == pytest.approx(after.cycles / 500)
    shown = run(*SMALL, "--machines", "scnn,dcnn", "--clock", "500")
    assert "compared at a clock of 500 MHz" in " ".join(shown.split())
    with pytest.raises(InputError, match="clock_mhz is -1"):
        zeroskip.compare(["scnn", "dcnn"], "alexnet-conv3", scale=0.1, clock_mhz=-1)
