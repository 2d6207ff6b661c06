"""Prices: where they come from, and that they only price."""

import re
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.config.load import shipped
from simulator.hardware.sram.interpolation import log_log
from simulator.machines.eie.layout.streams import layout
from simulator.pricing.energy import STATIC, Line, by_component, by_type, price
from workloads.errors import InputError
from zeroskip import load_arch, load_workload, simulate

# EIE, Table II: one PE, by type; and the authors' simulator on its real layer, 64 PEs
TABLE_II_MW = {"memory": 5.416, "clock": 1.874, "register": 1.026, "combinational": 0.841}
CYCLES, ENTRIES, ROWS, COLUMNS, READ, WRITTEN = 7926, 453_748, 100_900, 112_640, 4096, 1000
PE_CYCLES = 64 * CYCLES
BITS = {"act_queue": 34, "pointer_read": 48, "spmat_read": 120, "arithmetic": 98, "act_read_write": 44}
"""Flip-flops of each module, as the configuration's head counts them."""


def price_of(config):
    return {item.event: item.pj for item in config.technology.energy_pj}


def real_lines(config):
    """The lines of a run with the counts of the real layer."""
    counts = dict.fromkeys((item.event for item in config.technology.energy_pj), 0)
    counts |= dict.fromkeys(("queue_pushes", "queue_pops", "pointer_reads"), COLUMNS)
    counts |= dict.fromkeys(("entries", "codebook_lookups", "multiplies", "accumulator_reads"), ENTRIES)
    counts |= {"accumulator_writes": ENTRIES, "spmat_row_reads": ROWS}
    counts |= {"activation_reads": READ, "activation_writes": WRITTEN}
    return price(counts, CYCLES, {"pe": 64, "lnzd_node": 21, "machine": 1, "scale_sram": 0}, config.technology)


def milliwatts(picojoules):
    return picojoules / PE_CYCLES * 800 / 1000


def test_on_the_real_fc8_a_pe_draws_the_power_of_table_ii_type_by_type():
    lines = real_lines(load_arch("eie"))
    types = by_type(lines)
    assert set(types) == set(TABLE_II_MW)
    for name, expected in TABLE_II_MW.items():
        assert milliwatts(types[name]) == pytest.approx(expected, rel=1e-4)
    modules = by_component(lines)
    assert milliwatts(sum(modules[name] for name in BITS)) == pytest.approx(9.157, rel=1e-4)
    assert sum(types.values()) == pytest.approx(sum(modules[name] for name in BITS))
    watts = modules["total"] / (CYCLES / 800) * 1e-6
    assert watts == pytest.approx((64 * 9.157 + 21 * 0.023) / 1000, rel=1e-4)


def test_each_price_is_what_the_configurations_head_derives():
    config = load_arch("eie")
    prices, spent = price_of(config), {name: mw / 0.8 * PE_CYCLES for name, mw in TABLE_II_MW.items()}
    assert prices["pointer_reads"] == pytest.approx((spent["memory"] - 18.7 * ROWS) / COLUMNS, rel=1e-4)
    static = {share.component: share.value for share in config.technology.static_mw if share.per == "pe"}
    for module, bits in BITS.items():
        assert static[module] == pytest.approx(TABLE_II_MW["clock"] * bits / sum(BITS.values()), abs=5e-5)
    row = 24 + (64 * ROWS + 32 * COLUMNS) / ENTRIES
    loads = (34 + 48) * COLUMNS + (row + 98) * ENTRIES + 44 * (ENTRIES + WRITTEN)
    bit = spent["register"] / loads
    loaded = {"queue_pushes": 34, "queue_pops": 48, "entries": row, "codebook_lookups": 98}
    for event, bits in (loaded | {"accumulator_writes": 44, "activation_writes": 44}).items():
        assert prices[event] == pytest.approx(bits * bit, abs=6e-5), event
    selected = (spent["combinational"] - 0.65 * ENTRIES) / (240 * ENTRIES + 1008 * (ENTRIES + READ))
    assert prices["multiplies"] == pytest.approx(0.60 + 0.05 + 240 * selected, abs=6e-5)
    for event in ("accumulator_reads", "activation_reads"):
        assert prices[event] == pytest.approx(1008 * selected, abs=6e-5)


ROWS_OF = {"spmat_row_reads": "18.7", "scale_row_reads": "7.68"}
"""Events whose prices are tables over widths, and the price at 64 bits."""


def test_a_changed_price_changes_its_line_and_no_other(tmp_path):
    text = shipped()["eie_64pe"]
    changed = tmp_path / "own.yaml"
    layer = load_workload("nt-we", scale=0.1)
    before = simulate(load_arch("eie"), layer)
    for event, old in price_of(load_arch("eie")).items():
        if event in ROWS_OF:
            new, edited = 20.0, text.replace(f"64: {ROWS_OF[event]}", "64: 20.0")
        else:
            new = old + 1
            edited = re.sub(rf"(    {event}:\s+{{?\s*value: )[\d.]+", rf"\g<1>{new}", text)
        changed.write_text(edited)
        after = simulate(load_arch(changed), layer)
        assert after.run.cycles == before.run.cycles
        differ = [(a, b) for a, b in zip(before.energy, after.energy, strict=True) if a != b]
        ((was, now),) = differ
        assert (was.event, now.pj_each, now.times) == (event, new, was.times)
        assert now.energy_pj == was.times * new


@pytest.mark.parametrize(
    ("old", "new", "names"),
    [
        ("    entries: {value", "    entry: {value", ("entries", "entry")),
        ("    entries: {value", "    unheard: {value", ("entries", "unheard")),
        (
            "    padding: {value",
            "    paddings: {value: 1, component: x, source: y}\n    padding: {value",
            ("paddings",),
        ),
    ],
)
def test_events_and_prices_that_do_not_match_are_named(old, new, names, tmp_path):
    own = tmp_path / "own.yaml"
    own.write_text(shipped()["eie_64pe"].replace(old, new))
    with pytest.raises(InputError) as error:
        load_arch(own)
    assert all(re.search(rf"\b{name}\b", str(error.value)) for name in names)
    assert re.search(r"\bpadding\b|\bentries\b", str(error.value))


amounts = st.floats(0, 1e9, allow_nan=False)
some_lines = st.lists(
    st.builds(
        lambda component, times, each, kind: Line(component, "e", times, each, times * each, "s", kind),
        st.sampled_from("abc"),
        st.integers(0, 10**12),
        amounts,
        st.sampled_from(["memory", "clock", None]),
    ),
    max_size=30,
)


@given(some_lines, st.randoms(use_true_random=False))
def test_totals_are_the_exact_sums_of_their_lines_in_any_order(lines, random):
    def exact(chosen):
        return float(sum((Fraction(line.energy_pj) for line in chosen), Fraction(0)))

    shuffled = random.sample(lines, len(lines))
    parts, types = by_component(lines), by_type(lines)
    assert parts.pop("total") == exact(lines)
    assert parts == {name: exact([line for line in lines if line.component == name]) for name in parts}
    assert set(parts) == {line.component for line in lines}
    assert types == {name: exact([line for line in lines if line.type == name]) for name in types}
    assert set(types) == {line.type for line in lines} - {None}
    assert by_component(shuffled) == by_component(lines)
    assert by_type(shuffled) == types


def test_pointer_and_row_reads_hold_the_srams_of_table_i_and_fig_9():
    prices = {item.event: item.pj for item in load_arch("eie").technology.energy_pj}
    assert 5.37 <= prices["pointer_reads"] / 2 <= 8.74  # CACTI 7, a 16 KB bank: LOP and HP cells
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
