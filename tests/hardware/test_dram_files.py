import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.dram.specs import PRESETS

from simulator.export.dram_traces import write_dramsim3, write_ramulator
from simulator.hardware.dram import spec as arch
from simulator.hardware.dram.engine.memory import serve
from simulator.hardware.dram.presets import check_preset, load_dram, load_preset, presets
from simulator.hardware.dram.spec import (
    FIELDS,
    MAPPINGS,
    Dram,
    decode_address,
    lines_per_channel,
    mapping_code,
)
from simulator.studies.dram_figures import rows
from workloads.errors import InputError


def mapping_name(code: int) -> str:
    """Decode an order of address parts: all parts, from the most significant."""
    return "".join(FIELDS[code >> 3 * position & 7] for position in reversed(range(len(FIELDS)))) + "Ch"


def test_ddr3_1600_in_clocks():
    """JEDEC's numbers of DDR3-1600K, as Ramulator has them (but for tCWL: 8 here, 9 there)."""
    d = load_dram("ddr3_1600")
    assert (d.cl, d.cwl, d.rcd, d.rp, d.ras, d.rc, d.rtp, d.wr) == (11, 8, 11, 11, 28, 39, 6, 12)
    assert (d.rrd_s, d.faw, d.wtr_s, d.rfc, d.refi, d.rtrs) == (5, 24, 6, 208, 6240, 2)
    assert lines_per_channel(d) * d.line_bytes == 8 << 30


def test_ddr4_2400_in_clocks():
    """As DRAMsim3 has them, but for 17-17-17 and tCWL 12; tWR 15 ns is 18.007 clocks of 0.833 ns, 18 of 1/1.2 GHz."""
    d = load_dram("ddr4_2400")
    assert (d.cl, d.rcd, d.rp, d.ras, d.faw, d.ccd_l, d.rrd_l, d.wtr_s, d.wtr_l) == (17, 17, 17, 39, 26, 6, 6, 3, 9)
    assert (d.wr, d.rtp, d.refi) == (18, 9, 9364)


@pytest.mark.parametrize("name", PRESETS)
def test_presets(name):
    preset, d = load_preset(name), load_dram(name)
    assert d.core_ps == d.tck_ps
    assert d.line_bytes * d.row_lines == preset.geometry["row_bytes"].value
    assert d.bl * d.tck_ps == pytest.approx(1000 * preset.burst_ns.value, rel=1e-3)
    assert d.rc >= d.ras + d.rp - 1
    text = presets()[name]
    assert text.count("value:") == text.count("source:") - len(preset.rails)


@pytest.mark.parametrize(
    ("call", "printed"),
    [
        (lambda: load_dram("ddr3"), r"ddr3: there is no such DRAM; expected ddr3_1600"),
        (lambda: load_dram("x"), r"expected ddr3_1600 or ddr4_2400 or gddr6x or hbm2 or hbm3 or"),
        (lambda: load_dram("hbm2", refl=1), r"refl is an unknown number of a DRAM; expected refi"),
        (lambda: load_dram("hbm2", queue=0), r"DRAM hbm2: queue is 0; expected an integer from 1 to 1024"),
        (lambda: load_dram("hbm2", queue=1.5), r"queue is 1.5; expected an integer"),
        (lambda: load_dram("hbm2", core_ps=0), r"core_ps is 0; expected an integer from 1"),
        (lambda: load_dram("hbm2", channels=0), r"channels is 0"),
        (lambda: load_dram("hbm2", mapping="RoCo"), r"mapping is 'RoCo'; expected an order of Ro, Ba, Bg, Ra and Co"),
        (lambda: load_dram("hbm2", mapping="ChRoBaRaCo"), r"that ends with Ch"),
        (lambda: load_dram("hbm2", mapping="RoBaRaCoCh!"), r"mapping is"),
        (lambda: load_dram("hbm2", mapping=""), r"mapping is ''"),
        (lambda: load_dram("hbm2", ccd_s=1), r"hbm2 with changes: ccd_s is 1; expected at least the burst, bl = 2"),
        (lambda: load_dram("hbm2", ccd_l=1, ccd_s=2), r"ccd_l is 1; expected at least ccd_s = 2"),
        (lambda: load_dram("hbm2", refi=300), r"refi is 300; expected at least"),
        (
            lambda: load_dram("hbm2", ranks=16, groups=16, banks=64),
            r"ranks \* groups \* banks is 16384; expected at most",
        ),
    ],
)
def test_bad_numbers(call, printed):
    with pytest.raises(InputError, match=printed):
        call()


@pytest.mark.parametrize(
    ("pattern", "text", "printed"),
    [
        (r"  cl: .*\n", "", r"timing_ns or timing_clocks.cl is missing; expected a number with its source"),
        (r"  cl: ", "  cll: ", r"timing_ns or timing_clocks.cl is missing"),
        (r"  ranks: .*\n", "", r"geometry.ranks is missing"),
        (r"geometry:\n", "geometry:\n  towers: {value: 1, source: a}\n", r"geometry.towers is an unknown key"),
        (r"tck_ps: .*\n", "", r"tck_ps is missing"),
        (r", source: \"[^\"]*\"}\ncontroller", "}\ncontroller", r"tck_ps.source is missing"),
        (r"volts: 1.5", "volts: -1", r"rails.vdd.volts is -1; expected"),
        (r"  write: .*\n$", "", r"io_pj_per_bit.write is missing"),
        (r"about:", "abuot:", r"abuot is an unknown key|about is missing"),
    ],
)
def test_bad_files(pattern, text, printed):
    broken = re.sub(pattern, text, presets()["ddr3_1600"], count=1)
    assert broken != presets()["ddr3_1600"]
    with pytest.raises(InputError, match=printed):
        check_preset("file.yaml", broken)


@pytest.mark.parametrize(
    ("line", "write", "arrival", "printed"),
    [
        ([0, 1], [0], [0, 0], r"shapes \(2,\), \(1,\), \(2,\); expected one length"),
        ([0, 1 << 40], [0, 0], [0, 0], r"a line is 1099511627776; expected 0 to 134217727"),
        ([-1], [0], [0], r"a line is -1"),
        ([0, 1], [0, 0], [5, 4], r"arrivals descend"),
        ([0], [0], [-4], r"arrivals descend or are negative"),
        ([0], [2], [0], r"write holds 2 to 2; expected 0 \(read\) or 1 \(write\)"),
    ],
)
def test_bad_traces(line, write, arrival, printed):
    with pytest.raises(InputError, match=printed):
        serve(load_dram("ddr3_1600"), np.array(line), np.array(write), np.array(arrival))


def test_an_empty_trace():
    none = np.zeros(0, np.int64)
    served = serve(load_dram("ddr3_1600", channels=2), none, none, none)
    assert served.clocks == 0
    assert all(value.tolist() == [0, 0] for value in served.counts)


@given(st.permutations(FIELDS), st.integers(0, 1 << 20))
def test_a_mapping_is_one_to_one(parts, line):
    d = load_dram("ddr4_2400", mapping="".join(parts) + "Ch", rows=7, row_lines=3)
    assert mapping_name(d.mapping) == "".join(parts) + "Ch"
    line %= lines_per_channel(d)
    place = dict(zip(("Ra", "Bg", "Ba", "Ro", "Co"), decode_address(d, line), strict=True))
    sizes = {"Ra": d.ranks, "Bg": d.groups, "Ba": d.banks, "Ro": d.rows, "Co": d.row_lines}
    again = 0
    for part in parts:
        again = again * sizes[part] + place[part]
    assert again == line


def test_well_known_mappings():
    assert [mapping_name(mapping_code(name)) for name in MAPPINGS] == [
        "RoBaBgRaCoCh", "RoRaBaBgCoCh", "RoBaRaCoBgCh", "RoCoRaBaBgCh", "RoCoBaBgRaCh",
    ]  # fmt: skip
    d = load_dram("ddr3_1600")
    assert decode_address(d, 128)[:4] == (1, 0, 0, 0)
    assert decode_address(d, 256)[:4] == (0, 0, 1, 0)
    assert decode_address(d, 2 * 8 * 128)[:4] == (0, 0, 0, 1)


@given(st.integers(0, 10**6), st.integers(1, 5000), st.integers(1, 5000))
def test_cycles_and_clocks(time, core_ps, tck_ps):
    d = Dram(*[1] * len(Dram._fields))._replace(core_ps=core_ps, tck_ps=tck_ps)
    clock, cycle = arch.to_clock(d, time), arch.to_cycle(d, time)
    assert (clock - 1) * tck_ps < time * core_ps <= clock * tck_ps
    assert (cycle - 1) * core_ps < time * tck_ps <= cycle * core_ps


def test_traces_for_others(tmp_path):
    d = load_dram("ddr3_1600")
    line, write, arrival = np.array([0, 3, 257]), np.array([0, 1, 0]), np.array([0, 4, 9])
    write_ramulator(tmp_path / "r", d, line, write)
    assert (tmp_path / "r").read_text() == "LD 0\nST 192\nLD 16448\n"
    write_dramsim3(tmp_path / "d", d, line, write, arrival)
    assert (tmp_path / "d").read_text() == "0x0 READ 0\n0xC0 WRITE 4\n0x4040 READ 9\n"


def test_figures_of_others():
    found = {(row.row, row.quantity): row for row in rows()}
    assert abs(found["sequential", "clocks_per_line"].error_percent) < 2
    assert abs(found["random", "clocks_per_line"].error_percent) < 2
    assert abs(found["sequential", "row_hits"].error_percent) < 0.1
    known = [row for row in found.values() if row.published is not None]
    assert (len(found), len(known)) == (23, 14)
    assert max(abs(row.error_percent) for row in known) < 2
