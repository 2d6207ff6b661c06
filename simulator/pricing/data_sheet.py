"""Energy of a DRAM's events from the currents of its data sheet, by Micron TN-41-01. Core and I/O are separate.

An event costs its current above standby, times the voltage, times the duration: mA x V x ns = pJ, summed over voltage
rails and chips.
"""

from typing import NamedTuple

from simulator.hardware.dram.presets import Preset, Rail, load_preset
from simulator.hardware.dram.spec import Dram, DramCounts
from simulator.pricing.energy import Line
from workloads.errors import InputError

CORE, IO, STANDBY = "dram_core", "dram_io", "dram_standby"


class DramPrice(NamedTuple):
    """The energy of one event in pJ, and its component."""

    component: str
    event: str
    pj: float
    source: str


class DramPrices(NamedTuple):
    """Prices of a memory's events, and of a memory clock of a rank with and without an open row."""

    ranks: int
    line_bits: int
    tck_ns: float  # a memory clock
    activate: DramPrice  # of a row, with the precharge that follows
    read: DramPrice  # of a line
    write: DramPrice
    refresh: DramPrice  # of a rank
    read_io: DramPrice
    write_io: DramPrice
    active: DramPrice  # of a rank, for a clock in which a row is open
    precharged: DramPrice  # for another clock

    def standby_mw(self) -> tuple[float, float]:
        """Power in mW of a rank with an open row, and without one."""
        return self.active.pj / self.tck_ns, self.precharged.pj / self.tck_ns

    def pj_per_bit(self, kind: str) -> float:
        """Core energy in pJ of a bit in an open row. kind: `read` or `write`."""
        return getattr(self, kind).pj / self.line_bits


def load_prices(name: str, dram: Dram) -> DramPrices:
    """Prices of the memory that `load_dram(name, ...)` loaded.

    InputError where the size of its lines differs from the preset's, whose currents belong to bursts of that size.
    """
    preset = load_preset(name)
    if dram.line_bytes != preset.geometry["line_bytes"].value:
        expected = f"{preset.geometry['line_bytes'].value}: currents are those of such a burst"
        raise InputError(f"DRAM {name}: line_bytes is {dram.line_bytes}; expected {expected}")
    bits, tck_ns = 8 * dram.line_bytes, dram.tck_ps / 1000
    events = {key: _event(preset, key) for key in ("activate", "read", "write", "refresh")}
    io = {key: (item.value * bits, item.source) for key, item in preset.io_pj_per_bit.items()}
    source = _sources(preset)
    return DramPrices(
        ranks=dram.ranks,
        line_bits=bits,
        tck_ns=tck_ns,
        activate=DramPrice(CORE, "activates", *events["activate"]),
        read=DramPrice(CORE, "reads", *events["read"]),
        write=DramPrice(CORE, "writes", *events["write"]),
        refresh=DramPrice(CORE, "refreshes", *events["refresh"]),
        read_io=DramPrice(IO, "reads", *io["read"]),
        write_io=DramPrice(IO, "writes", *io["write"]),
        active=DramPrice(STANDBY, "active_clocks", standby_mw(preset, "idd3n_ma") * tck_ns, f"IDD3N; {source}"),
        precharged=DramPrice(STANDBY, "precharged_clocks", standby_mw(preset, "idd2n_ma") * tck_ns, f"IDD2N; {source}"),
    )


def price(prices: DramPrices, counts: DramCounts, clocks: int) -> list[Line]:
    """Energy lines of the counts of a run of `clocks` memory clocks; every event has a line, even where it is zero.

    Every rank draws standby current all the time, and its commands draw more in addition. Power-down is not modelled.
    """
    times = {name: int(value.sum()) for name, value in counts._asdict().items()}
    times["precharged_clocks"] = clocks * prices.ranks * counts.reads.size - times["active_clocks"]
    items = [item for item in prices if isinstance(item, DramPrice)]
    return [
        Line(item.component, item.event, times[item.event], item.pj, times[item.event] * item.pj, item.source)
        for item in items
    ]


def event_pj(preset: Preset, event: str) -> float:
    """Core energy of an event in pJ, from the currents of all chips of a rank (TN-41-01)."""
    return preset.chips.value * sum(_rail_pj(preset, rail, event) for rail in preset.rails.values())


def standby_mw(preset: Preset, current: str) -> float:
    """Power in mW of all chips of a rank. current: a standby current of the rails, `idd3n_ma` or `idd2n_ma`."""
    return preset.chips.value * sum(rail.volts * getattr(rail, current) for rail in preset.rails.values())


def _rail_pj(preset: Preset, rail: Rail, event: str) -> float:
    """Energy of an event in pJ that one voltage rail of one chip delivers."""
    burst = preset.burst_ns.value
    if event == "read":
        return rail.volts * (rail.idd4r_ma - rail.idd3n_ma) * burst
    if event == "write":
        return rail.volts * (rail.idd4w_ma - rail.idd3n_ma) * burst
    if event == "refresh":
        return rail.volts * (rail.idd5_ma - rail.idd3n_ma) * preset.timing_ns["rfc"].value
    cycle, open_ns = preset.timing_ns["rc"].value, preset.timing_ns["ras"].value
    return rail.volts * (rail.idd0_ma * cycle - rail.idd3n_ma * open_ns - rail.idd2n_ma * (cycle - open_ns))


def _event(preset: Preset, event: str) -> tuple[float, str]:
    """Price of an event in pJ and its source: published energy where the file has it, else from the currents."""
    if event in preset.event_pj:
        published = preset.event_pj[event]
        return published.value, published.source
    return event_pj(preset, event), f"TN-41-01; {_sources(preset)}"


def _sources(preset: Preset) -> str:
    return "; ".join(dict.fromkeys(rail.source for rail in preset.rails.values()))
