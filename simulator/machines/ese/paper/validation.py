"""The published figures of ESE, simulated: means over random draws of the layer (see `workloads/zoo`)."""

from collections.abc import Callable, Container, Iterator, Sequence
from typing import NamedTuple

from simulator.config.load import Config, load_arch
from simulator.core.published import PublishedFigure, compare_figure, read_published, standing
from simulator.machines.ese import MACHINE
from simulator.machines.ese.layout.streams import Streams, layout
from simulator.machines.ese.paper.balance import CONFIG, LAYER, speedup
from simulator.machines.ese.paper.real_cycles import TAIL, real_cycles
from simulator.pricing.energy import by_component
from simulator.pricing.technology import TOTAL
from simulator.results.result import Result
from simulator.run.simulate import simulate
from workloads.document_types import Document
from workloads.model import load_workload

DRAWS = 10
"""The number of draws, the same as for EIE."""
SUM = "sum of the matrices"


class Draw(NamedTuple):
    """One draw of the layer, run for a time step."""

    result: Result
    streams: Streams
    real: dict[str, int]  # matrix or `TAIL` -> cycles

    @property
    def lines(self) -> int:
        """Lines of all matrices."""
        return sum(matrix.lines for matrix in self.streams.matrices.values())


def rows(seed: int, draws: int, quantities: Container[str] | None = None) -> Iterator[PublishedFigure]:
    """Every published figure with its simulated one; `quantities` selects some."""
    published = read_published("simulator.machines.ese.paper")
    config, seeds = load_arch(CONFIG), range(seed, seed + draws)
    found = [_draw(config, one) for one in seeds]
    for table in (one for one in published["tables"] if quantities is None or one["quantity"] in quantities):
        for row, value in table["rows"].items():
            if "over" in table:
                yield from _curve(published["paper"], table, row, seeds)
                continue
            each = [QUANTITIES[table["quantity"]](draw, row, table) for draw in found]
            yield _row(published["paper"], table, row, value, each, seed)


def _curve(paper: str, table: Document, curve: str, seeds: range) -> Iterator[PublishedFigure]:
    """The speed-up over dense at each share of pruned weights."""
    ((key, points),) = table["over"].items()
    for percent, value in zip(points, table["rows"][curve], strict=True):
        each = [speedup(curve == "balanced", 1 - percent / 100, seed) for seed in seeds]
        yield _row(paper, table, f"{curve}, {key}={percent}", value, each, seeds[0])


def _row(
    paper: str, table: Document, row: str, value: float | None, each: Sequence[float], seed: int
) -> PublishedFigure:
    """A figure over draws."""
    known = standing(table, row)
    return compare_figure(paper, table["table"], row, table["quantity"], value, each, table["mark"], known, seed)


def _draw(config: Config, seed: int) -> Draw:
    workload = load_workload(LAYER, seed=seed, formats=MACHINE.formats(config.arch))
    passes = layout(config.arch, workload.layer)
    result = simulate(config, workload, output=False, passes=passes)
    return Draw(result, passes[0], real_cycles(config, passes[0]))


def _microseconds(draw: Draw, cycles: float) -> float:
    return cycles / draw.result.config.technology.clock_mhz


def _theoretical_us(draw: Draw, row: str, _: Document) -> float:
    """One cycle for each line of a matrix; the total is, as in the paper, the sum of the rounded rows."""
    printed = {name: _microseconds(draw, matrix.lines) for name, matrix in draw.streams.matrices.items()}
    return sum(round(value, 1) for value in printed.values()) if row == "total" else printed[row]


def _real_us(draw: Draw, row: str, _: Document) -> float:
    if row == "total":
        return draw.result.time_us
    if row == SUM:
        return _microseconds(draw, sum(draw.real.values()) - draw.real[TAIL])
    return _microseconds(draw, draw.real[row])


def _gops(draw: Draw, *_: object) -> float:
    """As the paper counts: two operations for each entry in the packed lines, in each channel."""
    arch = draw.result.config.arch
    entries = draw.lines * arch.line_bits // (arch.weight_bits + arch.index_bits)
    return 2 * entries * arch.channels / draw.result.time_us / 1000


def _gops_dense(draw: Draw, *_: object) -> float:
    return draw.result.workload.layer.dense_operations / draw.result.time_us / 1000


def _power_w(draw: Draw, *_: object) -> float:
    return by_component(draw.result.energy)[TOTAL] / draw.result.time_us * 1e-6


def _speed_ratio(draw: Draw, row: str, table: Document) -> float:
    return table["baselines_us"][row] / draw.result.time_us


def _energy_ratio(draw: Draw, row: str, table: Document) -> float:
    joules = by_component(draw.result.energy)[TOTAL] * 1e-6
    return table["baselines_us"][row] * table["baselines_w"][row] / joules


def _resources(draw: Draw, row: str, _: Document) -> float:
    return draw.result.figures[row]


QUANTITIES: dict[str, Callable[[Draw, str, Document], float]] = {
    "theoretical_us": _theoretical_us,
    "real_us": _real_us,
    "gops": _gops,
    "gops_dense_equivalent": _gops_dense,
    "power_w": _power_w,
    "speed_ratio": _speed_ratio,
    "energy_ratio": _energy_ratio,
    "resources": _resources,
}
