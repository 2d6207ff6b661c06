"""The published figures of EIE, simulated.

Only one of the paper's layers is public, so layers are drawn at random with the published densities (see
`workloads/zoo`); each figure is a mean over several draws.
"""

from collections.abc import Callable, Container, Iterator, Sequence
from functools import cache, partial

from simulator.config.load import Config, load_arch
from simulator.core.published import PublishedFigure, compare_figure, read_published, standing
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

DRAWS = 10
"""Random draws differ by up to 4 % in actual / theoretical time, most where rows are rough."""
CONFIG = "eie_64pe"
SHRINK = 45 / 28
"""The paper's projection to 28 nm: clock times this factor, area divided by its square, same power (Table V)."""


Quantity = Callable[[Result], float]
QUANTITIES: dict[str, Quantity] = {
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
def configuration(name: str = CONFIG, **changes: int) -> Config:
    """The paper's machine with changes, its memories filled in no time: the paper's figures assume that layers fit.

    The result is cached, so that YAML is parsed once for each change.
    """
    return load_arch(name, dram="none", **changes)


class LayerCache:
    """The drawn workloads of one layer and their layouts, kept for simulations on changed configurations."""

    def __init__(self, seeds: range):
        self.seeds = seeds
        self._layer = ""
        self._workloads: dict[int, Workload] = {}
        self._passes: dict[tuple[int, int], tuple[Streams, ...]] = {}

    def each(self, layer: str, quantity: Quantity, config: str = CONFIG, **changes: int) -> list[float]:
        """A quantity of each draw, on the machine with `changes`."""
        return [quantity(self.run(layer, seed, config, **changes)) for seed in self.seeds]

    def mean(self, layer: str, quantity: Quantity, **changes: int) -> float:
        """The mean of a quantity over the draws, on the machine with `changes`."""
        found = self.each(layer, quantity, CONFIG, **changes)
        return sum(found) / len(found)

    def run(self, layer: str, seed: int, config: str = CONFIG, **changes: int) -> Result:
        """Simulate one draw of a layer; among the changes used here, only `pes` needs a new layout."""
        if layer != self._layer:
            self._layer, self._passes = layer, {}
            self._workloads = {seed: load_workload(layer, seed=seed) for seed in self.seeds}
        machine, workload = configuration(config, **changes), self._workloads[seed]
        key = machine.arch.pes, seed
        if key not in self._passes:
            self._passes[key] = layout(machine.arch, workload.layer)
        return simulate(machine, workload, output=False, passes=self._passes[key])


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


class _Row:
    """Makes the rows of a table for one paper."""

    def __init__(self, paper: str, table: Document, first_seed: int):
        self._paper, self._table, self._seed = paper, table, first_seed

    def drawn(self, row: str, quantity: str, published: float | None, each: list[float], case: str) -> PublishedFigure:
        """A figure over draws. case: what an exception of the table may name."""
        return self._compare(row, quantity, published, each, case, self._seed)

    def computed(self, row: str, quantity: str, published: float | None, one: float, case: str) -> PublishedFigure:
        """A figure that no layer is drawn for."""
        return self._compare(row, quantity, published, one, case, None)

    def _compare(
        self, row: str, quantity: str, published: float | None, found: float | list[float], case: str, seed: int | None
    ) -> PublishedFigure:
        table, known = self._table, standing(self._table, case)
        return compare_figure(
            self._paper, table["table"], row, quantity, published, found, table["mark"], known, first_seed=seed
        )


def _table(layer_cache: LayerCache, paper: str, table: Document, layer: str) -> Iterator[PublishedFigure]:
    """The figures of a table for one layer."""
    quantity, make = table["quantity"], _Row(paper, table, layer_cache.seeds[0])
    config = table.get("configuration", CONFIG).partition(",")[0]
    if quantity == "projection":
        yield from _projection(layer_cache, make, table, layer, config)
    elif quantity == "sram_power_mw":
        for name, value in table["rows"].items():
            yield make.computed(name, quantity, value, _sram_power_mw(config, name), name)
    elif "counts" in table:
        for name, value in table["rows"].items():
            yield make.computed(name, quantity, value, _of_counts(table["counts"], quantity, name), name)
    elif quantity == "pe_power_mw":
        for name, value in table["rows"].items():
            yield make.drawn(name, quantity, value, layer_cache.each(layer, partial(pe_power_mw, name), config), name)
    elif quantity == "summary":
        for key, value in table["rows"].items():
            yield make.drawn(layer, key, value, layer_cache.each(layer, QUANTITIES[key], config), key)
    else:
        yield from _of_layers(layer_cache, make, table, layer)


def _of_layers(layer_cache: LayerCache, make: _Row, table: Document, layer: str) -> Iterator[PublishedFigure]:
    """A layer's figure, or those of all values of the parameter that the table varies."""
    quantity, value = table["quantity"], table["rows"][layer]
    if "over" not in table:
        yield make.drawn(layer, quantity, value, layer_cache.each(layer, QUANTITIES[quantity]), layer)
        return
    ((key, points),) = table["over"].items()
    for point, published in zip(points, value or [None] * len(points), strict=True):
        each = layer_cache.each(layer, QUANTITIES[quantity], **{key: point})
        row = f"{layer}, {key}={point}"
        yield make.drawn(row, quantity, published, each, row)


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


def _sram_power_mw(config: str, name: str) -> float:
    """The power of a PE's SRAMs that are priced by accesses in mW: of a module, or of `all memory`."""
    chosen = ("spmat_read", "pointer_read") if name == "all memory" else (name,)
    shares = configuration(config).technology.static_mw
    return sum(share.value for share in shares if share.type == "memory" and share.component in chosen)


def _projection(
    layer_cache: LayerCache, make: _Row, table: Document, layer: str, config: str
) -> Iterator[PublishedFigure]:
    """256 PEs at 28 nm, projected from 45 nm by the paper's rule.

    from its published figures, then from simulated ones.
    """
    speedup = {"frames_per_s": table["speedup"], "power_w": 4, "area_mm2": 4}
    ruled = _at_28_nm({key: value * speedup[key] for key, value in table["from"].items()})
    for key, value in table["rows"].items():
        name = "the paper's rule on its 64 PEs"
        yield make.computed(name, key, value, ruled[key], name)
    whole = {key: layer_cache.each(layer, QUANTITIES[key], config, pes=256) for key in ruled if key in speedup}
    draws = [_at_28_nm(dict(zip(whole, one, strict=True))) for one in zip(*whole.values(), strict=True)]
    for key, value in table["rows"].items():
        name = "256 PEs simulated"
        yield make.drawn(name, key, value, [one[key] for one in draws], f"{name}/{key}")


def _at_28_nm(figures: dict[str, float]) -> dict[str, float]:
    frames = figures["frames_per_s"] * SHRINK
    scaled = {"frames_per_s": frames, "area_mm2": figures["area_mm2"] / SHRINK**2, "power_w": figures["power_w"]}
    return {**scaled, "frames_per_j": frames / figures["power_w"]}
