from types import SimpleNamespace

import energydram
import numpy as np
import pytest

from simulator.hardware.dram.engine.memory import serve
from simulator.hardware.dram.presets import Rail, load_dram, load_preset
from simulator.hardware.dram.spec import DramCounts
from simulator.pricing.data_sheet import CORE, IO, STANDBY, event_pj, load_prices, price, standby_mw
from simulator.pricing.energy import by_component
from simulator.pricing.technology import TOTAL
from workloads.errors import InputError

# Read, write (pJ/bit), activate + precharge (pJ), refresh (nJ), standby active and precharged (mW): data-sheet currents
# by the equations of TN-41-01, computed by hand without the simulator.
TABLE = {
    "ddr3_1600": (13.9, 10.2, 10935, 615, 456, 384),
    "ddr4_2400": (5.7, 5.0, 3439, 696, 473, 386),
    "lpddr2_1066": (6.7, 6.0, 4032, 27, 40, 40),
    "lpddr3_1600": (4.6, 3.7, 2732, 24, 44, 33),
    "lpddr4_3200": (5.3, 3.9, 1205, 22, 37, 33),
}
# Micron parts of the table that are no presets: chips, IDD0/2N/3N/4R/4W/5, tRFC; read pJ/bit, write, activate, refresh.
PARTS = [
    (8, (95, 42, 45, 180, 185, 215), 160, 15.8, 16.4, 28950, 326),
    (8, (70, 45, 45, 140, 145, 170), 110, 11.1, 11.7, 14250, 165),
    (4, (110, 42, 45, 270, 280, 215), 160, 13.2, 13.8, 18750, 163),
]
CURRENTS = "idd0_ma", "idd2n_ma", "idd3n_ma", "idd4r_ma", "idd4w_ma", "idd5_ma"


def ns(key, preset):
    return preset.timing_ns[key].value


def near(value, printed):
    """Equal as far as the table's digits go."""
    digits = len(str(printed).partition(".")[2])
    return abs(value - printed) <= 0.501 * 10**-digits


@pytest.mark.parametrize("name", TABLE)
def test_data_sheet_equations(name):
    preset, prices = load_preset(name), load_prices(name, load_dram(name))
    read, write, activate, refresh, active, precharged = TABLE[name]
    assert near(prices.pj_per_bit("read"), read)
    assert near(prices.pj_per_bit("write"), write)
    assert near(prices.activate.pj, activate)
    assert near(prices.refresh.pj / 1000, refresh)
    assert near(prices.standby_mw()[0], active)
    assert near(prices.standby_mw()[1], precharged)
    assert event_pj(preset, "read") == prices.read.pj


@pytest.mark.parametrize("part", PARTS)
def test_other_parts(part):
    chips, currents, rfc, read, write, activate, refresh = part
    preset = load_preset("ddr3_1600")
    rail = Rail(volts=1.5, source="test", **dict(zip(CURRENTS, map(float, currents), strict=True)))
    own = {"rfc": rfc, "rc": 47.5}  # 10-10-10: tRC is 28 + 10 clocks
    timing = {**preset.timing_ns, **{key: SimpleNamespace(value=value) for key, value in own.items()}}
    preset = preset.model_copy(
        update={
            "rails": {"vdd": rail},
            "timing_ns": timing,
            "chips": preset.chips.model_copy(update={"value": chips}),
        }
    )
    assert near(event_pj(preset, "read") / 512, read)
    assert near(event_pj(preset, "write") / 512, write)
    assert near(event_pj(preset, "refresh") / 1000, refresh)
    assert near(event_pj(preset, "activate"), activate)


def test_hbm2_currents_lie_below_the_published_energies():
    """DRAMsim3's currents, with its own tRAS 34, tRP 14 and tRFC 260: 1.57 pJ/bit of 64 bytes; 2.24 is published."""
    preset = load_preset("hbm2")
    own = {"ras": 34, "rc": 48, "rfc": 260}
    timing = {**preset.timing_ns, **{key: SimpleNamespace(value=value) for key, value in own.items()}}
    theirs = preset.model_copy(update={"timing_ns": timing})
    assert near(event_pj(theirs, "read"), 804)
    assert near(event_pj(theirs, "read") / 512, 1.57)
    assert near(event_pj(theirs, "activate"), 828)
    assert near(event_pj(theirs, "refresh") / 1000, 61)
    assert near(standby_mw(preset, "idd3n_ma"), 66)
    assert near(standby_mw(preset, "idd2n_ma"), 48)
    prices = load_prices("hbm2", load_dram("hbm2"))
    assert (prices.activate.pj, prices.pj_per_bit("read")) == (909, pytest.approx(2.24))


def supplies(preset):
    """energydram's currents; what it asks for beyond ours, power-down, takes part in nothing that is compared."""
    return [
        (rail.volts, energydram.IDDs(
            idd0=rail.idd0_ma, idd2n=rail.idd2n_ma, idd2p=0, idd3n=rail.idd3n_ma, idd3p=0, idd4r=rail.idd4r_ma,
            idd4w=rail.idd4w_ma, idd5=rail.idd5_ma,
        ))
        for rail in preset.rails.values()
    ]  # fmt: skip


@pytest.mark.parametrize("name", TABLE)
def test_energydram(name):
    """The same equations in another's code; its timings are fractions of clocks."""
    preset = load_preset(name)
    tck = preset.tck_ps.value / 1000
    bursts = preset.burst_ns.value / tck
    prices = load_prices(name, load_dram(name))
    timing = energydram.Timing(
        RAS=ns("ras", preset) / tck, RP=(ns("rc", preset) - ns("ras", preset)) / tck, RFC=ns("rfc", preset) / tck,
        REFI=ns("refi", preset) / tck, RRD=ns("rrd_s", preset) / tck,
    )  # fmt: skip
    domains = [energydram.VoltageDomain(tck, volts, idds, preset.chips.value, 4) for volts, idds in supplies(preset)]
    if name == "ddr3_1600":
        whole = energydram.EnergyDDR(tck, timing, domains[0].vdd, domains[0].idds, preset.chips.value, ddr=3)
        assert whole.activate_energy() == pytest.approx(prices.activate.pj)
        assert whole.readwrite_energy() == pytest.approx(prices.read.pj)
        assert whole.readwrite_energy(0, 1) == pytest.approx(prices.write.pj)
        assert whole.refresh_energy() == pytest.approx(prices.refresh.pj)
    assert sum(one.activate_energy(timing) for one in domains) == pytest.approx(prices.activate.pj)
    assert sum(one.refresh_energy(timing) for one in domains) == pytest.approx(prices.refresh.pj)
    read, write = (sum(one.readwrite_energy(*kind) for one in domains) * bursts / 4 for kind in ((1, 0), (0, 1)))
    assert (read, write) == (pytest.approx(prices.read.pj), pytest.approx(prices.write.pj))
    active = sum(one.background_energy(cycles_bankact_ckehi=1) for one in domains)
    precharged = sum(one.background_energy(cycles_bankpre_ckehi=1) for one in domains)
    assert (active, precharged) == (pytest.approx(prices.active.pj), pytest.approx(prices.precharged.pj))


def test_lines_add_up_and_standby_covers_all_clocks():
    dram = load_dram("ddr3_1600", channels=2)
    line = np.arange(1000)
    served = serve(dram, line, line % 2, np.zeros(1000, np.int64))
    prices = load_prices("ddr3_1600", dram)
    lines = price(prices, served.counts, served.clocks)
    assert all(one.energy_pj == one.times * one.pj_each and one.source for one in lines)
    standby = [one.times for one in lines if one.component == STANDBY]
    assert sum(standby) == 2 * 2 * served.clocks
    assert min(standby) > 0
    parts = by_component(lines)
    assert list(parts) == [CORE, IO, STANDBY, TOTAL]
    assert parts[IO] == pytest.approx(500 * 512 * 3.23 + 500 * 512 * 16.6)
    number = {name: int(value.sum()) for name, value in served.counts._asdict().items()}
    core = number["activates"] * 10935 + 500 * 7140 + 500 * 5220 + number["refreshes"] * 614640
    assert parts[CORE] == pytest.approx(core)


def test_each_price_moves_its_line_alone():
    dram = load_dram("lpddr4_3200")
    prices = load_prices("lpddr4_3200", dram)
    counts = DramCounts(*(np.array([i + 1], np.int64) for i in range(9)))
    before = price(prices, counts, 1000)
    fields = [name for name, item in prices._asdict().items() if hasattr(item, "pj")]
    for i, name in enumerate(fields):
        changed = prices._replace(**{name: getattr(prices, name)._replace(pj=1e6)})
        after = price(changed, counts, 1000)
        assert [one == other for one, other in zip(before, after, strict=True)] == [k != i for k in range(len(before))]


def test_prices_belong_to_a_burst():
    with pytest.raises(InputError, match=r"line_bytes is 32; expected 64: currents are those of such a burst"):
        load_prices("ddr3_1600", load_dram("ddr3_1600", line_bytes=32))
