"""DRAM behind a machine, priced by its data sheet: what it draws, what stays as it was, what is refused."""

import json
import math

import numpy as np
import pytest
from support.configurations import formats
from support.paths import ROOT
from typer.testing import CliRunner

from simulator.cli import app
from simulator.core.registry import find
from simulator.hardware.dram.engine.memory import Trace, serve, serve_channels
from simulator.hardware.dram.presets import load_dram
from simulator.hardware.dram.spec import to_clock
from simulator.pricing.data_sheet import CORE, IO, STANDBY, load_prices
from simulator.pricing.energy import STATIC, by_component
from simulator.studies.memories import Case, rows
from workloads.errors import InputError
from zeroskip import load_arch, load_workload, simulate

OWN = (CORE, IO, STANDBY)
CASES = {
    "eie": ("nt-we", {"pointer_bytes": 64}, 0.05),
    "ese": ("google-lstm", {}, 0.05),
    "scnn": ("alexnet-conv3", {"iaram_bytes": 48}, 0.2),
    "cambricon": ("alexnet-conv3", {"dram": "hbm2"}, 0.1),
}


def both(machine, **changes):
    """A run under flat prices and under the data sheet's."""
    layer, own, scale = CASES[machine]
    configs = [load_arch(machine, dram_energy=pricing, **own, **changes) for pricing in ("flat", "data_sheet")]
    workload = load_workload(layer, scale=scale, formats=formats(configs[0]))
    return [simulate(config, workload) for config in configs]


def sheet(result):
    return {(line.component, line.event): line for line in result.energy if line.component in OWN}


@pytest.mark.parametrize("machine", CASES)
def test_time_and_every_other_joule_stay(machine):
    flat, priced = both(machine)
    assert flat.run.cycles == priced.run.cycles
    asked = find(machine).dram_events
    kept = [line for line in priced.energy if line.component not in OWN]
    assert len(kept) == len(flat.energy)
    moved = 0
    for before, after in zip(flat.energy, kept, strict=True):
        if before.component == "dram" and (before.event in asked or before.event == STATIC):
            assert after.energy_pj == after.pj_each == 0
            assert after.times == before.times
            moved += before.times
        else:
            assert after == before
    assert moved
    total = math.fsum(line.energy_pj for line in priced.energy)
    assert by_component(priced.energy)["total"] == total


@pytest.mark.parametrize("machine", CASES)
def test_every_request_and_every_clock_is_priced(machine):
    _, priced = both(machine)
    found, config = find(machine), priced.config
    channels = found.dram_requests(config.arch, found.layout(config.arch, priced.workload.layer))
    lines, dram = sheet(priced), channels[0].dram
    prices = load_prices(config.written["dram"], dram)
    written = sum(int(one.write.sum()) for one in channels)
    asked = sum(one.line.size for one in channels)
    assert asked
    for component in (CORE, IO):
        assert lines[component, "writes"].times == written
        assert lines[component, "reads"].times == asked - written
    clocks = to_clock(dram, priced.run.cycles) * dram.ranks * len(channels)
    assert sum(lines[STANDBY, event].times for event in ("active_clocks", "precharged_clocks")) == clocks
    assert lines[CORE, "refreshes"].times in range(
        clocks // dram.refi - dram.ranks * len(channels), clocks // dram.refi + 1
    )
    assert 0 < lines[CORE, "activates"].times <= asked + lines[CORE, "refreshes"].times * dram.banks * dram.groups
    for (component, event), line in lines.items():
        assert line.energy_pj == line.times * line.pj_each
        assert line.source
        price = getattr(prices, {"reads": "read", "writes": "write"}.get(event, ""), None)
        if component == CORE and price:
            assert line.pj_each == price.pj


def test_a_memory_that_is_not_asked_is_in_standby_and_refreshed():
    config = load_arch("eie", dram_energy="data_sheet")
    result = simulate(config, load_workload("nt-we", scale=0.05))
    lines, prices = sheet(result), load_prices("lpddr2_1066", config.arch.dram)
    clocks = to_clock(config.arch.dram, result.run.cycles)
    assert lines[STANDBY, "precharged_clocks"].times == clocks
    drawn = clocks * prices.precharged.pj + clocks // config.arch.dram.refi * prices.refresh.pj
    assert math.isclose(sum(line.energy_pj for line in lines.values()), drawn)


def test_another_memory_draws_other_energy_at_the_same_flat_price():
    flat, priced = zip(*(both("eie", dram=name) for name in ("lpddr2_1066", "ddr3_1600")), strict=True)
    dram = [by_component(one.energy)["dram"] for one in flat]
    assert dram[0] == dram[1] > 0
    core = [sheet(one)[CORE, "reads"].energy_pj / sheet(one)[CORE, "reads"].times for one in priced]
    assert core[0] != core[1]


def test_it_stays_at_another_node():
    _, priced = both("eie", node_nm=28)
    before = by_component(priced.energy)
    for one in priced.at_node["sets"].values():
        for component in OWN:
            assert one["energy_pj"][component] == before[component]
        assert one["energy_pj"]["pointer_read"] < before["pointer_read"]


@pytest.mark.parametrize(
    ("machine", "changes", "printed"),
    [
        ("eie", {"dram_energy": "sheet"}, "dram_energy is sheet (set by the user); expected flat or data_sheet"),
        ("eie", {"dram_energy": "data_sheet", "dram": "none"}, "but dram is none; expected a memory"),
        ("dcnn", {"dram_energy": "data_sheet"}, "but dcnn reports no requests to DRAM; expected flat"),
    ],
)
def test_refused(machine, changes, printed):
    with pytest.raises(InputError) as error:
        load_arch(machine, **changes)
    assert printed in str(error.value)


def test_the_command_line_says_the_same():
    printed = CliRunner().invoke(app, ["run", "eie", "nt-we", "--set", "dram_energy=data_sheet", "--json"])
    assert printed.exit_code == 0, printed.output
    result = json.loads(printed.stdout)
    assert result["config_sources"]["dram_energy"] == {"value": "data_sheet", "source": "set by the user"}
    assert result["energy_pj"]["dram_standby"] > 0


def test_channels_live_equally_long():
    dram = load_dram("lpddr4_3200")
    busy = Trace(np.arange(40), np.zeros(40, np.int64), np.zeros(40, np.int64))
    idle = Trace(*(np.zeros(0, np.int64) for _ in range(3)))
    until = 3 * dram.refi + 5
    done, counts, clocks = serve_channels(dram, [busy, idle], until)
    assert clocks == until
    assert counts.refreshes.tolist() == [3, 3]
    assert counts.reads.tolist() == [40, 0]
    alone = serve(dram, *busy)
    assert np.array_equal(done[0], alone.done)
    assert serve_channels(dram, [busy, idle])[2] == alone.clocks


def test_the_study_is_what_the_page_shows():
    printed = json.loads((ROOT / "docs/validation/memory.json").read_text())
    kept = {(row["machine"], row["layer"], row["memory"]): row for row in printed["rows"]}
    cases = Case("ese", "google-lstm", ("ddr3_1600",)), Case("scnn", "vgg16-conv5_1", ("lpddr4_3200",))
    for row in rows(0, cases):
        assert kept[row.machine, row.layer, row.memory] == pytest.approx(row._asdict())
