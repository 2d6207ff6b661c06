"""Prices: where they come from, and that they only price."""

import numpy as np
import pytest

from simulator import load_arch, load_workload, simulate
from simulator.eie.streams import layout
from simulator.energy import STATIC, by_component, price
from simulator.memory.interpolation import log_log

TABLE_II_MW = {  # EIE, Table II: one PE
    "act_queue": 0.112,
    "pointer_read": 1.807,
    "spmat_read": 4.955,
    "arithmetic": 1.162,
    "act_read_write": 1.122,
}
FC8 = {"entries": 453_748, "spmat_row_reads": 100_900, "columns": 112_640}  # the steady state that prices refer to


def test_a_busy_pe_draws_the_power_of_table_ii_module_by_module():
    config = load_arch("eie", pes=1)
    column_events = ("queue_pushes", "queue_pops", "pointer_reads")
    entry_events = ("entries", "codebook_lookups", "multiplies", "accumulator_reads", "accumulator_writes")
    counts = dict.fromkeys((item.event for item in config.technology.energy_pj), 0)
    counts |= dict.fromkeys(column_events, FC8["columns"]) | dict.fromkeys(entry_events, FC8["entries"])
    counts |= {"spmat_row_reads": FC8["spmat_row_reads"], "activation_reads": 4096, "activation_writes": 1000}
    cycles = FC8["entries"]  # busy in every cycle
    parts = by_component(price(counts, cycles, {"pe": 1, "lnzd_node": 0, "machine": 1}, config.technology))
    milliwatts = {name: pj / cycles * config.technology.clock_mhz / 1000 for name, pj in parts.items()}
    for module, expected in TABLE_II_MW.items():
        assert milliwatts[module] == pytest.approx(expected, rel=5e-4)
    assert milliwatts["total"] == pytest.approx(9.157, rel=5e-4)


def test_pointer_and_row_reads_hold_the_srams_of_table_i_and_fig_9():
    prices = {item.event: item.pj for item in load_arch("eie").technology.energy_pj}
    assert prices["pointer_reads"] > 5.0  # Table I: 32 bits of a 32 KB SRAM
    assert prices["dram_words"] == 640  # Table I
    fig_9 = {32: 13.65, 64: 18.7, 128: 29.1, 256: 53.8, 512: 113}
    for width, expected in fig_9.items():
        config = load_arch("eie", spmat_width_bits=width)
        assert {item.event: item.pj for item in config.technology.energy_pj}["spmat_row_reads"] == expected
        assert config.notes == ()


def test_a_price_beyond_its_table_is_noted():
    (note,) = load_arch("eie", spmat_width_bits=16).notes
    assert note == (
        "spmat_row_reads: spmat_width_bits = 16 lies outside the table of prices (32 to 512); the price is extrapolated"
    )


@pytest.mark.parametrize(("x", "expected"), [(1, 3), (4, 12), (2, 6), (8, 24), (16, 96), (32, 384), (0.5, 1.5)])
def test_interpolation_is_linear_in_log_log_scale(x, expected):
    assert log_log({1: 3, 4: 12, 8: 24, 16: 96}, x) == pytest.approx(expected)


def test_technology_never_changes_a_cycle_and_time_scales_static_energy():
    layer = load_workload("nt-we", scale=0.1)
    fast, slow = (simulate(load_arch("eie", clock_mhz=mhz), layer) for mhz in (800, 200))
    assert fast.run.cycles == slow.run.cycles
    assert slow.time_us == 4 * fast.time_us
    for a, b in zip(fast.energy, slow.energy, strict=True):
        assert b.energy_pj == pytest.approx(a.energy_pj * (4 if a.event == STATIC else 1))


def test_what_does_not_fit_is_fetched_from_dram_and_said():
    layer = load_workload("nt-we", scale=0.1)
    fits = simulate(load_arch("eie"), layer)
    assert fits.violations == []
    assert fits.run.counts.dram_words.sum() == 0
    tight = load_arch("eie", spmat_bytes=8, pointer_bytes=64, activation_registers=1)
    result = simulate(tight, layer)
    assert [sentence.partition(":")[0] for sentence in result.violations] == [
        "sparse-matrix SRAM",
        "pointer SRAM",
        "activation registers",
    ]
    entries = simulate(load_arch("eie"), layer).workload.layer
    pointers = entries.inputs + 1
    assert f"each PE needs {pointers} pointers, 32 fit" in result.violations[1]
    # every entry of 8 bits; for every column at least one pointer of 16 bits, and one more for each fill
    (streams,) = layout(tight.arch, layer.layer)
    fills = np.count_nonzero(streams.dram_lines)
    for k, held in enumerate(streams.pointer[-1].tolist()):
        bits = 8 * held + 16 * (entries.inputs + fills)
        assert 0 <= 32 * result.run.counts.dram_words[k] - bits < 32 * fills
    assert result.run.reasons.dram.sum() > 0
    assert simulate(load_arch("eie", spmat_bytes=8, dram="none"), layer).run.cycles < result.run.cycles


def test_the_area_is_table_iis():
    # 64 PEs of 638,024 um2 and 21 nodes of 189 um2
    result = simulate(load_arch("eie"), load_workload("nt-we", scale=0.1))
    assert result.area_mm2 == pytest.approx((64 * 638_024 + 21 * 189) / 1e6)
