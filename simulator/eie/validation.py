"""The figures of EIE's paper, simulated.

Only one real layer is public, so the layers are drawn (see `workloads/zoo`); each figure is a mean over several draws.
"""

from collections.abc import Callable, Iterator
from functools import cache, partial
from importlib.resources import files
from typing import Any

import yaml

from simulator.config import Config, load_arch
from simulator.eie.streams import Streams, layout
from simulator.energy import STATIC, by_component
from simulator.report import Result
from simulator.simulation import simulate
from simulator.technology import TOTAL
from simulator.validate import Row, compare
from workloads.catalogue import load_workload
from workloads.layers import Workload

DRAWS = 3
"""One draw moves actual / theoretical by up to 2 %."""
CONFIG = "eie_64pe"


QUANTITIES: dict[str, Callable[[Result], float]] = {
    "theoretical_us": lambda result: result.figures["theoretical_cycles"] / result.config.technology.clock_mhz,
    "actual_us": lambda result: result.time_us,
    "actual_over_theoretical": lambda result: result.run.cycles / result.figures["theoretical_cycles"],
    "load_balance_percent": lambda result: 100 * result.figures["load_balance"],
    "real_over_total_work_percent": lambda result: 100 * result.figures["work_efficiency"],
    "spmat_row_reads_thousand": lambda result: result.run.counts.spmat_row_reads.sum() / 1000,
    "frames_per_s": lambda result: 1e6 / result.time_us,
    "frames_per_j": lambda result: 1e12 / by_component(result.energy)[TOTAL],
    "power_w": lambda result: by_component(result.energy)[TOTAL] / result.time_us * 1e-6,
    "area_mm2": lambda result: result.area_mm2,
}


@cache
def configuration(**changes: int) -> Config:
    """The paper's machine, changed; YAML is parsed once for each change."""
    return load_arch(CONFIG, **changes)


class Bench:
    """Simulates a layer on a changed configuration, and keeps what can be used again."""

    def __init__(self, seeds: range):
        self.seeds = seeds
        self._layer = ""
        self._workloads: dict[int, Workload] = {}
        self._passes: dict[tuple[int, int], tuple[Streams, ...]] = {}

    def mean(self, layer: str, quantity: Callable[[Result], float], **changes: int) -> float:
        """The mean of a quantity over the draws."""
        return sum(quantity(self.run(layer, seed, **changes)) for seed in self.seeds) / len(self.seeds)

    def run(self, layer: str, seed: int, **changes: int) -> Result:
        """One draw of a layer; of the changes made here, only that of `pes` lays it out anew."""
        if layer != self._layer:
            self._layer, self._passes = layer, {}
            self._workloads = {seed: load_workload(layer, seed=seed) for seed in self.seeds}
        config, workload = configuration(**changes), self._workloads[seed]
        key = config.arch.pes, seed
        if key not in self._passes:
            self._passes[key] = layout(config.arch, workload.layer)
        return simulate(config, workload, output=False, passes=self._passes[key])


def rows(seed: int, draws: int, layers: list[str] | None = None) -> Iterator[Row]:
    """Every published figure with its simulated one, layer by layer; `layers` restricts them."""
    published = yaml.safe_load((files("simulator.eie") / "published.yaml").read_text("utf-8"))
    bench, tables = Bench(range(seed, seed + draws)), published["tables"]
    for layer in dict.fromkeys(name for table in tables if "layer" not in table for name in table["rows"]):
        if layers is None or layer in layers:
            for table in tables:
                yield from _table(bench, published["paper"], table, layer)


def _table(bench: Bench, paper: str, table: dict[str, Any], layer: str) -> Iterator[Row]:
    """A table's figures for one layer."""
    if table.get("layer", layer) != layer or ("layer" not in table and layer not in table["rows"]):
        return
    quantity, row = table["quantity"], partial(compare, paper, table["table"], mark=table["mark"])
    if quantity == "pe_power_mw":
        for module, value in table["rows"].items():
            yield row(module, quantity, value, bench.mean(layer, partial(steady_power_mw, module)))
    elif quantity == "summary":
        for key, value in table["rows"].items():
            yield row(layer, key, value, bench.mean(layer, QUANTITIES[key]))
    elif "over" not in table:
        yield row(layer, quantity, table["rows"][layer], bench.mean(layer, QUANTITIES[quantity]))
    else:
        ((key, points),) = table["over"].items()
        values = table["rows"][layer] or [None] * len(points)
        for point, value in zip(points, values, strict=True):
            simulated = bench.mean(layer, QUANTITIES[quantity], **{key: point})
            yield row(f"{layer}, {key}={point}", quantity, value, simulated)


def steady_power_mw(module: str, result: Result) -> float:
    """Power of a module (or `total`) of a PE that is always busy with what it does on this layer."""
    busy, technology = result.reasons["PE"]["busy"], result.config.technology
    power = {share.component: share.value for share in technology.static_mw if share.per == "pe"}
    for line in result.energy:
        if line.event != STATIC and line.component in power:
            power[line.component] += line.energy_pj / busy * technology.clock_mhz / 1000
    return sum(power.values()) if module == TOTAL else power[module]
