"""What the DRAM behind a machine draws by its data sheet, in place of flat prices of the machine's events."""

from collections.abc import Collection, Sequence

from simulator.hardware.dram.engine.memory import Trace, serve_channels
from simulator.hardware.dram.requests import Requests
from simulator.hardware.dram.spec import to_clock
from simulator.pricing.data_sheet import load_prices, price
from simulator.pricing.energy import DRAM, STATIC, Line

ELSEWHERE = "in dram_core, dram_io and dram_standby, by data sheet"


def by_data_sheet(
    lines: Sequence[Line], name: str, channels: Sequence[Requests], asked: Collection[str], cycles: int
) -> list[Line]:
    """The lines of a run whose DRAM is priced command by command.

    The requests are served once more, as the run asked for them; each channel is in standby and refreshed for the whole
    run. name: the memory's. asked: the events that requests stand for; they and the static power of `dram` have no
    price of their own then. Other events keep theirs: what they move takes no time in the model, and is not asked for.
    """
    dram = channels[0].dram
    traces = [Trace(one.line, one.write, to_clock(dram, one.cycle)) for one in channels]
    _, counts, clocks = serve_channels(dram, traces, to_clock(dram, cycles))
    own = [_unpriced(line) if _is_flat(line, asked) else line for line in lines]
    return [*own, *price(load_prices(name, dram), counts, clocks)]


def _is_flat(line: Line, asked: Collection[str]) -> bool:
    """Whether the data sheet prices what this line stands for."""
    return line.component == DRAM and (line.event == STATIC or line.event in asked)


def _unpriced(line: Line) -> Line:
    return line._replace(pj_each=0.0, energy_pj=0.0, source=ELSEWHERE)
