"""What is printed is what was simulated."""

import json
from dataclasses import replace
from importlib.metadata import EntryPoint, EntryPoints

import numpy as np
import pytest
from support.layers import PLAIN, drawn
from typer.testing import CliRunner

import zeroskip
from simulator.cli import app
from simulator.config.load import shipped
from simulator.core import registry
from simulator.core.machine import Paper
from simulator.core.published import PublishedFigure, compare_figure
from simulator.core.run import first_difference
from simulator.machines.eie import Eie, engine
from simulator.machines.eie.layout.streams import layout
from simulator.run.simulate import simulate
from simulator.studies import validation
from workloads import plugins
from workloads.errors import InputError
from zeroskip import load_arch, load_workload


def a_run():
    return engine.run(PLAIN, layout(PLAIN, drawn(3, 8, 8, 0.5, 1.0, bias=False, relu=False))[0], 100)


def test_reasons_and_trace_shapes_are_compared():
    run = a_run()
    reasons = run.reasons._replace(idle=run.reasons.idle + 1)
    assert first_difference(run, run._replace(reasons=reasons)).startswith("reasons: idle[0] is ")
    assert first_difference(run, run._replace(trace=run.trace[:, :-1])).startswith("length of the trace: ")


def test_the_first_difference_is_the_earliest_cycle():
    run = a_run()
    other = run.trace.copy()
    other[0, 5] = other[1, 2] = ord("?")
    assert first_difference(run, run._replace(trace=other)).startswith("trace of unit 1 in cycle 2: ")


def test_check_fails_where_both_agree_on_a_wrong_output(monkeypatch):
    from simulator.run import verify as validate

    wrong = validate.reference_output
    monkeypatch.setattr(validate, "reference_output", lambda result: wrong(result) + np.int16(1))
    result = CliRunner().invoke(app, ["check", "eie", "nt-we", "--scale", "0.02"])
    assert result.exit_code == 1
    assert "not with the reference kernel" in " ".join(result.output.split())


def test_check_compares_the_whole_trace():
    found = " ".join(CliRunner().invoke(app, ["check", "eie", "nt-we", "--scale", "0.02"]).output.split())
    cycles = simulate(load_arch("eie"), load_workload("nt-we", scale=0.02)).run.cycles
    assert f"{65 * cycles:,} letters of the trace" in found


def fake_rows(seed, draws):
    yield compare_figure("paper", "Table IV", "alexnet-fc7", "actual_us", 10.0, float(seed), "printed")
    yield compare_figure(
        "paper", "Fig 8", "alexnet-fc7, queue_depth=1", "load_balance_percent", 50.0, float(draws), "measured"
    )
    yield compare_figure("paper", "Fig 8", "alexnet-fc7, queue_depth=2", "load_balance_percent", 70.0, 80.0, "measured")
    yield compare_figure("paper", "Fig 8", "nt-we, queue_depth=1", "load_balance_percent", None, 33.3, "measured")
    yield compare_figure("paper", "Fig 8", "nt-we, queue_depth=2", "load_balance_percent", None, 44.4, "measured")


def test_validate_hands_on_seed_and_draws_and_prints_all_three_forms(monkeypatch):
    paper = Paper(draws=1, figures=fake_rows, published=dict)
    monkeypatch.setattr(validation, "find_paper", {"eie": paper}.__getitem__)

    def run(*options):
        result = CliRunner().invoke(app, ["validate", "eie", "--seed", "12", "--draws", "5", *options])
        assert result.exit_code == 0, result.output
        return result.stdout

    found = json.loads(run("--json"))
    assert [row["simulated"] for row in found] == [12, 5, 80, 33.3, 44.4]
    assert run("--csv").splitlines()[0] == ",".join(PublishedFigure._fields)
    assert "alexnet-fc7" not in run()  # the summary alone
    flat = " ".join(run("--rows").split())
    assert "alexnet-fc7 10 12 +20.0%" in flat
    assert "alexnet-fc7 50.0 70.0" in flat
    assert "5.00 80.0" in flat
    assert "nt-we - - 33.3 44.4" in flat


def test_validate_takes_one_format():
    assert isinstance(CliRunner().invoke(app, ["validate", "tpu", "--json", "--csv"]).exception, InputError)
    with pytest.raises(InputError, match="both --json and --csv"):
        CliRunner().invoke(app, ["validate", "tpu", "--json", "--csv"], catch_exceptions=False)


def test_the_dictionary_says_what_was_run():
    layer = load_workload("alexnet-fc8", scale=0.05)
    config = load_arch("eie", spmat_width_bits=16)
    result = simulate(config, layer)
    found = result.to_dict()
    assert (found["inputs"], found["outputs"]) == (205, 50)
    assert found["activation_density"] == round(0.4294 * 205) / 205
    assert found["workload_source"] == "zoo"
    *of_machine, of_bias = found["notes"]
    assert of_machine == list(config.notes) != []
    assert of_bias.startswith("biases reach 36.7 and the codebook's levels 3.47")
    assert found["area_mm2"] == result.area_mm2
    assert set(found["cycles_by_reason"]) == set(result.run.reasons._fields)
    assert found["changes"] == {"spmat_width_bits": 16}


def test_a_run_without_energy_has_no_frames_per_joule_and_takes_time():
    result = simulate(load_arch("eie"), load_workload("nt-we", scale=0.02))
    assert result.elapsed_s > 0
    assert replace(result, energy=[]).to_dict()["frames_per_j"] is None


def test_the_trace_of_several_passes_is_cut_too():
    config = load_arch("eie", pes=2, batching=1, activation_registers=2)
    layer = load_workload("nt-we", scale=0.02)
    for name in ("numba", "simpy"):
        whole = simulate(config, layer, engine=name, trace_cycles=10**6).run
        assert whole.trace.shape == (3, whole.cycles)
        part = simulate(config, layer, engine=name, trace_cycles=20).run
        np.testing.assert_array_equal(part.trace, whole.trace[:, :20])


def test_the_table_shows_each_figure_in_its_place():
    arguments = ["run", "eie", "vgg16-fc6", "--scale", "0.1", "--set", "index_bits=1", "--set", "spmat_width_bits=20"]
    found = json.loads(CliRunner().invoke(app, [*arguments, "--json"]).stdout)
    flat = " ".join(CliRunner().invoke(app, arguments).stdout.split())
    assert f"theoretical {found['theoretical_us']:.4g} us" in flat
    entries = f"{found['entries']:,} entries, {found['padding_entries']:,} of them padding"
    assert f"multiplies {found['multiplies']:,} {entries}" in flat
    assert f"power {found['power_mw']:.1f} mW {found['area_mm2']:.1f} mm2 at 45 nm" in flat
    energy = found["energy_pj"]
    assert f"spmat read {energy['spmat_read'] / 1000:,.1f} {energy['spmat_read'] / energy['total']:.1%}" in flat
    busy = found["cycles_by_reason"]["busy"]
    assert f"PE busy {busy:,} {busy / (64 * found['cycles']):.1%}" in flat
    assert f"note {found['notes'][0]}" in flat


def test_throughput_and_frames_in_the_table():
    arguments = ["run", "eie", "nt-we", "--scale", "0.1"]
    found = json.loads(CliRunner().invoke(app, [*arguments, "--json"]).stdout)
    flat = " ".join(CliRunner().invoke(app, arguments).stdout.split())
    assert found["frames_per_s"] > 1e6  # six significant digits are shown
    frames = [f"{float(f'{found[key]:.6g}'):,.0f}" for key in ("frames_per_s", "frames_per_j")]
    assert f"inferences {frames[0]} /s {frames[1]} /J" in flat
    assert f"{found['gops']:.1f} GOP/s {found['gops_dense_equivalent']:,.0f} GOP/s" in flat


def test_the_list_shows_densities_in_their_columns():
    flat = " ".join(CliRunner().invoke(app, ["list"]).stdout.split())
    assert "vgg16-fc6 25088 4096 4.0% 23.2%" in flat


EIE = shipped()["eie_64pe"]


def test_a_machine_of_another_package_has_its_own_default(tmp_path, monkeypatch):
    path = tmp_path / "theirs_8pe.yaml"
    path.write_text(EIE.replace("machine: eie", "machine: theirs").replace("pes: {value: 64", "pes: {value: 8"))
    theirs = type("Theirs", (Eie,), {"name": "theirs", "default": str(path)})()
    monkeypatch.setattr(registry, "_theirs", theirs, raising=False)
    point = EntryPoint("theirs", "simulator.core.registry:_theirs", registry.ENTRY_POINTS)
    monkeypatch.setattr(plugins, "installed", lambda: EntryPoints([point]))
    registry.machines.cache_clear()
    config = load_arch("theirs")
    assert (config.machine, config.name, config.arch.pes) == ("theirs", "theirs_8pe", 8)
    ours = load_arch("eie", pes=8)
    layer = load_workload("nt-we", scale=0.02)
    assert simulate(config, layer).run.cycles == simulate(ours, layer).run.cycles
    monkeypatch.undo()
    registry.machines.cache_clear()


def test_a_machine_without_published_figures_says_so():
    result = CliRunner().invoke(app, ["validate", "dcnn"])
    assert str(result.exception) == "machine dcnn: it has no published figures; expected a machine with some"


def test_validate_in_python_gives_what_the_command_prints(monkeypatch):
    monkeypatch.setattr(
        validation, "find_paper", {"eie": Paper(draws=1, figures=fake_rows, published=dict)}.__getitem__
    )
    found = zeroskip.validate("eie", seed=12, draws=5)
    assert [row.simulated for row in found.rows] == [12, 5, 80, 33.3, 44.4]
    assert found.to_frame()["simulated"].tolist() == [row.simulated for row in found.rows]
    assert {"table", "quantity", "mean_absolute_error_percent"} <= set(found.summary().columns)
    assert found.plot("errors").axes
    with pytest.raises(zeroskip.InputError, match="kind"):
        found.plot("nothing")


@pytest.mark.parametrize(
    ("machine", "options"),
    [
        (3, {}),
        ("eie", {"draws": 0}),
        ("eie", {"draws": 31}),
        ("eie", {"draws": True}),
        ("eie", {"seed": -1}),
        ("eie", {"seed": 1.5}),
        ("dram", {"draws": 2}),
        ("scnn", {"data": "x.npz"}),
        ("dcnn", {}),
        ("nothing", {}),
    ],
)
def test_validate_in_python_refuses_what_does_not_fit(machine, options):
    with pytest.raises(zeroskip.InputError):
        zeroskip.validate(machine, **options)
