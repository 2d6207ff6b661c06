"""`why`: stacks of layers and networks add up to what `run` counts, changes are what their own run takes."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.layers import drawn_layers, machines
from typer.testing import CliRunner

import zeroskip as zs
from simulator import plots
from simulator.cli import app, main
from simulator.core.run import chain
from simulator.hardware.dram.component import MEMORY
from simulator.hardware.dram.presets import load_dram, presets
from simulator.html import build
from simulator.machines.eie import MACHINE, engine
from simulator.machines.eie.layout.streams import layout
from simulator.machines.eie.report.row_order import balanced_order
from simulator.run.what_if import next_steps, next_value
from workloads.number_formats import find_format

SMALL = {"scale": 0.05}
DECLARING = [
    "eie", "eie_cacti", "eie_nvfp4", "ese", "scnn", "scnn_sparse_weights", "dcnn", "dcnn_opt", "tensor", "eyeriss_v2",
    "cambricon_s", "cambricon_x",
]  # fmt: skip
LAYERS = {
    "ese": "google-lstm",
    "scnn": "alexnet-conv3",
    "dcnn": "alexnet-conv3",
    "eyeriss": "alexnet-conv3",
    "cambricon": "alexnet-conv3",
}


@pytest.mark.parametrize("machine", DECLARING)
def test_parts_add_up_to_the_cycles_and_the_energy_of_the_run(machine):
    name = LAYERS.get(machine.split("_")[0], "alexnet-fc7")
    found, run = zs.why(machine, name, **SMALL), zs.simulate(machine, name, **SMALL)
    assert sum(part.cycles for part in found.total.parts) == found.cycles == run.cycles
    assert found.total.energy_pj == pytest.approx(run.energy_pj["total"], rel=1e-12)
    path = found.layers[0].path
    assert (path is None) == (machine == "tensor")  # which says of its parts only what they cost
    if path is not None:
        assert sum(span.cycles for span in path.path.spans) == run.cycles
        assert all(unit.simulated in (None, unit.free_cycles) for unit in path.units)
    frame = found.to_frame()
    assert (frame["cycles"].sum(), next(iter(frame["part"]))) == (run.cycles, "work")


def test_a_network_is_the_sum_of_its_layers():
    found, run = zs.why("scnn", "alexnet", scale=0.03), zs.run("scnn", "alexnet", scale=0.03)
    assert [one.stack.cycles for one in found.layers] == [row.cycles for row in run.rows]
    assert found.cycles == run.cycles
    for part in found.total.parts:
        assert part.cycles == sum(one.stack.part(part.name).cycles for one in found.layers)
    assert found.to_frame().groupby("layer")["cycles"].sum()["all"] == run.cycles


def test_energy_by_a_data_sheet_is_not_divided():
    found = zs.why(zs.load_arch("scnn", dram_energy="data_sheet"), "alexnet-conv3", **SMALL)
    assert found.total.energy_pj is None
    assert any("energy is not divided" in sentence for sentence in found.to_dict()["notes"])


def test_an_infinite_queue_leaves_no_part_of_the_queue():
    config = zs.load_arch("eie", queue_depth=1 << 20)
    assert zs.why(config, "alexnet-fc7", **SMALL).total.part("queue").cycles == 0
    shallow = zs.why(zs.load_arch("eie", queue_depth=1), "alexnet-fc7", **SMALL)
    deep = zs.simulate(config, "alexnet-fc7", **SMALL)
    assert shallow.total.part("queue").alone == shallow.cycles - deep.cycles > 0


@pytest.mark.parametrize(("machine", "name"), [("eie", "alexnet-fc7"), ("dcnn", "alexnet-conv3")])
def test_each_change_is_a_run_of_that_configuration(machine, name):
    found = zs.why(machine, name, what_if=True, **SMALL)
    saved = [change.cycles_saved for change in found.changes]
    assert saved == sorted(saved, reverse=True)
    for change in found.changes:
        if change.key not in ("row order", "pruning"):
            config = zs.load_arch(machine, **{change.key: change.after})
            run = zs.simulate(config, name, **SMALL)
            assert change.cycles == run.cycles == found.cycles - change.cycles_saved, change
    keys = {change.key for change in found.changes}
    assert ("row order" in keys) == ("pruning" in keys) == (machine == "eie")
    assert machine != "eie" or {change.after for change in found.changes if change.key == "dram"} == {"lpddr3_1600"}


def test_the_next_memory_is_faster_and_the_next_format_smaller():
    known = {step.key: (step.before, step.after) for step in next_steps(zs.load_arch("tensor"))}
    assert known["dram"] == ("lpddr5", MEMORY.next_better("lpddr5"))
    rates = {
        name: one.channels * one.line_bytes / one.bl / one.tck_ps for name in presets() for one in [load_dram(name)]
    }
    faster = [name for name, rate in rates.items() if rate > rates["lpddr5"]]
    assert known["dram"][1] == min(faster, key=lambda name: (rates[name], name))
    assert MEMORY.next_better(max(rates, key=lambda name: (rates[name], name))) is None
    assert (known["state_format"], find_format(known["weight_format"][1]).bits < 4) == (("fp32", "bf16"), True)
    assert "dram" not in {step.key for step in next_steps(zs.load_arch("tensor", dram="none"))}
    assert "weight_format" not in {step.key for step in next_steps(zs.load_arch("eie"))}  # a codebook


@pytest.mark.parametrize(
    ("value", "least", "most", "delays", "after"),
    [(8, 1, 1024, False, 16), (8, 1, 1024, True, 4), (0, 0, 1, False, 1), (1, 0, 1, True, 0), (1, 1, 64, True, 2),
     (1024, 1, 1024, False, 512), (16, 16, 16, False, None), (0, 0, 64, True, 1)],
)  # fmt: skip
def test_the_next_value_of_a_number(value, least, most, delays, after):
    assert next_value(value, least, most, delays) == after


@given(machines, drawn_layers)
def test_rows_in_another_order_give_the_same_bits(arch, layer):
    plain = chain([engine.run(arch, one) for one in layout(arch, layer)])
    for order in MACHINE.rearrange(arch, layer):
        run = chain([engine.run(arch, one) for one in layout(arch, order.layer)])
        undone = np.empty_like(plain.output)
        undone[order.order] = run.output
        assert undone.tolist() == plain.output.tolist()
        assert run.counts.multiplies.sum() == plain.counts.multiplies.sum()
        assert order.bound <= min(run.cycles, plain.cycles)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=40), st.integers(1, 9))
def test_the_longest_rows_go_to_the_emptiest_pe(weights, pes):
    """Each row once; PEs with as many rows as before; no PE could have given its last row to an emptier one."""
    order = balanced_order(np.array(weights), pes)
    assert sorted(order.tolist()) == list(range(len(weights)))
    loads = [sum(weights[row] for row in order[pe::pes]) for pe in range(pes)]
    full = [len(order[pe::pes]) for pe in range(pes)]
    if len(set(full)) == 1:  # Graham's bound holds where no PE fills up early, and never less than the mean
        assert max(loads) >= -(-sum(weights) // pes)
    assert max(loads) <= sum(sorted(weights, reverse=True)[: max(full)])


def test_the_command_prints_tables_json_and_csv():
    arguments = ["why", "eie", "alexnet-fc7", "--scale", "0.05"]
    shown = CliRunner().invoke(app, arguments)
    assert shown.exit_code == 0
    for words in ("where the cycles come from", "what decides the end", "if one of them were free", "what if"):
        assert words in shown.stdout
    assert "runs (--no-what-if leaves them out)" in shown.stderr
    plain = json.loads(CliRunner().invoke(app, [*arguments, "--no-what-if", "--json"]).stdout)
    assert plain["what_if"] is None
    assert plain["cycles"] == sum(part["cycles"] for part in plain["stack"]["parts"])
    rows = CliRunner().invoke(app, [*arguments, "--no-what-if", "--csv"]).stdout.splitlines()
    assert rows[0] == "layer,part,cycles,share,energy_pj,how"
    per_layer = CliRunner().invoke(app, ["why", "scnn", "alexnet", "--scale", "0.02", "--per-layer", "--no-what-if"])
    assert "layer by layer" in per_layer.stdout


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["why", "eie", "alexnet-conv3"], "its kind is convolution; expected fully connected on eie_64pe"),
        (["why", "eie", "nt-we", "--set", "pes=0"], "pes is 0 (set by the user); expected"),
        (["why", "nt-we", "nt-we"], "nt-we: it is a workload; expected a machine or a configuration first"),
        (["why", "eie", "nt-we", "--json", "--csv"], "both --json and --csv are given; expected one of them"),
        (["why", "eie", "none.yaml"], "none.yaml: there is no such file; expected a YAML file of recipes"),
    ],
)
def test_bad_input_is_a_sentence_and_exit_code_2(arguments, complaint, capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["zeroskip", *arguments])
    with pytest.raises(SystemExit) as stop:
        main()
    found = capsys.readouterr()
    assert (stop.value.code, found.out) == (2, "")
    assert complaint in found.err
    assert found.err.count("\n") == 1


def test_a_machine_without_mechanisms_is_refused_before_anything_runs(monkeypatch):
    monkeypatch.setattr(type(MACHINE), "mechanisms", lambda *_: ())
    with pytest.raises(zs.InputError, match="eie_64pe: machine eie declares no mechanisms; expected a machine that"):
        zs.why("eie", "nt-we")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """What `why --json` prints for a layer with changes, and for a network."""
    folder = tmp_path_factory.mktemp("why")
    for name, arguments in (
        ("layer", ["eie", "alexnet-fc7", "--scale", "0.05"]),
        ("network", ["scnn", "alexnet", "--scale", "0.02", "--no-what-if"]),
    ):
        (folder / f"{name}.json").write_text(CliRunner().invoke(app, ["why", *arguments, "--json"]).stdout)
    return folder


@pytest.mark.parametrize("name", ["layer", "network"])
def test_a_page_has_the_stack_the_path_and_the_changes(written, name, tmp_path):
    done = CliRunner().invoke(app, ["report", str(written / f"{name}.json"), "-o", str(tmp_path / "page.html")])
    assert done.exit_code == 0, done.output
    page, content = (tmp_path / "page.html").read_text(), json.loads((written / f"{name}.json").read_text())
    assert "Where the cycles come from" in page
    assert ("What if" in page) == (name == "layer")
    assert all(part["about"].split(",")[0] in page for part in content["stack"]["parts"])


def test_pictures_show_the_parts_in_per_cent_and_the_slack(written):
    content = json.loads((written / "layer.json").read_text())
    drawn = plots.draw([written / "layer.json"], "stacks")
    shares = {bars.get_label(): bars[0].get_width() for bars in drawn.containers}
    parts = {part["name"]: part["cycles"] for part in content["stack"]["parts"] if part["cycles"]}
    assert shares == pytest.approx({name: 100 * cycles / content["cycles"] for name, cycles in parts.items()})
    upper, lower = plots.draw([written / "layer.json"], "slack")
    pes = [one for one in content["layers"][0]["critical_path"]["units"] if one["name"].startswith("PE ")]
    assert [bar.get_height() for bar in upper.patches] == [one["path_cycles"] for one in pes]
    assert [bar.get_height() for bar in lower.patches] == [one["slack"] for one in pes]
    both = plots.draw([written / "layer.json", written / "network.json"], "stacks")
    labels = [label.get_text() for label in both.get_yticklabels()]
    assert (labels[0], labels[-1]) == ("alexnet-fc7, eie_64pe", "all of alexnet, scnn_8x8")


def test_the_map_of_slack_shows_cells_without_work_as_blank(written):
    content = json.loads((written / "layer.json").read_text())
    known = content["layers"][0]["critical_path"]["slack"]
    drawn = plots.draw([written / "layer.json"], "slack-map")
    cells = drawn.collections[0].get_array().reshape(64, -1).T  # of 64 PEs
    assert cells.tolist() == known["least"]
    assert (known["cycles"], known["pes"]) == (content["cycles"], 64)
    assert drawn.get_xlim() == (0, content["cycles"])
    none = sum(one == 0 for row in known["least"] for one in row)
    known_cells = sum(one is not None for row in known["least"] for one in row)
    assert f"{100 * none / known_cells:.1f} % of the cells have no slack" in drawn.figure.texts[0].get_text()


@pytest.mark.parametrize(("kind", "sentence"), [
    ("slack", "scnn_8x8 gives no slack of its PEs; expected a run of a machine that does"),
    ("slack-map", "scnn_8x8 gives no slack of its PEs; expected a run of a machine that does"),
    ("changes", "changes needs .*; expected `why"),
])  # fmt: skip
def test_what_a_file_lacks_is_not_drawn(written, kind, sentence):
    with pytest.raises(zs.InputError, match=sentence):
        plots.draw([written / "network.json"], kind)


@pytest.mark.parametrize(
    "change",
    [{"pes": 63}, {"pes": -3}, {"cycles": 7}, {"least": [[0] * 64, [0] * 63]}, {"least": [[None] * 64] * 80},
     {"least": [[-1] * 64] * 80}, {"least": [[10**400] * 64] * 80}, {"least": []}],
)  # fmt: skip
def test_a_map_of_slack_that_is_none_of_the_run_is_refused(written, change, tmp_path):
    content = json.loads((written / "layer.json").read_text())
    content["layers"][0]["critical_path"]["slack"] |= change
    (tmp_path / "odd.json").write_text(json.dumps(content))
    for draw in (lambda: plots.draw([tmp_path / "odd.json"], "slack-map"), lambda: build(tmp_path / "odd.json")):
        with pytest.raises(zs.InputError, match="odd.json: .*; expected"):
            draw()


def test_layers_that_are_alike_take_their_time_once():
    found = zs.why("tensor", "llama2-7b", context=64)
    alike = [one for one in found.layers if one.stack.runs == 0]
    assert alike
    assert all(one.engine_s == one.analysis_s == 0 for one in alike)
    assert found.total.runs == sum(one.stack.runs for one in found.layers)


def test_a_change_that_the_area_does_not_follow_has_no_area():
    """SCNN's area is that of the whole machine."""
    found = zs.why("dcnn", "alexnet-conv3", what_if=True, **SMALL)
    assert {change.area_added_mm2 for change in found.changes} == {None}
    changes = {
        change.key: change.area_added_mm2 for change in zs.why("eie", "alexnet-fc7", what_if=True, **SMALL).changes
    }
    assert changes["pes"] == pytest.approx(zs.simulate("eie", "alexnet-fc7", **SMALL).area_mm2, rel=1e-4)
    assert changes["queue_depth"] is None


def test_pruning_takes_the_mean_of_pes_that_have_rows():
    rng = np.random.default_rng(1)
    weight = rng.standard_normal((10, 64), np.float32)
    found = zs.why("eie", weight, np.ones(64, np.float32), what_if=True, density=0.3)
    (change,) = (one for one in found.changes if one.key == "pruning")
    assert float(re.search(r"\(([\d.]+) %\)", change.note)[1]) < 15
    one = zs.why("eie", np.ones((1, 8), np.float32), np.ones(8, np.float32), what_if=True)
    assert "pruning" not in {change.key for change in one.changes}


def test_negative_parts_are_drawn_to_the_left():
    frame = pd.DataFrame({"layer": "a", "part": ["work", "queue", "scan"], "cycles": [90, -10, 20]})
    bars = {bar.get_width(): bar.get_x() for bar in plots.KINDS["stacks"].draw(frame, "t").patches if bar.get_width()}
    assert bars == pytest.approx({90.0: 0.0, -10.0: 0.0, 20.0: 90.0})
