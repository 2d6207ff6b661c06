"""The published figures of EIE, simulated.

Only one of the paper's layers is public, so layers are drawn at random with the published densities (see
`workloads/zoo`); each figure is a mean over several draws.
"""

from collections.abc import Callable, Container, Iterator, Sequence
from functools import cache, partial

from simulator.config.load import Config, load_arch
from simulator.core.published import PublishedFigure, compare_figure, read_published
from simulator.machines.eie import MACHINE
from simulator.machines.eie.arch import Counts
from simulator.machines.eie.layout.streams import Streams, layout
from simulator.pricing.energy import Line, by_component, by_type, price
from simulator.pricing.technology import TOTAL
from simulator.results.result import Result
from simulator.run.simulate import simulate
from workloads.document_types import Document, Fields
from workloads.model import load_workload
from workloads.workload import Workload

DRAWS = 3
"""Random draws differ by up to 2 % in actual / theoretical time."""
CONFIG = "eie_64pe"
SHRINK = 45 / 28
"""The paper's projection to 28 nm: clock times this factor, area divided by its square, same power (Table V)."""


QUANTITIES: dict[str, Callable[[Result], float]] = {
    "theoretical_us": lambda result: result.figures["theoretical_cycles"] / result.config.technology.clock_mhz,
    "actual_us": lambda result: result.time_us,
    "actual_over_theoretical": lambda result: result.run.cycles / result.figures["theoretical_cycles"],
    "load_balance_percent": lambda result: 100 * result.figures["load_balance"],
    "real_over_total_work_percent": lambda result: 100 * result.figures["work_efficiency"],
    "spmat_read_energy_nj": lambda result: (
        sum(line.energy_pj for line in result.energy if line.event == "spmat_row_reads") / 1000
    ),
    "spmat_row_reads_thousand": lambda result: result.run.counts.spmat_row_reads.sum() / 1000,
    "frames_per_s": lambda result: 1e6 / result.time_us,
    "frames_per_j": lambda result: 1e12 / by_component(result.energy)[TOTAL],
    "power_w": lambda result: by_component(result.energy)[TOTAL] / result.time_us * 1e-6,
    "area_mm2": lambda result: result.given_area_mm2,
}


@cache
def configuration(**changes: int) -> Config:
    """The paper's machine with changes, its memories filled in no time: the paper's figures assume that layers fit.

    The result is cached, so that YAML is parsed once for each change.
    """
    return load_arch(CONFIG, dram="none", **changes)


class LayerCache:
    """The drawn workloads of one layer and their layouts, kept for simulations on changed configurations."""

    def __init__(self, seeds: range):
        self.seeds = seeds
        self._layer = ""
        self._workloads: dict[int, Workload] = {}
        self._passes: dict[tuple[int, int], tuple[Streams, ...]] = {}

    def mean(self, layer: str, quantity: Callable[[Result], float], **changes: int) -> float:
        """The mean of a quantity over the draws, on the machine with `changes`."""
        return sum(quantity(self.run(layer, seed, **changes)) for seed in self.seeds) / len(self.seeds)

    def run(self, layer: str, seed: int, **changes: int) -> Result:
        """Simulate one draw of a layer; among the changes used here, only `pes` needs a new layout."""
        if layer != self._layer:
            self._layer, self._passes = layer, {}
            self._workloads = {seed: load_workload(layer, seed=seed) for seed in self.seeds}
        config, workload = configuration(**changes), self._workloads[seed]
        key = config.arch.pes, seed
        if key not in self._passes:
            self._passes[key] = layout(config.arch, workload.layer)
        return simulate(config, workload, output=False, passes=self._passes[key])


def rows(
    seed: int, draws: int, layers: list[str] | None = None, quantities: Container[str] | None = None
) -> Iterator[PublishedFigure]:
    """Every published figure with its simulated one, layer by layer; `layers` and `quantities` select some."""
    published = read_published("simulator.machines.eie.paper")
    layer_cache = LayerCache(range(seed, seed + draws))
    tables = [table for table in published["tables"] if quantities is None or table["quantity"] in quantities]
    for layer in dict.fromkeys(name for table in tables for name in _layers(table)):
        if layers is None or layer in layers:
            for table in tables:
                if layer in _layers(table):
                    yield from _table(layer_cache, published["paper"], table, layer)


def _layers(table: Document) -> list[str]:
    """The layers of a table."""
    return [table["layer"]] if "layer" in table else list(table["rows"])


def _table(layer_cache: LayerCache, paper: str, table: Document, layer: str) -> Iterator[PublishedFigure]:
    """The figures of a table for one layer."""
    quantity, row = table["quantity"], partial(compare_figure, paper, table["table"], mark=table["mark"])
    if quantity == "projection":
        yield from _projection(layer_cache, row, table, layer)
    elif "counts" in table:
        for name, value in table["rows"].items():
            yield row(name, quantity, value, _of_counts(table["counts"], quantity, name))
    elif quantity == "pe_power_mw":
        for name, value in table["rows"].items():
            yield row(name, quantity, value, layer_cache.mean(layer, partial(pe_power_mw, name)))
    elif quantity == "summary":
        for key, value in table["rows"].items():
            yield row(layer, key, value, layer_cache.mean(layer, QUANTITIES[key]))
    elif "over" not in table:
        yield row(layer, quantity, table["rows"][layer], layer_cache.mean(layer, QUANTITIES[quantity]))
    else:
        ((key, points),) = table["over"].items()
        values = table["rows"][layer] or [None] * len(points)
        for point, value in zip(points, values, strict=True):
            simulated = layer_cache.mean(layer, QUANTITIES[quantity], **{key: point})
            yield row(f"{layer}, {key}={point}", quantity, value, simulated)


def pe_power_mw(name: str, result: Result) -> float:
    """Mean power of a PE over a run in mW, idle cycles included: of a module or a type of Table II, or `total`."""
    return _pe_power_mw(name, result.energy, result.config, result.time_us)


def _pe_power_mw(name: str, lines: Sequence[Line], config: Config, time_us: float) -> float:
    inside = {share.component for share in config.technology.static_mw if share.per == "pe"}
    of_pes = [line for line in lines if line.component in inside]
    return {**by_type(of_pes), **by_component(of_pes)}[name] / time_us / config.arch.pes / 1000


def _of_counts(counts: Fields, quantity: str, name: str) -> float:
    """Power of a PE's component in mW, or of the machine in W, for the counts that a table gives."""
    config = configuration()
    times = {**dict.fromkeys(Counts._fields, 0), **counts["events"]}
    lines = price(times, counts["cycles"], MACHINE.units(config.arch), config.technology)
    time_us = counts["cycles"] / config.technology.clock_mhz
    if quantity == "power_w":
        return by_component(lines)[TOTAL] / time_us * 1e-6
    return _pe_power_mw(name, lines, config, time_us)


def _projection(
    layer_cache: LayerCache, row: Callable[..., PublishedFigure], table: Document, layer: str
) -> Iterator[PublishedFigure]:
    """256 PEs at 28 nm, projected from 45 nm by the paper's rule.

    from its published figures, then from simulated ones.
    """
    whole = {key: layer_cache.mean(layer, QUANTITIES[key], pes=256) for key in ("frames_per_s", "power_w", "area_mm2")}
    speedup = {"frames_per_s": table["speedup"], "power_w": 4, "area_mm2": 4}
    ruled = {key: value * speedup[key] for key, value in table["from"].items()}
    for name, figures in (("the paper's rule on its 64 PEs", ruled), ("256 PEs simulated", whole)):
        frames = figures["frames_per_s"] * SHRINK
        scaled = {"frames_per_s": frames, "area_mm2": figures["area_mm2"] / SHRINK**2, "power_w": figures["power_w"]}
        scaled["frames_per_j"] = frames / figures["power_w"]
        for key, value in table["rows"].items():
            yield row(name, key, value, scaled[key])
