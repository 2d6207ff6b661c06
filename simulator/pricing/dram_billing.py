"""Energy of a machine's DRAM by its data sheet, command by command, in place of flat prices per event."""

from collections.abc import Collection, Sequence

from simulator.hardware.dram.engine.memory import Trace, serve_channels
from simulator.hardware.dram.requests import Requests
from simulator.hardware.dram.spec import to_clock
from simulator.pricing.data_sheet import load_prices, price
from simulator.pricing.energy import DRAM, STATIC, Line

ELSEWHERE = "in dram_core, dram_io and dram_standby, by data sheet"
"""The source of lines without a price, because the data sheet covers them."""


def by_data_sheet(
    lines: Sequence[Line], name: str, channels: Sequence[Requests], asked: Collection[str], cycles: int
) -> list[Line]:
    """The energy lines of a run, with its DRAM priced command by command.

    The requests of each channel are served again, at the cycles of the run; each channel is in standby and refreshed
    for the whole run. name: the memory. asked: events whose data the requests move. These events and the static power
    of `dram` lose their flat price, and the lines of the data sheet are added. Other DRAM events keep their price: the
    model does not request their data. InputError where the memory's lines do not have the preset's size.
    """
    dram = channels[0].dram
    traces = [Trace(one.line, one.write, to_clock(dram, one.cycle)) for one in channels]
    _, counts, clocks = serve_channels(dram, traces, to_clock(dram, cycles))
    rest = [_unpriced(line) if _is_flat(line, asked) else line for line in lines]
    return [*rest, *price(load_prices(name, dram), counts, clocks)]


def _is_flat(line: Line, asked: Collection[str]) -> bool:
    """Whether the data sheet covers the energy of this line."""
    return line.component == DRAM and (line.event == STATIC or line.event in asked)


def _unpriced(line: Line) -> Line:
    return line._replace(pj_each=0.0, energy_pj=0.0, source=ELSEWHERE)
