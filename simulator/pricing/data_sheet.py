"""What a DRAM's events cost, by the equations of data sheets (Micron TN-41-01): core and I/O apart.

A current beyond standby, times voltage and the time that it flows: mA x V x ns = pJ, added up over supplies and chips.
"""

from typing import NamedTuple

from simulator.hardware.dram.presets import Preset, Rail, load_preset
from simulator.hardware.dram.spec import Dram, DramCounts
from simulator.pricing.energy import Line
from workloads.errors import InputError

CORE, IO, STANDBY = "dram_core", "dram_io", "dram_standby"


class DramPrice(NamedTuple):
    """What one event costs."""

    component: str
    event: str
    pj: float
    source: str


class DramPrices(NamedTuple):
    """Prices of a memory's events, and of a clock of a rank with or without an open row."""

    ranks: int
    line_bits: int
    tck_ns: float
    activate: DramPrice  # and precharge, of a row
    read: DramPrice  # of a line
    write: DramPrice
    refresh: DramPrice  # of a rank
    read_io: DramPrice
    write_io: DramPrice
    active: DramPrice  # of a rank, for a clock in which a row is open
    precharged: DramPrice  # for another clock

    def standby_mw(self) -> tuple[float, float]:
        """Power of a rank with and without an open row."""
        return self.active.pj / self.tck_ns, self.precharged.pj / self.tck_ns

    def pj_per_bit(self, kind: str) -> float:
        """What a bit costs that is read or written in an open row: core alone."""
        return getattr(self, kind).pj / self.line_bits


def load_prices(name: str, dram: Dram) -> DramPrices:
    """The prices of a memory that was loaded by `load_dram(name, ...)`; InputError if its lines were changed."""
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
    """Price what happened within so many clocks; every event has its line, at zero too.

    A rank is in standby all the time; what its commands draw comes on top. Power-down is not modelled.
    """
    times = {name: int(value.sum()) for name, value in counts._asdict().items()}
    times["precharged_clocks"] = clocks * prices.ranks * counts.reads.size - times["active_clocks"]
    items = [item for item in prices if isinstance(item, DramPrice)]
    return [
        Line(item.component, item.event, times[item.event], item.pj, times[item.event] * item.pj, item.source)
        for item in items
    ]


def event_pj(preset: Preset, event: str) -> float:
    """An event's core energy from the currents of all chips of a rank."""
    return preset.chips.value * sum(_rail_pj(preset, rail, event) for rail in preset.rails.values())


def standby_mw(preset: Preset, current: str) -> float:
    """Power of all chips of a rank at a standby current."""
    return preset.chips.value * sum(rail.volts * getattr(rail, current) for rail in preset.rails.values())


def _rail_pj(preset: Preset, rail: Rail, event: str) -> float:
    """An event's energy out of one supply of a chip."""
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
    """An event's price and its source: a published one if the file has one, else the currents'."""
    if event in preset.event_pj:
        published = preset.event_pj[event]
        return published.value, published.source
    return event_pj(preset, event), f"TN-41-01; {_sources(preset)}"


def _sources(preset: Preset) -> str:
    return "; ".join(dict.fromkeys(rail.source for rail in preset.rails.values()))
