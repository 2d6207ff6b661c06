"""SRAM arrays of a configuration: sized by the architecture, priced by the table, overridden by one's own numbers."""

import pytest

from simulator.config.load import shipped
from simulator.hardware.sram.figures import sram
from simulator.pricing.energy import by_component, price
from workloads.errors import InputError
from zeroskip import load_arch, load_workload, simulate

CACTI = shipped()["eie_cacti"]
SPMAT = "    spmat: {capacity: spmat_bytes, width: spmat_width_bits, cell: lop, per: pe, "
FC8 = {"entries": 453_748, "spmat_row_reads": 100_900, "columns": 112_640}  # of the real layer


def prices(config):
    return {item.event: item.pj for item in config.technology.energy_pj}


def leakage(config, component):
    shares = config.technology.static_mw
    return sum(share.value for share in shares if share.component == component and share.leakage)


def area(config, component):
    return sum(share.value for share in config.technology.area_um2 if share.component == component)


def changed(tmp_path, *replacements):
    """The configuration eie_cacti with pieces of its text replaced."""
    text = CACTI
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "own.yaml"
    path.write_text(text, "utf-8")
    return str(path)


@pytest.mark.parametrize("size", [(131072, 64), (65536, 64), (131072, 128), (98304, 96), (4 << 20, 64), (100, 8)])
def test_size_and_width_change_energy_leakage_and_area(size):
    config, expected = load_arch("eie_cacti", spmat_bytes=size[0], spmat_width_bits=size[1]), sram(45, "lop", *size)
    assert prices(config)["spmat_row_reads"] == expected.read_pj
    assert leakage(config, "spmat_read") == expected.leakage_mw
    assert area(config, "spmat_read") == pytest.approx(1e6 * expected.area_mm2)
    unchanged = load_arch("eie_cacti")
    assert {key: value for key, value in prices(config).items() if key != "spmat_row_reads"} == {
        key: value for key, value in prices(unchanged).items() if key != "spmat_row_reads"
    }


def test_the_capacity_is_divided_among_the_arrays():
    config, bank = load_arch("eie_cacti"), sram(45, "lop", 16384, 16)
    assert prices(config)["pointer_reads"] == 2 * bank.read_pj
    assert leakage(config, "pointer_read") == 2 * bank.leakage_mw
    assert area(config, "pointer_read") == pytest.approx(2e6 * bank.area_mm2)
    wide = load_arch("eie_cacti", pointer_bits=32, pointer_bytes=65536)
    assert prices(wide)["pointer_reads"] == 2 * sram(45, "lop", 32768, 32).read_pj
    odd = load_arch("eie_cacti", pointer_bytes=32767)  # the larger half
    assert prices(odd)["pointer_reads"] == 2 * bank.read_pj


def test_prices_name_the_array_and_what_the_file_says():
    config = load_arch("eie_cacti")
    (source,) = [item.source for item in config.technology.energy_pj if item.event == "pointer_reads"]
    assert source == "CACTI 7, 16,384 bytes x 16 bits, 45 nm LOP (paper, section IV: two banks) x 2; both banks at once"
    between = load_arch("eie_cacti", spmat_bytes=98304)
    (source,) = [item.source for item in between.technology.energy_pj if item.event == "spmat_row_reads"]
    assert source == "CACTI 7, 98,304 bytes x 64 bits, 45 nm LOP, interpolated (one array); a row"


def test_what_is_not_of_the_table_is_noted():
    slow = "spmat: an access takes 1.39 ns, a cycle of 800 MHz 1.25 ns; the next can begin after 1.00 ns, which fits"
    assert load_arch("eie_cacti").notes == (slow,)
    assert load_arch("eie_cacti", spmat_bytes=65536 + 32768).notes[0] == (
        "spmat: 98,304 bytes x 64 bits, 45 nm LOP: between sizes of CACTI 7's table, interpolated, "
        "within about 14 % (read) and 6 % (write)"
    )
    assert load_arch("eie_cacti", spmat_bytes=8 << 20).notes[0] == (
        "spmat: 8,388,608 bytes x 64 bits, 45 nm LOP: outside the grid of CACTI 7's table, by the fitted law, "
        "within about 21 % (read) and 6 % (write)"
    )


def test_the_clock_decides_what_is_too_slow():
    assert load_arch("eie_cacti", clock_mhz=720).notes == ()  # 1.389 ns; an access takes 1.387
    (note,) = load_arch("eie_cacti", clock_mhz=722).notes  # 1.385 ns
    assert note.startswith("spmat: an access takes 1.39 ns")
    printed = load_arch("eie_cacti", clock_mhz=1250).notes
    assert [note.partition(":")[0] for note in printed] == ["spmat"]
    assert printed[0].endswith("the next can begin after 1.00 ns, which does not fit")
    assert len(load_arch("eie_cacti", clock_mhz=1500).notes) == 2  # the pointers' 0.70 ns


def test_arrays_of_another_node_than_the_machines_are_not_compared_with_its_clock():
    for name in ("scnn", "dcnn", "dcnn_opt", "ese"):
        assert load_arch(name, clock_mhz=5000).notes == ()


def test_ones_own_numbers_come_first(tmp_path):
    own = 'read_pj: {value: 18.7, source: "Fig 9"}, leakage_mw: {value: 0.5, source: "mine"}, '
    config = load_arch(changed(tmp_path, (SPMAT, SPMAT + own)))
    table = sram(45, "lop", 131072, 64)
    assert prices(config)["spmat_row_reads"] == 18.7
    assert leakage(config, "spmat_read") == 0.5
    assert area(config, "spmat_read") == pytest.approx(1e6 * table.area_mm2)
    assert "Fig 9; a row" in [item.source for item in config.technology.energy_pj]
    config = load_arch(changed(tmp_path, (SPMAT, SPMAT + 'access_ns: {value: 1.2, source: "mine"}, ')))
    assert config.notes == ()


def test_without_a_cell_all_numbers_are_ones_own(tmp_path):
    bare = SPMAT.replace("cell: lop, ", "")
    own = {"read_pj": 20, "leakage_mw": 0.5, "area_mm2": 0.4, "access_ns": 2}
    whole = bare + "".join(f"{key}: {{value: {value}, source: mine}}, " for key, value in own.items())
    config = load_arch(changed(tmp_path, (SPMAT, whole)))
    assert (prices(config)["spmat_row_reads"], leakage(config, "spmat_read")) == (20, 0.5)
    assert config.notes == (
        "spmat: an access takes 2.00 ns, a cycle of 800 MHz 1.25 ns; how soon the next can begin is not known",
    )
    for missing in ("read_pj", "leakage_mw", "area_mm2"):
        part = whole.replace(f"{missing}: {{value: {own[missing]}, source: mine}}, ", "")
        with pytest.raises(InputError, match=f": spmat.{missing} is missing; expected it, or a cell"):
            load_arch(changed(tmp_path, (SPMAT, part)))


def test_node_and_cell_of_an_array(tmp_path):
    other = SPMAT.replace("cell: lop", "cell: hp, node_nm: 22")
    assert prices(load_arch(changed(tmp_path, (SPMAT, other))))["spmat_row_reads"] == sram(22, "hp", 131072, 64).read_pj


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("cell: lop, per: pe, source: \"one array\"", "cell: xx, per: pe, source: a", "srams.spmat: SRAM: cell is"),
        (SPMAT, SPMAT + "node_nm: 28, ", "srams.spmat: SRAM: node is 28 nm; expected one that .* has: 45, 32, 22"),
        (SPMAT, SPMAT.replace("spmat_bytes", "spmat_byte"), "spmat.capacity has 'spmat_byte'; expected"),
        (SPMAT, SPMAT.replace("spmat_bytes", "batching"), "spmat.capacity has 'batching'; expected a positive number"),
        (SPMAT, SPMAT.replace("spmat_bytes", "units"), "spmat.capacity has 'units'; expected a positive number"),
        (SPMAT, SPMAT.replace("per: pe", "per: pes"), "srams.spmat.per is 'pes'; expected one of machine"),
        (SPMAT, SPMAT.replace("spmat_bytes", "0"), "technology.srams.spmat.capacity"),
        (SPMAT, SPMAT.replace("spmat_bytes", "[]"), "technology.srams.spmat.capacity"),
        ("{sram: spmat, access: read,", "{sram: spmatt, access: read,", "sram is 'spmatt'; expected one of spmat, "),
        ("{sram: spmat, access: read,", "{sram: spmat,", "spmat_row_reads.*an sram with its access"),
        ("{sram: spmat, access: read,", "{sram: spmat, value: 1, access: read,", "spmat_row_reads.*either a value"),
        ("{sram: spmat, access: read,", "{value: 1, times: 2,", "spmat_row_reads.*either a value"),
        ("{sram: spmat, access: read,", "{sram: spmat, access: erase,", "spmat_row_reads.access"),
        ("{value: 1.874, per: pe, ", "{value: 1.874, ", "static_mw.clock.*what it is per, or an sram"),
        ("{value: 1.874, per: pe, ", "{sram: spmat, per: pe, ", "static_mw.clock.*either a value"),
        ("{value: 1.874, per: pe, ", "{sram: none, ", "static_mw.clock.sram is 'none'; expected one of spmat"),
        ("component: spmat_read, source: \"300 K\"", "component: total, source: a", "a component is 'total'"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(tmp_path, old, new, sentence):
    with pytest.raises(InputError, match=sentence):
        load_arch(changed(tmp_path, (old, new)))


def test_shipped_prices_are_what_was_written_by_hand():
    expected = {
        "scnn": {"fifo_writes": 1.16, "fifo_reads": 0.84, "iaram_reads": 4.34, "oaram_writes": 1.11, "ppu_reads": 0.24},
        "dcnn_opt": {"weight_reads": 5.6, "input_reads": 14.2, "output_writes": 2.87},
        "ese": {"pointer_reads": 2.08 * 84.6, "weight_reads": 1.04 * 84.6, "buffer_lines": 25.92 * 84.6},
    }
    for name, printed in expected.items():
        found = prices(load_arch(name))
        for event, price_pj in printed.items():
            assert found[event] == pytest.approx(price_pj, rel=0.02)
    assert prices(load_arch("scnn", iaram_bytes=20480))["iaram_reads"] > prices(load_arch("scnn"))["iaram_reads"]
    assert prices(load_arch("dcnn", sram_bytes=1 << 20))["input_reads"] == sram(45, "lop", 16384, 256).read_pj


def test_an_array_holds_a_word_at_least():
    assert prices(load_arch("scnn", iaram_bytes=3))["iaram_reads"] == sram(45, "lop", 10, 80).read_pj


def test_leakage_is_a_line_of_its_own_and_lasts_as_long_as_the_run():
    config = load_arch("eie_cacti", pes=2)
    result = simulate(config, load_workload("nt-we", scale=0.1))
    (line,) = [line for line in result.energy if line.leakage and line.component == "spmat_read"]
    assert line.times == 2 * result.run.cycles
    assert line.energy_pj == pytest.approx(2 * sram(45, "lop", 131072, 64).leakage_mw * result.time_us * 1000)
    assert by_component(result.energy)["total"] == pytest.approx(sum(line.energy_pj for line in result.energy))


def test_a_pe_from_the_bottom_up_beside_table_ii():
    """Without leakage 8.84 mW and 9.157 published; leakage adds 3.7 mW, which Table II cannot hold."""
    config = load_arch("eie_cacti", pes=1)
    counts = dict.fromkeys((item.event for item in config.technology.energy_pj), 0)
    counts |= dict.fromkeys(("queue_pushes", "queue_pops", "pointer_reads"), FC8["columns"])
    counts |= dict.fromkeys(("entries", "multiplies", "accumulator_reads", "accumulator_writes"), FC8["entries"])
    counts |= {"spmat_row_reads": FC8["spmat_row_reads"]}
    cycles = FC8["entries"]
    lines = price(counts, cycles, {"pe": 1, "lnzd_node": 0, "machine": 1, "scale_sram": 0}, config.technology)
    power = {
        leaks: sum(line.energy_pj for line in lines if line.leakage == leaks) / cycles * 0.8 for leaks in (False, True)
    }
    assert power[False] == pytest.approx(9.157, rel=0.04)
    assert power[True] == pytest.approx(3.70, abs=0.01)
    area_um2 = sum(share.value for share in config.technology.area_um2 if share.per == "pe")
    assert area_um2 == pytest.approx(638_024, rel=0.09)
