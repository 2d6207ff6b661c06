"""The published figures of ESE stay as near as they are said to be; and ESE on the command line."""

import json
from importlib.resources import files

import numpy as np
import pytest
import yaml
from typer.testing import CliRunner

from simulator.cli import app, main
from simulator.machines.ese import MACHINE
from simulator.machines.ese.engine.run import time_steps
from simulator.machines.ese.layout.streams import layout
from simulator.machines.ese.paper.balance import points, to_dict
from simulator.machines.ese.paper.real_cycles import TAIL, real_cycles
from simulator.machines.ese.paper.validation import SUM, rows
from simulator.machines.ese.paper.waits import waits
from simulator.run.simulate import simulate
from zeroskip import load_arch, load_workload

MATRICES = ["Wix", "Wfx", "Wcx", "Wox", "Wir", "Wfr", "Wcr", "Wor", "Wym"]
LATER = ["Wcr", "Wor", "Wym"]


@pytest.fixture(scope="module")
def validated():
    """Rows by quantity and name, of one draw."""
    return {(row.quantity, row.row): row for row in rows(seed=0, draws=1)}


@pytest.fixture(scope="module")
def google():
    """The layer with one voice, which changes x' fetch and nothing that binds."""
    form = MACHINE.formats(load_arch("ese").arch)["LSTM"]
    return load_workload("google-lstm", formats={"LSTM": form._replace(voices=1)})


def test_theoretical_times_are_those_that_are_printed(validated):
    for name in MATRICES:
        row = validated["theoretical_us", name]
        assert round(row.simulated, 1) == row.published
    total = validated["theoretical_us", "total"]
    assert total.published == pytest.approx(total.simulated, abs=1e-9)


@pytest.mark.parametrize(("name", "percent"), [*((name, 3) for name in MATRICES[:4]), ("Wir", 5), ("Wfr", 5)])
def test_real_times_of_the_matrices(validated, name, percent):
    assert abs(validated["real_us", name].error_percent) <= percent


@pytest.mark.parametrize(
    ("quantity", "percent"), [("real_us", 5), ("gops", 5), ("gops_dense_equivalent", 5), ("power_w", 1)]
)
def test_the_whole(validated, quantity, percent):
    row = validated[quantity, "board" if quantity == "power_w" else "total"]
    assert abs(row.error_percent) <= percent


@pytest.mark.parametrize("quantity", ["speed_ratio", "energy_ratio"])
@pytest.mark.parametrize("baseline", ["CPU dense", "CPU sparse", "GPU dense", "GPU sparse"])
def test_ratios_to_the_baselines(validated, quantity, baseline):
    assert abs(validated[quantity, baseline].error_percent) <= 5


def test_resources(validated):
    assert validated["resources", "dsp_slices"].error_percent == 0
    assert abs(validated["resources", "block_rams"].error_percent) <= 5


def curve(validated, name):
    """Simulated and published speed-ups by share of pruned weights."""
    found = {row: one for (quantity, row), one in validated.items() if quantity == "speedup_over_dense"}
    return [one for row, one in found.items() if row.startswith(name)]


@pytest.mark.parametrize("name", ["balanced", "plain"])
def test_both_curves_are_near_the_published_ones(validated, name):
    errors = [abs(row.error_percent) for row in curve(validated, name) if row.published is not None]
    assert len(errors) == 5
    assert sum(errors) / 5 <= 2.5
    rising = [row.simulated for row in curve(validated, name)]
    assert rising == sorted(rising)


def test_balance_is_worth_more_the_more_is_pruned(validated):
    gains = [
        b.simulated / p.simulated for b, p in zip(curve(validated, "balanced"), curve(validated, "plain"), strict=True)
    ]
    assert gains[:5] == sorted(gains[:5])  # to 60 %; beyond, fetches are a part of both
    assert gains[0] > 1


def test_balanced_pruning_does_not_depend_on_the_roughness_of_rows():
    form, arch = MACHINE.formats(load_arch("ese").arch)["LSTM"]._replace(voices=1), load_arch("ese", dram="none")
    cycles = {}
    for balanced in (True, False):
        formats = {"LSTM": form._replace(balanced=balanced)}
        drawn = [
            load_workload("google-lstm", density=0.2, recipe={"row_scale": scale}, formats=formats)
            for scale in (0.071, 0.284)
        ]
        cycles[balanced] = [simulate(arch, one, output=False).run.cycles for one in drawn]
    assert cycles[True][1] == pytest.approx(cycles[True][0], rel=0.01)
    assert cycles[False][1] > 1.05 * cycles[False][0]


def test_the_waits_of_a_matrix_add_up_to_its_time(google):
    config = load_arch("ese")
    (streams,) = layout(config.arch, google.layer)
    charged = real_cycles(config, streams)
    for one in waits(config, streams):
        assert sum(one[1:-1]) == one.cycles == charged[one.matrix]
        assert one.entries == streams.matrices[one.matrix].lines
        assert min(one.queues, one.assembly, one.fetch) >= 0
    found = {one.matrix: one for one in waits(config, streams)}
    assert found["Wix"].assembly > 0 == found["Wor"].assembly
    assert found["Wym"].fetch > 10 * found["Wor"].fetch


def test_what_is_not_published_is_simulated_all_the_same(validated):
    for name in LATER:
        row = validated["real_us", name]
        assert row.published is row.error_percent is None
        assert row.simulated > validated["theoretical_us", name].simulated


def test_the_parts_of_the_real_time_add_up(validated):
    parts = [validated["real_us", name].simulated for name in MATRICES]
    assert validated["real_us", SUM].simulated == pytest.approx(sum(parts))
    total = validated["real_us", SUM].simulated + validated["real_us", TAIL].simulated
    assert validated["real_us", "total"].simulated == pytest.approx(total)


@pytest.mark.parametrize(
    "changes", [{}, {"weight_buffer_entries": 128}, {"dram": "none", "line_cycles": 4}, {"element_lanes": 1}]
)
def test_every_cycle_is_charged_to_one_part(google, changes):
    config = load_arch("ese", **changes)
    passes = layout(config.arch, google.layer)
    charged = real_cycles(config, passes[0])
    assert sum(charged.values()) == simulate(config, google, output=False, passes=passes).run.cycles
    assert list(charged) == [*(name for name in passes[0].matrices), TAIL]


def test_a_fetch_that_all_else_waits_for_is_charged_to_its_matrix(google):
    # Lines four times as slow; every matrix is fetched in one slot. Wix is fetched during Wym's product, Wym during o.
    config = load_arch("ese", dram="none", line_cycles=4, weight_buffer_entries=1 << 20)
    (streams,) = layout(config.arch, google.layer)
    charged, fetch = real_cycles(config, streams), {name: 4 * m.lines + 1 for name, m in streams.matrices.items()}
    wym, element = time_steps(config.arch, streams, 1)[0][-1].work.product_cycles, 1024 // 4 + 12
    assert charged["Wix"] == (1024 + 48) + (fetch["Wix"] - wym)
    assert charged["Wym"] == wym + (fetch["Wym"] - element)
    assert charged[TAIL] == 4 * element  # Woc c, h, o, m


def test_a_wait_for_two_fetches_is_charged_to_the_one_that_begins(google):
    # Slot 4 fetches the rest of Wir, which it multiplies, and the first half of Wfr.
    config = load_arch("ese", dram="none", line_cycles=4)
    (streams,) = layout(config.arch, google.layer)
    step = time_steps(config.arch, streams, 1)[0]
    timings = {slot.slot: timing for slot, timing in zip(streams.slots, step, strict=True)}
    half = config.arch.weight_buffer_entries  # in lines too: as many entries in each as there are PEs
    assert timings[4].cycles == 4 * ((streams.matrices["Wir"].lines - half) + half) + 1
    waits = timings[4].cycles - timings[4].work.product_cycles
    assert real_cycles(config, streams)["Wfr"] == timings[5].work.product_cycles + waits


def test_a_strict_double_buffer_is_slower_by_what_its_fetches_exceed_the_products(google):
    # Each half holds any matrix whole: every fetch is in one slot, and Wym's in slot 11 during o alone.
    paper, strict = load_arch("ese", dram="none"), load_arch("ese", dram="none", weight_buffer_entries=2048)
    (streams,) = layout(strict.arch, google.layer)
    assert all("(" not in slot.weights for slot in streams.slots)
    loose = simulate(paper, google, output=False).run.cycles
    cycles = simulate(strict, google, output=False).run.cycles
    lines = {name: one.lines for name, one in streams.matrices.items()}
    lone = 1024 // 4 + 12
    assert cycles > loose, f"{cycles} cycles with 2,048 entries in each half, {loose} with 1,024"
    by_slot = {slot.slot: slot for slot in streams.slots}
    assert by_slot[11].weight_lines == lines["Wym"]
    # slots 3 and 7 wait for Wir and Wor, slot 11 for Wym, slot 12 for m alone
    waits = (lines["Wir"] + 1 - 1072) + (lines["Wor"] + 1 - 1072)
    wym = (lines["Wym"] + 1 + lone) - (1026 + (lines["Wym"] - 1024) + 1)
    assert cycles - loose == waits + wym


def test_more_pes_take_fewer_cycles_and_are_less_busy():
    few, many = points(0.1, seed=0, pes=(16, 64))
    assert few.balanced_cycles > many.balanced_cycles
    assert few.balanced_load > many.balanced_load
    assert few.balanced_speedup == few.dense_cycles / few.balanced_cycles
    assert few.plain_speedup == few.dense_cycles / few.plain_cycles
    (table,) = to_dict([few, many], 0.1)["tables"]
    assert [row[0] for row in table["rows"]] == ["16", "64"]
    assert len(table["columns"]) == len(table["rows"][0])
    assert table["rows"][0][4:6] == [f"{few.plain_speedup:.2f}", f"{few.balanced_speedup:.2f}"]


def test_what_is_published_is_consistent():
    tables = yaml.safe_load((files("simulator.machines.ese.paper") / "published.yaml").read_text("utf-8"))["tables"]
    found = {}
    for table in tables:
        found.setdefault(table["quantity"], {}).update(table["rows"])
    theory, real = found["theoretical_us"], found["real_us"]
    assert theory.pop("total") == pytest.approx(sum(theory.values()))
    assert list(theory) == MATRICES
    assert [name for name, value in real.items() if value is None] == LATER
    assert real["total"] == pytest.approx(real[SUM] + real[TAIL])
    zoo = yaml.safe_load((files("workloads.zoo") / "google_lstm.yaml").read_text("utf-8"))["google-lstm"][
        "packed_bytes"
    ]
    for name, value in theory.items():
        assert round(zoo[name]["value"] / 64 / 200 + 1e-9, 1) == value
    operations = 2 * sum(one["value"] / 2 for one in zoo.values()) * 32
    assert found["gops"]["total"] == pytest.approx(operations / real["total"] / 1000, rel=1e-3)
    dense = 2 * 32 * (4 * 1024 * (153 + 512) + 512 * 1024)
    assert found["gops_dense_equivalent"]["total"] == pytest.approx(dense / real["total"] / 1000, rel=1e-3)
    for table in tables:
        for row, value in table["rows"].items():
            if table["quantity"] == "speed_ratio":
                assert value == pytest.approx(table["baselines_us"][row] / real["total"], rel=2e-3)
            if table["quantity"] == "energy_ratio":
                joules = table["baselines_us"][row] * table["baselines_w"][row]
                assert value == pytest.approx(joules / (real["total"] * 41), rel=5e-3)


SMALL = ("google-lstm", "--scale", "0.05")


def call(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def printed(*arguments):
    result = call(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_run_tells_of_voices_steps_schedule_and_the_distance_from_float():
    found = printed("run", "ese", *SMALL)
    assert (found["machine"], found["voices"], found["time_steps"]) == ("ese", 32, 1)
    assert found["output_matches_reference"] is True
    assert 0 < found["distance_from_float"] < 0.2  # sigmoid's points are 1/16 apart
    (table,) = found["tables"]
    assert [row[1] for row in table["rows"]] == list(range(1, 14))
    assert sum(row[-1] for row in table["rows"]) == found["cycles"]
    assert found["multiplies"] == found["entries"] - found["padding_entries"]


def test_without_a_dram_each_time_step_takes_the_same_cycles():
    steady = (*SMALL, "--set", "dram=none")
    one, three = printed("run", "ese", *steady), printed("run", "ese", *steady, "--steps", 3)
    assert (three["time_steps"], three["cycles"]) == (3, 3 * one["cycles"])
    assert three["multiplies"] == 3 * one["multiplies"]


def test_pruning_may_be_plain():
    balanced, plain = (
        printed("run", "ese", *SMALL, "--prune", kind, "--set", "pes=4") for kind in ("balanced", "plain")
    )
    assert balanced == printed("run", "ese", *SMALL, "--set", "pes=4") | {"elapsed_s": balanced["elapsed_s"]}
    assert plain["weight_density"] == pytest.approx(balanced["weight_density"], rel=0.05)
    assert plain["counts"] != balanced["counts"]


def test_check_says_that_model_and_engine_are_equal():
    result = call("check", "ese", "google-lstm", "--scale", 0.02, "--set", "channels=2", "--steps", 2)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("equal")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["ese", *SMALL, "--prune", "x"], "prune is 'x'; expected balanced or plain"),
        (["eie", "nt-we", "--prune", "plain"], "nt-we: prune is plain; expected none, as it is fully connected"),
        (["eie", *SMALL], "google-lstm: its kind is LSTM; expected fully connected on eie_64pe"),
        (["ese", "alexnet-fc7"], "alexnet-fc7: its kind is fully connected; expected LSTM on ese_32x32"),
    ],
)
def test_what_no_machine_takes_is_a_sentence_and_exit_code_2(arguments, sentence, capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["zeroskip", "run", *arguments])
    with pytest.raises(SystemExit) as stop:
        main()
    assert (stop.value.code, capsys.readouterr().err) == (2, f"zeroskip: {sentence}\n")


def test_a_layer_at_full_size_computes_what_the_kernel_computes(google):
    from simulator.run.verify import check_output

    result = check_output(simulate(load_arch("ese"), google))
    assert result.output_matches_reference
    assert np.count_nonzero(result.run.output) > 0.9 * result.run.output.size
