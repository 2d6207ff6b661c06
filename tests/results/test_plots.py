"""Pictures show what the frame holds: its numbers, names and units; for one result and for ten thousand."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from support.results.stored_results import run_layers
from typer.testing import CliRunner

import zeroskip
from simulator import plots, timeline
from simulator.cli import app
from simulator.core.registry import find
from simulator.plots import activity, breakdowns, kinds, papers, roofs, rows, savings, stored, style, sweeps
from simulator.plots.front import on_front
from simulator.results.files import StoredFile, read_file
from simulator.results.frames import BINS, results
from simulator.results.store_rows import as_results
from simulator.run.simulate import simulate
from workloads.errors import InputError
from zeroskip import load_arch, load_workload

MANY = 10_000


def made(count, layers=1):
    """Results as `run --csv` writes them, of many PEs, depths and densities."""
    rng = np.random.default_rng(0)
    number = np.arange(count)
    pes = 2 ** (number % 9)
    entries = rng.integers(1000, 9000, count)
    return pd.DataFrame(
        {
            "workload": [f"layer {i % layers}" for i in number],
            "config": "eie_64pe",
            "units.pe": pes,
            "units.lnzd_node": pes // 4 + 1,
            "arch.pes": pes,
            "arch.queue_depth": 1 + number % 500,
            "cycles": 800 + number,
            "time_us": rng.uniform(1, 50, count),
            "load_balance": rng.uniform(0.1, 1, count),
            "entries": entries,
            "padding_entries": entries // 4,
            "weight_density": rng.uniform(0.01, 1, count),
            "activation_density": 0.5,
            "energy_pj.total": rng.uniform(1e6, 9e6, count),
            "energy_pj.spmat_read": 1e6,
            "energy_pj.arithmetic": 2e6,
            "cycles_by_reason.busy": 600,
            "cycles_by_reason.starved": 200,
            "cycles_by_reason.idle": 800,
            "reason_units.PE": "busy; starved",
            "roofline.operations": 1000 + number,
            "roofline.bytes": 500,
            "roofline.operations_per_cycle": 128,
            "roofline.bytes_per_cycle": 64.0,
            "roofline.memory": "sparse-matrix SRAM",
        }
    )


def validated(count):
    """What `validate --csv` prints: tables of curves, each point twice."""
    number = np.arange(count)
    outcome = {"paper": "P", "table": number // 400, "quantity": "load_balance_percent", "mark": "printed"}
    rows = [f"layer {i // 20 % 20}, pes={1 + i // 2 % 10}" for i in number]
    values = {"published": 50.0 + number % 7, "simulated": 49.0 + number % 7, "error_percent": number % 9 - 4.0}
    return pd.DataFrame({**outcome, "row": rows, **values})


def frames(count):
    """Of each kind a frame with `count` rows."""
    number = np.arange(count)
    spans = pd.DataFrame({"unit": number % 7, "cycle": 3 * (number // 7), "cycles": 3, "working": number % 4})
    slots = {f"{part} cycles": 5 for part in plots.GANTT_PARTS} | dict.fromkeys(plots.GANTT_PARTS, "Wix")
    grains = {column: 0.5 + number % 3 for column, _ in plots.MEASURES}
    return {
        "utilisation": spans.sort_values(["unit", "cycle"]),
        "queues": pd.DataFrame(
            {"queue": "PE 0", "cycle": 2 * number, "held": number % 8, "slots": 7, "last": 2 * count + 3}
        ),
        "waterfall": pd.DataFrame({"step": number.astype(str), "energy_uj": 9.0 + count - number, "factor": 1.1}),
        "stacks": pd.DataFrame({"layer": number, "part": np.where(number % 2, "queue", "work"), "cycles": 9 + number}),
        "slack-map": pd.DataFrame(
            {"cycle": number // 100, "pe": number % 100, "slack": number % 7, "cycles": count, "pes": min(count, 100)}
        ),
        "slack": pd.DataFrame({"pe": number, "slack": number % 3, "path_cycles": number % 50}),
        "changes": pd.DataFrame({"change": number.astype(str), "saved_percent": number % 7 - 3.0}),
        "weights": pd.DataFrame(
            {"layer": number // 16, "what": "centroid", "value": number % 16, "count": 4, "width": 0.0}
        ),
        "storage": pd.DataFrame(
            {"layer": number, "dense": 32 * (9 + number), "pruned": 9 + number, "shared": 5, "huffman": 4}
        ),
        "schedule": pd.DataFrame({"slot": number, "cycles": 9} | slots, index=number),
        "published": validated(count),
        "errors": validated(count),
        "contexts": pd.DataFrame(
            {"workload": number % 20, "machine": "m", "context": 1 + number // 20, "tokens_per_s": 9.0 + number % 7}
        ),
        "bytes": pd.DataFrame({"workload": number, "machine": "m", "bytes_by_part.dram_weight_bytes": 9 + number}),
        "system": pd.DataFrame(
            {"chips": 1 + number, "exchange": "tensor", "overlap": False}
            | dict.fromkeys(("compute_us", "add_us", "send_us", "wait_us", "idle_us"), 9.0 + number % 7)
        ),
        "system-gantt": pd.DataFrame(
            {
                "unit": (number % 40).astype(str),
                "name": "a",
                "reason": "send",
                "begin_us": 2.0 * (number // 40),
                "us": 2,
            }
        ),
        "camera": pd.DataFrame(
            {"machine": "m", "fps": 1.0 + number, "point": "all", "misses": 3.0 + number % 7, "service": 2.0}
            | dict.fromkeys(("workload", "policy", "detections"), "w")
            | dict.fromkeys(("depth", "lost frames", "sensor", "queue"), 1)
        ),
        "balance": pd.DataFrame({"pes": 1 + number, "balanced_speedup": 8.0, "plain_speedup": 7.0}),
        "noise": pd.DataFrame({"weights": "fp32", "sigma": number / 1000, "entropy": 0.5, "spread": 0.1}),
        "delay": pd.DataFrame(
            {"machine": number % 9, "detector": number % 4, "fps": 1.0 + number, "delay_ms": 9.0 + number % 7}
        ),
        "skipping": pd.DataFrame(
            {"case": "a prompt", "line": "a", "share": number / count, "speedup": 1.5, "published": None}
        ),
        "calibration": pd.DataFrame(
            {"tile": "8x8", "keys": 64, "factor": 1.0 + number, "share": number / count, "a": 2.0, "b": 3.0}
        ),
        "exploration": pd.DataFrame(
            {"trial": 1 + number, "hypervolume": (1 + number) / count, "front": number % 3 == 0, "takes_part": True}
            | {f"objective.{name}": 9.0 + (number * prime) % 100 for name, prime in (("time_us", 7), ("area_mm2", 11))}
        ),
        "granularity": pd.DataFrame(
            {"network": "v", "densities": "own", "granularity": (number % 4).astype(str)} | grains
        ),
    }


def as_list(drawn):
    return drawn if isinstance(drawn, list) else [drawn]


def words(axes):
    """All that is written on the picture that the axes stand on."""
    from matplotlib.text import Text

    return [text.get_text() for text in style.figure_of(axes).findobj(Text)]


@pytest.mark.parametrize("count", [1, MANY])
@pytest.mark.parametrize("name", kinds.KINDS)
def test_every_kind_draws_one_result_and_ten_thousand(name, count, tmp_path):
    kind = kinds.KINDS[name]
    frame = frames(count).get(name, None)
    frame = made(count) if frame is None else frame
    for need in kind.needs:
        assert kinds._columns(frame, need), need
    axes = as_list(kind.draw(frame, "a title"))
    assert axes
    for one in axes:
        assert one.get_xlabel() or name in ("storage", "granularity")
        assert one.get_ylabel() or name in (
            "schedule",
            "energy",
            "latency",
            "bytes",
            "waterfall",
            "granularity",
            "errors",
            "system",
            "system-gantt",
            "camera",
            "stacks",
            "changes",
        )
        assert sum(len(line.get_xdata()) for line in one.lines) + len(one.patches) < 5000
    assert any("a title" in word for word in words(axes[0]))
    stated = [
        word for word in words(axes[0]) if "10,000" in word or "10000" in word or "cell is" in word or "up to" in word
    ]
    stated += [
        word
        for word in words(axes[0])
        if any(
            said in word for said in ("looked at every", "figures is a dot", "625 layers", " lines", "further panels")
        )
    ]
    assert bool(stated) == (count == MANY), words(axes[0])
    kinds_of_file = ("png",) if count == MANY else ("png", "svg")
    for ending in kinds_of_file:
        plots.save(axes, tmp_path / f"picture.{ending}")
        assert (tmp_path / f"picture.{ending}").stat().st_size > 2000


def test_energy_is_stacked_in_microjoules():
    frame = made(2, layers=2)
    axes = plots.energy(frame, "t")
    spmat, arithmetic = axes.containers
    assert (spmat.get_label(), arithmetic.get_label()) == ("sparse-matrix SRAM read", "arithmetic")
    assert [bar.get_width() for bar in spmat] == [1.0, 1.0]
    assert [(bar.get_x(), bar.get_width()) for bar in arithmetic] == [(1.0, 2.0), (1.0, 2.0)]
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == ["layer 0, pes=1, queue_depth=1", "layer 1, pes=2, queue_depth=2"]
    assert axes.get_xlabel() == "energy of one inference (µJ)"
    assert {"3", "sparse-matrix SRAM read", "arithmetic"} <= set(words(axes))


def test_a_small_bar_keeps_its_largest_piece():
    names = {f"energy_pj.part {i}": [1e9 * (i + 1), 0.0] for i in range(9)}
    frame = pd.DataFrame(
        {"workload": ["large", "small"], "config": "x", **names, "energy_pj.own": [0.0, 5e6], "energy_pj.total": 0}
    )
    whole, shares = plots.energy(frame, "t")  # two panels, as the bars differ by 9000 times
    found = {bars.get_label(): [bar.get_width() for bar in bars] for bars in shares.containers}
    assert len(found) == len(style.COLOURS) + 1
    assert found["own"] == pytest.approx([0.0, 100.0])
    assert found["other"][0] == pytest.approx(100 * (1 + 2 + 3) / 45)
    assert [bar.get_width() for bar in whole.patches] == pytest.approx([45e3, 5.0])
    assert (whole.get_xscale(), shares.get_xscale()) == ("log", "linear")


def test_the_largest_bars_stay_and_the_others_are_averaged():
    axes = plots.energy(made(MANY).assign(**{"energy_pj.spmat_read": 1e6 * np.arange(MANY)}), "t")
    spmat = axes.containers[0]
    kept = breakdowns.MOST_BARS - 1
    assert [bar.get_width() for bar in spmat][:-1] == pytest.approx(range(MANY - kept, MANY))
    assert spmat[-1].get_width() == pytest.approx((MANY - kept - 1) / 2)
    assert axes.get_yticklabels()[-1].get_text() == f"mean of {MANY - kept:,} others"


def test_latency_is_the_time_of_a_mean_pe():
    frame = made(1).assign(time_us=8.0)
    axes = plots.latency(frame, "t")
    found = {bars.get_label(): [bar.get_width() for bar in bars] for bars in axes.containers}
    assert found == {"busy": [6.0], "starved": [2.0]}
    assert "µs" in axes.get_xlabel()


def test_the_work_of_every_machine_stands_first():
    other = {
        "reason_units.PE": "compute; starved; barrier",
        "cycles_by_reason.compute": 3,
        "cycles_by_reason.barrier": 1,
    }
    frame = pd.concat([made(1), made(1).assign(config="dcnn", **other)], ignore_index=True).assign(time_us=402.0)
    axes = plots.latency(frame, "t")
    found = {bars.get_label(): [bar.get_width() for bar in bars] for bars in axes.containers}
    assert list(found) == ["busy", "compute", "starved", "barrier"]
    assert found["starved"] == pytest.approx([402 / 4, 402 * 200 / 204])
    assert found["compute"] == pytest.approx([0, 402 * 3 / 204])


def sweep(**columns):
    size = len(next(iter(columns.values())))
    return made(size).assign(**{key.replace("__", "."): value for key, value in columns.items()})


def test_speedup_is_over_the_fewest_pes():
    frame = sweep(arch__pes=[8, 2, 4], units__pe=[8, 2, 4], time_us=[2.0, 6.0, 3.0], arch__queue_depth=[8, 8, 8])
    axes = plots.speedup(frame, "t")
    line, ideal = axes.lines
    assert list(line.get_xdata()) == [2, 4, 8]
    assert list(line.get_ydata()) == [1, 2, 3]
    assert (list(ideal.get_xdata()), list(ideal.get_ydata())) == ([2, 8], [1, 4])
    assert axes.get_xlabel() == "PEs"
    assert {"layer 0", "ideal", "2", "4", "8"} <= set(words(axes))


@pytest.mark.parametrize(("sizes", "held"), [([4, 4], "all have 4"), ([4, 8], "each configuration has one")])
def test_speedup_of_one_size_is_refused(sizes, held, tmp_path):
    names = ["a", "b"] if sizes[0] != sizes[1] else ["a", "a"]
    sweep(arch__pes=sizes, units__pe=sizes, config=names).to_csv(tmp_path / "rows.csv", index=False)
    done = command(tmp_path / "rows.csv", "speedup", "-o", tmp_path / "a.png")
    assert isinstance(done.exception, InputError)
    needed = "it needs results of one configuration at two numbers of PEs or more"
    assert f"rows.csv: speedup cannot be drawn: {needed}, and {held}; expected a store" in str(done.exception)
    assert not (tmp_path / "a.png").exists()


@pytest.mark.parametrize("axis", ["density", "weight_density", "seed"])
def test_speedup_is_of_the_same_work(axis):
    """Ratios at each value of another axis, then their mean; the fewest PEs are exactly 1."""
    times = {(2, 0.1): 1.1, (4, 0.1): 1.0, (2, 0.7): 70.3, (4, 0.7): 20.0}
    pes = [pe for pe, _ in times]
    values = {axis: [value for _, value in times], "time_us": list(times.values())}
    frame = sweep(arch__pes=pes, units__pe=pes, arch__queue_depth=[8] * 4, **{"weight_density": [0.5] * 4, **values})
    line = plots.speedup(frame, "t").lines[0]
    assert list(line.get_ydata()) == [1, pytest.approx((1.1 / 1.0 + 70.3 / 20.0) / 2)]


def test_speedup_where_a_measured_density_follows_the_pes():
    frame = sweep(arch__pes=[2, 4], units__pe=[2, 4], arch__queue_depth=[8, 8], time_us=[6.0, 3.0])
    line = plots.speedup(frame.assign(weight_density=[0.1, 0.11]), "t").lines[0]
    assert list(line.get_ydata()) == [1, 2]


def test_load_balance_by_depth_in_percent():
    frame = sweep(arch__queue_depth=[4, 1], load_balance=[0.9, 0.5], arch__pes=[64, 64])
    line = plots.queue_depth(frame.sort_values("arch.queue_depth"), "t").lines[0]
    assert (list(line.get_xdata()), list(line.get_ydata())) == ([1, 4], [50, 90])


def test_padding_in_percent_of_the_entries():
    frame = sweep(units__pe=[2, 4], entries=[100, 0], padding_entries=[25, 0], arch__queue_depth=[8, 8])
    axes = plots.padding(frame, "t")
    assert list(axes.lines[0].get_ydata()) == [25, 0]
    assert "%" in axes.get_ylabel()


def test_density_draws_time_and_energy_of_what_varies():
    fixed = {"arch__pes": [1, 1], "arch__queue_depth": [1, 1], "weight_density": [0.5, 0.5]}
    frame = sweep(**fixed, activation_density=[0.2, 0.4], time_us=[1.0, 2.0]).assign(**{"energy_pj.total": [3e6, 4e6]})
    time, energy = plots.density(frame, "t")
    assert (list(time.lines[0].get_xdata()), list(time.lines[0].get_ydata())) == ([20, 40], [1, 2])
    assert list(energy.lines[0].get_ydata()) == [3, 4]
    assert time.get_xlabel() == "non-zero activations (%)"
    assert ("µs" in time.get_ylabel(), "µJ" in energy.get_ylabel()) == (True, True)


def test_density_of_networks_is_the_one_that_was_asked_for():
    frame = sweep(arch__pes=[1, 1], arch__queue_depth=[1, 1], density=[0.2, 0.4], time_us=[1.0, 2.0])
    time, _ = plots.density(frame.drop(columns=["weight_density", "activation_density"]), "t")
    assert (list(time.lines[0].get_xdata()), list(time.lines[0].get_ydata())) == ([20, 40], [1, 2])
    assert time.get_xlabel() == "density asked for (%)"


def test_density_is_drawn_of_the_one_that_is_measured():
    frame = sweep(arch__pes=[1] * 3, arch__queue_depth=[1] * 3, weight_density=[0.2, 0.4, None], time_us=[1.0, 2, 3])
    time, _ = plots.density(frame.drop(columns="activation_density"), "t")
    assert list(time.lines[0].get_xdata()) == [20, 40]


def test_lines_average_equal_points_and_say_so():
    frame = pd.DataFrame({"series": "a", "x": [1, 1, 2], "y": [2.0, 4.0, 5.0]})
    axes = style.one(3, 3)
    drawn, sentences = sweeps.draw_lines(axes, frame)
    assert list(axes.lines[0].get_ydata()) == [3, 5]
    assert drawn == [style.Label("a", 5.0, style.COLOURS[0])]
    assert sentences == ["each point is the mean of up to 2 results"]


def test_long_lines_are_means_of_neighbours_and_many_lines_are_cut():
    frame = pd.DataFrame({"series": "a", "x": np.arange(1000), "y": np.arange(1000.0)})
    axes = style.one(3, 3)
    sweeps.draw_lines(axes, frame)
    assert list(axes.lines[0].get_ydata()) == [10 * i + 4.5 for i in range(100)] == list(axes.lines[0].get_xdata())
    names = pd.DataFrame({"series": [f"s{i}" for i in range(20)], "x": 1, "y": 1.0})
    axes = style.one(3, 3)
    assert sweeps.draw_lines(axes, names)[1][-1] == f"{rows.MOST_SERIES} of 20 lines"
    assert len(axes.lines) == rows.MOST_SERIES


def test_labels_name_what_differs():
    frame = made(2, layers=2).assign(**{"arch.pes": [4, 8], "arch.queue_depth": 8})
    assert rows.labels(frame).tolist() == ["layer 0, pes=4", "layer 1, pes=8"]
    assert rows.labels(frame, ("arch.pes",)).tolist() == ["layer 0", "layer 1"]
    same = frame.assign(workload="x", **{"arch.pes": 4})
    assert rows.labels(same).tolist() == ["x", "x"]
    assert rows.labels(same.assign(config=["eie", "scnn"])).tolist() == ["eie", "scnn"]
    other = same.assign(config=["eie", "scnn"], **{"arch.pes": [4, 8]})
    assert rows.labels(other).tolist() == ["eie", "scnn"]  # machines of one name do not differ in a number
    three = pd.concat([other, other.iloc[:1].assign(**{"arch.pes": 16})])  # one of the two machines does
    assert rows.labels(three).tolist() == ["eie, pes=4", "scnn, pes=8", "eie, pes=16"]


def test_the_roofline_is_the_machines_and_no_layer_is_above_it():
    machines = [load_arch("eie", pes=4), load_arch("scnn"), load_arch("dcnn")]
    ran = run_layers(machines, ("fc8", "conv5"), scale=0.05)
    frame = pd.concat([result.to_frame() for result in ran])
    frame = frame[frame["cycles"].notna()].reset_index(drop=True)
    axes = plots.roofline(frame, "t")
    points = {line.get_label(): line for line in axes.lines if line.get_linestyle() == "None"}
    roofs_drawn = [line for line in axes.lines if line.get_linestyle() != "None"]
    assert set(points) == {"eie_64pe", "scnn_8x8", "dcnn"}
    (eie_x,), (eie_y,) = points["eie_64pe"].get_data()
    eie = ran[0].rows[-1]
    assert eie_x == pytest.approx(eie.details["roofline"]["operations"] / eie.details["roofline"]["bytes"])
    assert eie_y == pytest.approx(eie.details["roofline"]["operations"] / eie.time_us / 1000)
    peaks = {float(line.get_ydata()[-1]) for line in roofs_drawn}
    assert peaks == {2 * 4 * 0.8, 2 * 1024 * 1.0}
    outcome = roofs._work_out(frame)
    assert (
        outcome["gops"] <= np.minimum(outcome["peak"], outcome["intensity"] * outcome["bandwidth"]) * (1 + 1e-9)
    ).all()
    assert any("6.4 GOP/s" in word and "3.2 GB/s sparse-matrix SRAM" in word for word in words(axes))
    assert any("DRAM" in word for word in words(axes))


def test_the_front_is_what_nothing_beats():
    rng = np.random.default_rng(1)
    for _ in range(30):
        time, energy = pd.Series(rng.integers(0, 6, 12).astype(float)), pd.Series(rng.integers(0, 6, 12).astype(float))
        naive = [
            not any((s <= t and f <= e) and (s < t or f < e) for s, f in zip(time, energy, strict=True))
            for t, e in zip(time, energy, strict=True)
        ]
        assert on_front(time, energy).tolist() == naive


def test_pareto_draws_a_front_for_each_layer():
    frame = made(4, layers=2).assign(time_us=[1.0, 10.0, 2.0, 20.0], **{"energy_pj.total": [4e6, 1e6, 5e6, 2e6]})
    axes = plots.pareto(frame, "t")
    points = [line for line in axes.lines if line.get_linestyle() == "None"]
    edges = [line for line in axes.lines if line.get_linestyle() != "None"]
    assert {line.get_label(): line.get_data()[1].tolist() for line in points} == {"layer 0": [4, 5], "layer 1": [1, 2]}
    assert [(line.get_xdata().tolist(), line.get_ydata().tolist()) for line in edges] == [([1], [4]), ([10], [1])]


def test_a_design_space_shows_layers_and_sums_and_says_which_sums_are_of_fewer():
    rows = [("a", "net-conv1", 1.0, 4.0), ("a", "net-conv2", 3.0, 2.0), ("b", "net-conv2", 5.0, 9.0)]
    frame = pd.DataFrame(rows, columns=["config", "layer", "time_us", "energy_uj"]).assign(workload="net")
    left, right = plots.KINDS["design-space"].draw(frame, "t")
    points = {line.get_label(): line.get_xydata().tolist() for line in left.lines}
    assert points == {"a": [[1, 4], [3, 2]], "b": [[5, 9]]}
    sums = {line.get_label(): line.get_xydata().tolist() for line in right.lines}
    assert sums == {"a": [[4, 6]], "b": [[5, 9]]}
    assert [line.get_label() for line in right.lines if line.get_markerfacecolor() == "white"] == ["b"]
    assert {text.get_text() for text in left.texts} == {"conv1", "conv2"}
    assert {text.get_text() for text in right.texts} == {"1 of 2 layers"}


def test_a_waterfall_falls_from_step_to_step():
    frame = pd.DataFrame(
        {"step": ["DRAM", "SRAM", "sparse"], "energy_uj": [120.0, 12.0, 4.0], "factor": [None, 10.0, 3.0]}
    )
    axes = plots.waterfall(frame, "t")
    bars = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in axes.patches]
    assert axes.get_xscale() == "log"
    assert bars[0][1] == pytest.approx(120)
    assert bars[1:] == [pytest.approx((12, 120)), pytest.approx((4, 12))]
    assert {"120 µJ", "12 µJ  (10 times less)", "4 µJ  (3 times less)", "DRAM", "SRAM", "sparse"} <= set(words(axes))
    near = plots.waterfall(frame.assign(energy_uj=[12.0, 6.0, 8.0], factor=[None, 2.0, 0.75]), "t")
    assert near.get_xscale() == "linear"
    assert [(bar.get_x(), bar.get_width()) for bar in near.patches] == [(0, 12), (6, 6), (6, 2)]


def test_further_steps_are_one():
    shown, sentence = savings._fewer(frames(100)["waterfall"])
    assert len(shown) == savings.MOST_STEPS
    assert shown["energy_uj"].iloc[-1] == 10
    assert shown["factor"].iloc[-1] == pytest.approx((9 + 100 - (savings.MOST_STEPS - 2)) / 10)
    assert "100 steps" in sentence


def test_storage_is_stacked_in_kilobytes_as_in_the_table_of_compress():
    frame = pd.DataFrame(
        {
            "layer": ["a", "b"],
            "dense": [8000, 16000],
            "pruned": [4000, 4000],
            "shared": [800] * 2,
            "huffman": [400] * 2,
        }
    )
    axes = plots.storage(frame, "t")
    first, second = axes.containers
    assert [bar.get_height() for bar in first] == pytest.approx([1, 0.5, 0.1, 0.05])
    assert [bar.get_y() for bar in second] == pytest.approx([1, 0.5, 0.1, 0.05])
    assert {"a", "b", "3 KB", "1 KB\n3 times smaller", "0.2 KB\n15 times smaller", "pruned"} <= set(words(axes))
    assert "(KB)" in axes.get_ylabel()


def test_other_layers_are_one_piece():
    frame = frames(10)["storage"]
    shown, rest = stored._split(frame)
    assert [name for name, _ in shown] == [str(i) for i in range(10 - stored.MOST_LAYERS, 10)]
    ((name, bits),) = rest
    assert (name, bits["dense"]) == ("4 other layers", 32 * (9 + 10 + 11 + 12))


def test_centroids_are_stems_over_the_histogram():
    rows_of = [("l", "centroid", -1.0, 1, 0.0), ("l", "centroid", 2.0, 3, 0.0), ("l", "weights", 0.5, 10, 0.2)]
    frame = pd.DataFrame(rows_of, columns=["layer", "what", "value", "count", "width"])
    (axes,) = plots.weights(frame, "t")
    assert (list(axes.lines[0].get_xdata()), list(axes.lines[0].get_ydata())) == ([-1, 2], [25, 75])
    (bar,) = axes.patches
    assert (bar.get_x() + bar.get_width() / 2, bar.get_width()) == (pytest.approx(0.5), pytest.approx(0.2))
    assert "%" in axes.get_ylabel()


@pytest.fixture(scope="module")
def recorded():
    return timeline.record(load_arch("eie", pes=4, queue_depth=3), load_workload("nt-we", scale=0.05))


@pytest.fixture(scope="module")
def traced(recorded, tmp_path_factory):
    path = tmp_path_factory.mktemp("plots") / "trace.json"
    path.write_text(json.dumps(timeline.to_dict(recorded)))
    return path


def test_utilisation_is_the_share_of_working_cycles(recorded, traced):
    axes = plots.draw([traced], "utilisation")
    (mesh,) = axes.collections
    drawn = np.asarray(mesh.get_array())
    run = recorded.result.run
    edges = np.linspace(0, run.cycles, min(activity.MOST_BINS, run.cycles) + 1)
    full = simulate(recorded.result.config, recorded.result.workload, trace_cycles=run.cycles).run.trace[:4]
    works = np.concatenate([np.zeros((4, 1)), np.cumsum((full == ord("m")) | (full == ord("p")), axis=1)], axis=1)
    truth = [np.diff(np.interp(edges, np.arange(run.cycles + 1), line)) / np.diff(edges) for line in works]
    np.testing.assert_allclose(drawn, 100 * np.array(truth), atol=1e-9)
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("cycle", "PE")
    mean = 100 * recorded.result.to_dict()["load_balance"]
    assert any(f"mean {mean:.1f} %" in word for word in words(axes))


def test_a_down_sampled_timeline_has_the_same_mean(recorded, tmp_path):
    rough = timeline.record(recorded.result.config, recorded.result.workload, most_events=200)
    assert rough.width > 1
    (tmp_path / "rough.json").write_text(json.dumps(timeline.to_dict(rough)))
    axes = plots.draw([tmp_path / "rough.json"], "utilisation")
    mean = 100 * recorded.result.to_dict()["load_balance"]
    assert any(f"mean {mean:.1f} %" in word for word in words(axes))
    assert any(f"bins of {rough.width} cycles" in word for word in words(axes))


def test_many_pes_share_lines():
    pes = 2 * activity.MOST_LINES
    frame = pd.DataFrame({"unit": np.arange(pes), "cycle": 0, "cycles": 4, "working": np.arange(pes) % 2 * 4})
    axes = plots.utilisation(frame, "t")
    drawn = np.asarray(axes.collections[0].get_array())
    assert drawn.shape == (activity.MOST_LINES, 4)
    assert (drawn == 50).all()
    assert any("up to 2 PEs" in word for word in words(axes))


def test_queues_are_drawn_as_they_fill(recorded, traced):
    axes = plots.draw([traced], "queues")
    passes = find("eie").layout(recorded.result.config.arch, recorded.result.workload.layer)
    queues = find("eie").queues(recorded.result.config.arch, passes)
    lines = {line.get_label(): line for line in axes.lines}
    looks = np.asarray(lines["mean"].get_xdata())
    held = np.array([queue.held(looks) for queue in queues])
    np.testing.assert_array_equal(lines["fullest"].get_ydata(), held.max(axis=0))
    np.testing.assert_array_equal(lines["emptiest"].get_ydata(), held.min(axis=0))
    np.testing.assert_allclose(lines["mean"].get_ydata(), held.mean(axis=0))
    assert {"2 slots", "fullest", "mean", "emptiest", "slots in use"} <= set(words(axes))
    assert looks.size == min(activity.MOST_BINS, recorded.result.run.cycles)


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    """A file with what `run ese google-lstm --json` prints, at a twentieth of its size."""
    config = load_arch("ese", channels=2)
    outcome = zeroskip.simulate(config, "google-lstm", scale=0.05).to_dict()
    path = tmp_path_factory.mktemp("plots") / "result.json"
    path.write_text(json.dumps(outcome))
    return path


def test_the_schedule_has_a_bar_for_all_that_runs_and_a_number_for_each_slot(result):
    (table,) = json.loads(result.read_text())["tables"]
    frame = pd.DataFrame(table["rows"], columns=table["columns"])
    axes = plots.draw([result], "schedule")
    begins = dict(zip(frame["slot"], frame["cycles"].cumsum() - frame["cycles"], strict=True))
    expected = {
        (line, float(begins[row["slot"]]), float(row[f"{part} cycles"]))
        for line, part in enumerate(plots.GANTT_PARTS)
        for _, row in frame.iterrows()
        if row[f"{part} cycles"]
    }
    bars = {(round(bar.get_y() + bar.get_height() / 2), bar.get_x(), bar.get_width()) for bar in axes.patches}
    assert bars == expected
    assert [label.get_text() for label in axes.get_yticklabels()] == list(plots.GANTT_PARTS)
    assert {str(slot) for slot in frame["slot"]} <= {text.get_text() for text in axes.texts}
    assert axes.get_xlim() == (0, frame["cycles"].sum())
    assert "cycles" in axes.get_xlabel()


def test_balance_draws_both_kinds_of_pruning():
    frame = pd.DataFrame({"pes": [4, 32], "balanced_speedup": [8.0, 6.4], "plain_speedup": [7.9, 6.2]})
    axes = plots.balance(frame, "title")
    drawn = {line.get_label(): list(line.get_ydata()) for line in axes.lines}
    assert drawn == {"balanced pruning": [8.0, 6.4], "plain pruning": [7.9, 6.2]}
    assert {"balanced pruning", "plain pruning", "4", "32"} <= set(words(axes))
    assert "speed-up" in axes.get_ylabel()


def test_names_at_the_ends_of_lines_stay_apart_and_inside():
    axes = style.one(4, 4)
    axes.plot([0, 1], [0, 1])
    axes.set_ylim(0, 1)
    style.label_ends(axes, [style.Label(str(i), 0.97 + i / 1000, "k") for i in range(5)])
    heights = [text.xy[1] for text in axes.texts]
    assert np.diff(heights) == pytest.approx([0.055] * 4)
    assert heights[-1] == pytest.approx(1)
    lonely = style.one(4, 4)
    lonely.set_yscale("log")
    lonely.set_ylim(1, 100)
    style.label_ends(lonely, [style.Label("a", 10, "k")])
    assert lonely.texts[0].xy == (1.01, pytest.approx(0.5))


def test_the_same_axes_give_the_same_bytes(tmp_path):
    for name in ("a.svg", "b.svg", "a.pdf", "b.pdf"):
        plots.save(plots.energy(made(3), "t"), tmp_path / name)
    for ending in ("svg", "pdf"):
        assert (tmp_path / f"a.{ending}").read_bytes() == (tmp_path / f"b.{ending}").read_bytes()


def command(*arguments):
    return CliRunner().invoke(app, ["plot", *map(str, arguments)])


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_the_command_writes_a_picture(result, tmp_path, ending):
    picture = tmp_path / f"schedule.{ending}"
    done = command(result, "schedule", "-o", picture)
    assert done.exit_code == 0, done.output
    assert picture.stat().st_size > 2000


def test_files_of_all_sorts_are_read(tmp_path):
    run = CliRunner().invoke(app, ["run", "eie", "nt-we", "--scale", "0.05", "--json"]).stdout
    (tmp_path / "run.json").write_text(run)
    (tmp_path / "run.csv").write_text(
        CliRunner().invoke(app, ["run", "eie", "nt-we", "--scale", "0.05", "--csv"]).stdout
    )
    small = ["--scale", "0.05", "--layer", "fc8", "--layer", "conv5"]
    both = CliRunner().invoke(app, ["compare", "alexnet", *small, "--machines", "eie,scnn", "--json"]).stdout
    (tmp_path / "both.json").write_text(both)
    (network,) = run_layers([load_arch("eie")], ("conv5", "fc8"), scale=0.05)
    (tmp_path / "network.json").write_text(json.dumps(network.to_dict()))
    names = ["run.json", "run.csv", "both.json", "network.json"]
    read = [read_file(tmp_path / name) for name in names]
    assert [one.kind for one in read] == ["layer", "rows", "comparison", "network"]
    frame, title = results(read)
    assert title == "2 workloads on 2 configurations"
    assert rows.layer_of(frame).tolist() == [
        "nt-we",
        "nt-we",
        "alexnet-conv5",
        "alexnet-fc8",
        "alexnet-fc8",
        "alexnet-fc8",
    ]
    assert rows.machine_of(frame).tolist() == ["eie_64pe", "eie_64pe", "scnn", "eie", "scnn", "eie_64pe"]
    assert frame["energy_pj.total"].iloc[0] == json.loads(run)["energy_pj"]["total"] == frame["energy_pj.total"].iloc[1]
    assert frame["reason_units.PE"].iloc[0] == frame["reason_units.PE"].iloc[1]
    for name in ("energy", "latency", "roofline", "pareto"):
        done = command(*(tmp_path / one for one in names), name, "-o", tmp_path / "a.png")
        assert done.exit_code == 0, (name, done.exception)


def test_compression_is_read(tmp_path):
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "own.npz", weight=rng.standard_normal((30, 40)).astype(np.float32), activation=np.ones(40))
    done = CliRunner().invoke(
        app,
        ["compress", str(tmp_path / "own.npz"), "--density", "0.3", "--json", "-o", str(tmp_path / "own.safetensors")],
    )
    (tmp_path / "stages.json").write_text(done.stdout)
    outcome = json.loads(done.stdout)["layers"]
    axes = plots.draw([tmp_path / "stages.json"], "storage")
    heights = [[bar.get_height() for bar in bars] for bars in axes.containers]
    assert heights == [[outcome[0][stage] / 8000 for stage in stored.STAGES]]
    inspected = CliRunner().invoke(app, ["inspect", str(tmp_path / "own.safetensors"), "--json"]).stdout
    (tmp_path / "own.json").write_text(inspected)
    (layer,) = json.loads(inspected)["layers"]
    for files, bars in ((["own.json"], 0), (["own.json", "own.npz"], BINS)):
        (axes,) = plots.draw([tmp_path / name for name in files], "weights")
        kept = [(value, n) for value, n in zip(layer["codebook"], layer["code_counts"], strict=True) if n]
        assert list(axes.lines[0].get_xdata()) == [value for value, _ in kept]
        shares = [100 * n / sum(count for _, count in kept) for _, n in kept]
        assert list(axes.lines[0].get_ydata()) == pytest.approx(shares)
        assert len(axes.patches) == bars


def test_steps_are_read(tmp_path):
    steps = [{"step": "a", "energy_uj": 4.0, "factor": None}, {"step": "b", "energy_uj": 2.0, "factor": 2.0}]
    (tmp_path / "steps.json").write_text(json.dumps({"workload": "w", "steps": steps}))
    axes = plots.draw([tmp_path / "steps.json"], "waterfall")
    assert [label.get_text() for label in axes.get_yticklabels()] == ["a", "b"]
    assert "w" in words(axes)


def test_the_list_of_pictures():
    done = CliRunner().invoke(app, ["plot"], env={"COLUMNS": "200"})
    assert done.exit_code == 0, done.output
    for name, kind in plots.KINDS.items():
        assert name in done.stdout
        assert kind.about.split()[0] in done.stdout


NOTHING = '{"tables": []}'
BAD = {
    "another ending": ("{}", "schedule", "a.gif", "a.gif: it ends with '.gif'; expected one of .png, .svg, .pdf"),
    "no JSON": ("no", "schedule", "a.png", "given.json: it is no JSON (Expecting value: line 1 column 1"),
    "a list": ("[]", "schedule", "a.png", "given.json: it holds a list; expected what a command wrote"),
    "no schedule": (NOTHING, "schedule", "a.png", "schedule needs slot, cycles, product"),
    "where from": (NOTHING, "schedule", "a.png", ", which it lacks; expected `run ese LAYER --json`"),
    "no points": ('{"study": "s"}', "balance", "a.png", "balance needs pes, balanced_speedup, plain_speedup"),
    "points of another study": (
        '{"study": "s", "points": [{"pes": 4}]}',
        "granularity",
        "a.png",
        "which it lacks; expected `study granularity",
    ),
    "tables of a strange kind": (
        '{"machine": "ese", "config": "c", "cycles": 3, "tables": [3]}',
        "schedule",
        "a.png",
        "it is not as a command writes it",
    ),
    "points of a strange kind": ('{"study": "s", "points": 3}', "balance", "a.png", "it is not as a command writes it"),
    "words for numbers": (
        '{"study": "s", "points": [{"pes": "many", "balanced_speedup": "x", "plain_speedup": "y"}]}',
        "balance",
        "a.png",
        "balance cannot be drawn of its values",
    ),
    "only empty cells": (
        '{"study": "s", "points": [{"pes": 4, "balanced_speedup": null, "plain_speedup": 3}]}',
        "balance",
        "a.png",
        "and no row has all",
    ),
    "a typo": ("{}", "utilization", "a.png", "padding, density, utilisation, queues"),
    "a near kind": ("{}", "utilization", "a.png", "published, errors (utilisation is near)"),
    "a kind that is not near": ("{}", "pie", "a.png", "kind is 'pie'; expected one of energy, latency, speedup"),
    "no kind at all": ("{}", "xyz", "a.png", "kind is 'xyz'; expected one of energy, latency, speedup"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input(case, tmp_path):
    text, kind, name, sentence = BAD[case]
    given = tmp_path / "given.json"
    given.write_text(text)
    done = command(given, kind, "-o", tmp_path / name)
    assert isinstance(done.exception, InputError), done.output
    assert sentence in str(done.exception)
    assert "\n" not in str(done.exception)


def test_missing_columns_are_named(tmp_path):
    made(3).drop(columns=["units.pe", "time_us"]).to_csv(tmp_path / "rows.csv", index=False)
    done = command(tmp_path / "rows.csv", "speedup", "-o", tmp_path / "a.png")
    assert "rows.csv: speedup needs units.pe, time_us, which it lacks; expected a store of `sweep`" in str(
        done.exception
    )


def test_bad_arguments(tmp_path):
    for arguments, sentence in (
        (["energy"], "plot energy: no file is given; expected `run --json`"),
        (["a.json", "energy"], "no file to write is given; expected -o"),
        (
            ["a.json", "-o", "a.png"],
            "plot: a.json is the last word; expected a kind of picture after it: one of energy",
        ),
        (["a.json", "s.db"], "plot: s.db is the last word; expected a kind of picture after it"),
        (
            ["a.json", "p_energy.png"],
            "plot: p_energy.png is not after -o; expected RESULT... KIND -o p_energy.png, with",
        ),
        (["a.json", "b.json", "queues", "-o", "a.png"], "queues: 2 files are given; expected one"),
        (["store.db", "energy", "-o", "a.png"], "store.db: "),
        (
            [tmp_path / "none.csv", "energy", "-o", "a.png"],
            "none.csv: there is no such file; expected what a command wrote",
        ),
    ):
        assert sentence in str(command(*arguments).exception), arguments


def test_weights_of_another_layer_are_refused(tmp_path):
    layer = {"codebook": [0, 1], "code_counts": [0, 3]}
    outcome = {"method": "m", "layers": [{"name": "a", **layer}, {"name": "b", **layer}]}
    (tmp_path / "levels.json").write_text(json.dumps(outcome))
    np.savez(tmp_path / "c.npz", weight=np.ones(3))
    with pytest.raises(InputError, match="it is none of the layers a, b; expected an array `weight`"):
        plots.draw([tmp_path / "levels.json", tmp_path / "c.npz"], "weights")


def papers_rows():
    """Two figures of curves, a table, and a curve without published points."""
    columns = ("table", "row", "quantity", "published", "simulated", "mark")
    rows = [
        ("Fig 1", "a, pes=1", "load_balance_percent", 50.0, 55.0, "measured"),
        ("Fig 2", "density 0.5", "energy_nj", None, 3.0, "measured"),
        ("Fig 1", "a, pes=16", "load_balance_percent", 40.0, 30.0, "measured"),
        ("Fig 2", "density 1.0", "energy_nj", 4.0, 5.0, "measured"),
        ("Fig 1", "b, pes=1", "load_balance_percent", None, 60.0, "measured"),
        ("Table 3", "b", "power_w", 2.0, 6.0, "fitted"),
        ("Table 3", "c", "power_w", 4.0, 5.0, "printed"),
    ]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(paper="P", error_percent=100 * (frame["simulated"] / frame["published"] - 1))


def test_published_points_stand_beside_the_simulated_line():
    drawn = plots.published(papers_rows(), "a title")
    assert [axes.get_title(loc="left") for axes in drawn] == ["Fig 1: a", "Fig 2"]
    assert drawn[1].get_ylabel() == "energy (nJ)"
    first, second = drawn
    assert first.get_ylabel() == "load balance (%)"
    assert first.get_xlabel() == "PEs"
    lines = {line.get_label(): (list(line.get_xdata()), list(line.get_ydata())) for line in first.lines}
    assert lines == {"simulated": ([1, 16], [55, 30]), "published": ([1, 16], [50, 40])}
    assert first.get_ylim()[0] == 0
    assert first.get_ylim()[1] > 55
    lines = {line.get_label(): list(line.get_ydata()) for line in second.lines}
    assert lines["simulated"] == [3, 5]
    assert lines["published"] == [4]
    assert "left out: 3 rows without a curve or table" in words(first)
    with pytest.raises(ValueError, match="no row with a published value is a point of a curve, or one of 8"):
        plots.published(papers_rows()[-2:], "")


def test_published_rows_of_a_table_are_rings_over_the_names_of_layers():
    count = 9
    frame = pd.DataFrame(
        {
            "table": "Fig 9",
            "row": [f"net-conv{number}" for number in range(count)],
            "quantity": "speed_up",
            "published": [*range(1, count), None],
            "simulated": 2.0,
            "figure_class": ["predicted", "calibrated"] * 4 + ["predicted"],
            "mark": "C",
        }
    )
    (axes,) = plots.published(frame, "a title")
    assert [text.get_text() for text in axes.get_xticklabels()] == [f"conv{number}" for number in range(count - 1)]
    lines = {line.get_label(): (list(line.get_xdata()), list(line.get_ydata())) for line in axes.lines}
    assert lines == {
        "simulated": (list(range(8)), [2] * 8),
        "published": ([0, 2, 4, 6], [1, 3, 5, 7]),
        "published, not predicted": ([1, 3, 5, 7], [2, 4, 6, 8]),
    }
    assert "left out: 1 row without a curve or table" in words(axes)


def test_errors_are_dots_on_a_line_for_each_table():
    frame = papers_rows().dropna(subset=["error_percent"])
    axes = plots.errors(frame, "a title")
    names = [text.get_text() for text in axes.get_yticklabels()]
    assert names == ["Fig 1, load balance (%)", "Fig 2, energy (nJ)", "Table 3, power (W)"]
    dots = {one.get_label(): sorted(np.round(one.get_offsets(), 6).tolist()) for one in axes.collections}
    assert dots["calibrated, given"] == [[100, 2]]  # off by 200 %: at the edge
    assert dots["predicted"] == [[-25, 0], [10, 0], [25, 1], [25, 2]]
    said = words(axes)
    assert "1 figures are off by more than 100 %, drawn at the edge" in said
    assert {"17.5 %", "25.0 %"} <= set(said)  # of what is predicted
    assert "112.5 %" not in said


def test_a_band_and_bars_are_deviations_over_draws_and_uncertainties():
    frame = papers_rows().assign(deviation=2.0, uncertainty=0.7, figure_class=None)
    first = plots.published(frame, "a title")[0]
    lengths = [np.ptp(part[:, 1]) for bars in first.containers for part in bars.lines[2][0].get_segments()]
    assert np.round(lengths, 6).tolist() == [1.4, 1.4]  # of what is published
    (band,) = [one for one in first.collections if one.get_label() == "± over draws"]
    corners = band.get_paths()[0].vertices
    for place in set(corners[:, 0]):
        assert np.ptp(corners[corners[:, 0] == place, 1]) == pytest.approx(4.0)
    frame.loc[0, "figure_class"] = "given"
    axes = plots.errors(frame.dropna(subset=["error_percent"]), "a title")
    dots = {one.get_label(): one.get_offsets() for one in axes.collections if one.get_label()[0] != "_"}
    assert len(dots["calibrated, given"]) == 2
    assert "25.0 %" in words(axes)


def test_validation_is_drawn_from_its_file(tmp_path):
    path = tmp_path / "rows.csv"
    papers_rows().to_csv(path, index=False)
    for kind in ("published", "errors"):
        done = CliRunner().invoke(app, ["plot", str(path), kind, "-o", str(tmp_path / f"{kind}.svg")])
        assert done.exit_code == 0, done.output
        assert "simulated and published: P" in words(
            plots.draw([path], kind)[0] if kind == "published" else plots.draw([path], kind)
        )


def test_a_notebook_shows_the_picture():
    shown = plots.show(plots.published(papers_rows(), "a title"))
    assert shown._repr_png_().startswith(b"\x89PNG")
    assert repr(shown) == "<picture>"
    assert plots.show(plots.published(papers_rows(), "a title")) == shown


def test_further_tables_share_the_last_line():
    count = papers.MOST_LINES + 10
    frame = pd.DataFrame(
        {"table": [f"T{i}" for i in range(count)], "quantity": "power_w", "mark": "printed"}
        | {"error_percent": np.arange(count, dtype=float)}
    )
    axes = plots.errors(frame, "t")
    names = [text.get_text() for text in axes.get_yticklabels()]
    assert names == [f"T{i}, power (W)" for i in range(papers.MOST_LINES - 1)] + ["11 other tables"]
    (dots,) = axes.collections
    assert dots.get_offsets()[:, 1].tolist() == [min(i, papers.MOST_LINES - 1) for i in range(count)]
    means = [text.get_text() for text in axes.texts]
    assert means[-1] == f"{np.mean(np.arange(papers.MOST_LINES - 1, count)):.1f} %"
    assert len(means) == papers.MOST_LINES


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Two machines, a point that fails, and a pair of densities."""
    path = tmp_path_factory.mktemp("store") / "s.db"
    fixed = {"scale": 1 / 16}
    zeroskip.sweep("eie", "nt-we", {"pes": [2, 4], "queue_depth": [1, 8]}, fixed=fixed, store=path, jobs=1)
    zeroskip.sweep("scnn", "vgg16-conv5_1", {"density": [0.2, 0.4], "rows": [0, 8]}, fixed=fixed, store=path, jobs=1)
    return path


def test_a_stores_points_are_drawn_as_results_are(store):
    frame = read_file(store).content
    assert len(frame) == 6  # two failed
    for row in frame[frame["machine"] == "eie"].to_dict("records"):
        config = load_arch("eie", pes=int(row["pes"]), queue_depth=int(row["queue_depth"]))
        (outcome,) = simulate(config, load_workload("nt-we", scale=1 / 16)).to_frame().to_dict("records")
        for key in [key for key in outcome if key.startswith(("arch.", "units.", "reason_units."))]:
            assert row[key] == outcome[key], key
    scnn = frame[frame["machine"] == "scnn"]
    assert set(scnn["reason_units.PE"]) == {"; ".join(find("scnn").reason_units["PE"])}


@pytest.mark.parametrize(
    "name", [name for name, kind in kinds.KINDS.items() if kind.command in (kinds.RUNS, kinds.SIZES)]
)
def test_every_kind_of_results_is_drawn_of_a_store(name, store):
    axes = as_list(plots.draw([store], name))
    said = words(axes[0])
    if name == "queue-depth":
        assert {"nt-we, eie_64pe, pes=2", "nt-we, eie_64pe, pes=4"} <= set(said)
    if name == "latency":
        assert any("20 % of weights" in word for word in said)


@pytest.fixture(scope="module")
def network_store(tmp_path_factory):
    """Two matrices as a network, over two densities."""
    folder = tmp_path_factory.mktemp("networks")
    rng = np.random.default_rng(0)
    layers = {f"{name}/weight": rng.standard_normal((16, 16)) for name in ("a", "b")}
    np.savez(folder / "net.npz", **layers)
    zeroskip.sweep(
        "eie", str(folder / "net.npz"), {"density": [0.2, 0.4], "pes": [2, 4]}, store=folder / "s.db", jobs=1
    )
    return folder / "s.db"


def test_a_store_of_networks_is_drawn_as_far_as_it_can_be(network_store):
    time, _ = plots.draw([network_store], "density")
    assert [list(line.get_xdata()) for line in time.lines] == [[20, 40]] * 2
    axes = plots.draw([network_store], "speedup")
    assert axes.lines[0].get_ydata()[0] == 1
    for name in ("roofline", "padding", "queue-depth"):
        with pytest.raises(InputError, match=f"s.db: {name} needs .*; expected .* or a store of single layers$"):
            plots.draw([network_store], name)


@pytest.mark.parametrize("name", ["energy", "latency"])
def test_bars_of_a_store_of_networks_say_what_was_asked_for(name, network_store):
    (axes, *_) = as_list(plots.draw([network_store], name))
    names = [text.get_text() for text in axes.get_yticklabels()]
    assert names == [f"pes={pes}, density={share:g}" for share in (0.2, 0.4) for pes in (2, 4)]


def test_a_front_of_a_store_of_networks_says_what_was_asked_for(network_store):
    axes = plots.draw([network_store], "pareto")
    named = [text.get_text() for text in axes.texts]
    assert named
    assert all(re.fullmatch(r"pes=\d, density=0\.[24]", name) for name in named)


def test_names_hold_every_setting_in_which_points_of_one_name_differ():
    base = {"channel_spread": 1, "machine": "eie", "config": "eie_64pe", "workload": "a", "seed": 0, "time_us": 1.0}
    changes = ({}, {"seed": 1}, {"channel_spread": 2}, {"density": 0.3}, {"time_us": 2.0})
    frame = pd.DataFrame([{**base, **change} for change in changes])
    assert rows.full_names(frame).tolist() == [
        "a, seed=0, channel_spread=1",
        "a, seed=1, channel_spread=1",
        "a, seed=0, channel_spread=2",
        "a, density=0.3, seed=0, channel_spread=1",
        "a, seed=0, channel_spread=1",
    ]


def test_a_store_of_layers_is_what_other_refusals_expect(store):
    frame = read_file(store).content.drop(columns="load_balance")
    with pytest.raises(InputError, match="expected .* or a store of `sweep`$"):
        kinds.draw_files([StoredFile(store, "rows", frame)], "queue-depth")


def test_a_stores_machine_that_is_not_installed_stays_as_it_is():
    frame = pd.DataFrame({"machine": ["nosuch", "eie"], "cycles": [5.0, None], "pes": [1, 2]})
    kept = as_results(frame)
    assert kept.to_dict("records") == [{"machine": "nosuch", "cycles": 5.0, "pes": 1}]
    assert as_results(frame[["pes"]]).equals(frame[["pes"]])
