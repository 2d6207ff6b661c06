"""Pictures: one colour for one meaning, hollow points for what does not fit, alternatives that are no steps."""

import pandas as pd
import pytest
from matplotlib.colors import to_hex

from simulator import plots
from simulator.config.load import load_arch, shipped
from simulator.core.registry import machines
from simulator.html import pictures
from simulator.plots import gantt, style
from simulator.plots.colours import ALL, MEANINGS, hatches, ink, light, of_machines, of_names
from simulator.plots.words import label

ROWS = pd.DataFrame(
    {
        "workload": "x",
        "config": "eie_64pe",
        "time_us": [1.0, 2.0, 3.0, 4.0],
        "energy_uj": [5.0, 4.0, 1.0, 6.0],
        "violations": ["", "", "spmat: too small", ""],
        "units.pe": [1, 2, 4, 8],
    }
)


@pytest.mark.parametrize("name", shipped())
def test_no_two_components_of_a_machine_share_a_colour(name):
    technology = load_arch(name).technology
    parts = list(dict.fromkeys(one.component for one in (*technology.static_mw, *technology.energy_pj)))
    colours = of_names(parts)
    assert len(set(colours.values())) == len(parts)
    assert of_names(parts[::-1]) == colours == {part: of_names([part])[part] for part in parts}
    assert of_names([label(part) for part in parts]) == {label(part): colour for part, colour in colours.items()}


@pytest.mark.parametrize("name", machines())
def test_every_reason_has_its_colour_and_no_two_of_a_unit_share_one(name):
    for reasons in machines()[name].reason_units.values():
        colours = of_names(reasons)
        assert len(set(colours.values())) == len(reasons)
        assert colours == {reason: of_names(["unknown", "other", reason])[reason] for reason in reasons}


@pytest.mark.parametrize(
    "names",
    [
        ("idle", "finished", "ppu_idle", "feeder_idle", "assembler_idle", "element_idle", "memory_idle"),
        ("queue_full", "fifo_full", "waiting"),
        ("fetch", "dram_wait", "dram"),
        ("weight_wait", "weight_buffer", "weight_fifo", "weights"),
        ("element", "element_wise", "element-wise"),
        ("ppu", "ppu_wait", "compress"),
        ("lnzd", "scan"),
        ("product", "busy", "multiply", "compute", "arithmetic", "multipliers"),
        ("vectors", "activation_buffers", "act_read_write"),
    ],
)
def test_one_role_has_one_colour_in_all_pictures(names):
    assert len({of_names(["unknown", name])[name] for name in names}) == 1


def test_a_schedule_and_a_page_use_the_colours_of_roles():
    frame = pd.DataFrame({"slot": ["1"], "cycles": [9]})
    for part in gantt.GANTT_PARTS:
        frame[part], frame[f"{part} cycles"] = "a", 9
    drawn = [to_hex(bar.get_facecolor()) for bar in gantt.schedule(frame, "").patches]
    assert drawn == list(of_names(["multipliers", "element_wise", "weight_buffers", "activation_buffers"]).values())
    parts = {"dram": 5.0, "multipliers": 7.0, "weight_fifo": 3.0}
    bars = pictures.energy(parts).axes[0].patches
    wanted = of_names(["weight_fifo", "dram", "multipliers"])  # the largest on top
    assert [to_hex(bar.get_facecolor()) for bar in bars] == list(wanted.values())
    rows = ROWS.assign(machine=["scnn", "scnn", "dcnn", "dcnn"], fits=True)
    groups = pictures.trade(rows, "time_us", "energy_uj", "machine").axes[0].collections
    assert [to_hex(one.get_edgecolor()[0]) for one in groups] == [
        of_machines(["scnn", "dcnn"])[name] for name in ("dcnn", "scnn")
    ]


def test_texts_can_be_read_on_every_colour():
    assert [ink(colour) for colour in ("#0072b2", "#56b4e9", "#e69f00", "#7b3294")] == [
        "white",
        "black",
        "black",
        "white",
    ]


def test_a_machine_has_its_colour_whatever_is_next_to_it():
    names = list(machines())
    assert len(set(of_machines(names).values())) == len(names)
    for name in names:
        assert of_machines([name]) == {name: of_machines(names)[name]}
        default = machines()[name].default
        assert of_machines([default])[default] == of_machines(names)[name]
    mixed = of_machines(["own", "scnn", "scnn_8x8"])
    assert len(set(mixed.values())) == 3
    assert of_machines([str(n) for n in range(9)])["8"] == style.OTHER


def test_a_work_has_one_colour_on_all_machines():
    assert {of_names([name])[name] for name in ("busy", "compute", "multiply", "multipliers")} == {style.COLOURS[0]}
    assert set(MEANINGS) <= set(ALL)
    assert light("#0072b2") == "#7fb8d8"


def test_names_that_share_a_colour_in_one_legend_differ_in_their_hatch():
    reasons = ["cycles_by_reason.multiply", "cycles_by_reason.fetch"], ["cycles_by_reason.compute"]
    frame = pd.DataFrame({"config": ["a", "b"], "workload": "w", "time_us": 1.0, "reason_units.PE": ""})
    for place, names in enumerate(reasons):
        frame.loc[place, "reason_units.PE"] = "; ".join(name.removeprefix("cycles_by_reason.") for name in names)
        for name in names:
            frame.loc[place, name] = 1.0
    energies = frame.assign(**{f"energy_pj.{name}": 1e6 for name in ("weight_fifo", "weight_buffer", "dram", "total")})
    for drawn in (plots.latency(frame, "t"), plots.energy(energies, "t")):
        looks = [(bars.patches[0].get_facecolor(), bars.patches[0].get_hatch() or "") for bars in drawn.containers]
        assert len(looks) == 3 == len(set(looks)) > len({colour for colour, _ in looks})
        assert looks[0][1] == ""
    assert hatches({"a": "red", "b": "blue"}) == {"a": "", "b": ""}
    assert len(set(hatches(dict.fromkeys("abcd", "red")).values())) == 4


def markers(axes):
    """The points of hollow and of filled markers."""
    found = {True: [], False: []}
    for line in axes.lines:
        if line.get_marker() == "o" and line.get_linestyle() == "None":
            hollow = line.get_markerfacecolor() == "white"
            found[hollow] += zip(line.get_xdata(), line.get_ydata(), strict=True)
    return found


def test_a_front_goes_through_what_fits():
    axes = plots.pareto(ROWS, "t")
    assert markers(axes)[True] == [(3, 1)]
    (front,) = [line for line in axes.lines if line.get_drawstyle() == "steps-post"]
    assert list(zip(front.get_xdata(), front.get_ydata(), strict=True)) == [(1, 5), (2, 4)]
    assert "hollow: 1 result that does not fit its machine, on no line" in style.figure_of(axes).get_supxlabel()
    plain = plots.pareto(ROWS.drop(columns="violations"), "t")
    assert "hollow" not in style.figure_of(plain).get_supxlabel()
    assert markers(plain)[True] == []


def test_a_line_has_hollow_points():
    axes = plots.speedup(ROWS, "t")
    assert markers(axes)[True] == [(4, pytest.approx(1 / 3))]
    assert "hollow: 1 result " in style.figure_of(axes).get_supxlabel()


def steps(**columns):
    frame = pd.DataFrame({"step": ["a", "b", "c"], "energy_uj": [8.0, 4.0, 2.0], "factor": [None, 2.0, 2.0]})
    return frame.assign(**columns)


def test_steps_go_down_and_alternatives_are_whole():
    spans = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in plots.waterfall(steps(), "t").patches]
    assert spans == [(0, 8), (4, 8), (2, 4)]
    axes = plots.waterfall(steps(over=[None, "a", "a"], factor=[None, 2.0, 4.0]), "t")
    assert [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in axes.patches] == [(0, 8), (0, 4), (0, 2)]
    assert "alternatives" in style.figure_of(axes).get_supxlabel()
