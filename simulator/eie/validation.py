"""The figures of EIE's paper, simulated.

Only one real layer is public, so the layers are drawn (see `workloads/zoo`); each figure is a mean over several draws.
"""

from collections.abc import Callable, Iterator
from functools import cache, partial
from importlib.resources import files
from typing import Any, NamedTuple

import yaml

from simulator.accelerator import totals
from simulator.config import Config, load_arch
from simulator.eie.arch import Counts, Reasons, figures, units
from simulator.eie.engine import time
from simulator.eie.streams import Streams, layout
from simulator.energy import STATIC, area_mm2, by_component, price
from simulator.validate import Row, compare
from workloads.catalogue import Workload, load_workload

CONFIG = "eie_64pe"


class Timing(NamedTuple):
    """A run without its output."""

    config: Config
    cycles: int
    counts: Counts
    reasons: Reasons

    @property
    def merit(self) -> dict[str, Any]:
        """Figures of merit."""
        return figures(self.config.arch, self.cycles, self.counts)

    @property
    def time_us(self) -> float:
        """Simulated time."""
        return self.cycles / self.config.technology.clock_mhz

    @property
    def energy_pj(self) -> float:
        """All energy of the run."""
        config = self.config
        lines = price(totals(self.counts), self.cycles, units(config.arch), config.technology)
        return by_component(lines)["total"]


QUANTITIES: dict[str, Callable[[Timing], float]] = {
    "theoretical_us": lambda run: run.merit["theoretical_cycles"] / run.config.technology.clock_mhz,
    "actual_us": lambda run: run.time_us,
    "actual_over_theoretical": lambda run: run.cycles / run.merit["theoretical_cycles"],
    "load_balance_percent": lambda run: 100 * run.merit["load_balance"],
    "real_over_total_work_percent": lambda run: 100 * run.merit["work_efficiency"],
    "spmat_row_reads_thousand": lambda run: run.counts.spmat_row_reads.sum() / 1000,
    "frames_per_s": lambda run: 1e6 / run.time_us,
    "frames_per_j": lambda run: 1e12 / run.energy_pj,
    "power_w": lambda run: run.energy_pj / run.time_us * 1e-6,
    "area_mm2": lambda run: area_mm2(units(run.config.arch), run.config.technology),
}


@cache
def configuration(**changes: int) -> Config:
    """The paper's machine, changed; YAML is parsed once for each change."""
    return load_arch(CONFIG, **changes)


class Bench:
    """Simulates a layer on a changed configuration, and keeps what can be used again."""

    def __init__(self, seeds: range):
        self.workloads: dict[int, Workload] = {}
        self.seeds = seeds
        self.layer = ""
        self._streams: dict[tuple[int, int], Streams] = {}

    def mean(self, layer: str, quantity: Callable[[Timing], float], **changes: int) -> float:
        """The mean of a quantity over the draws."""
        return sum(quantity(self.run(layer, seed, **changes)) for seed in self.seeds) / len(self.seeds)

    def run(self, layer: str, seed: int, **changes: int) -> Timing:
        """Time one draw of a layer."""
        if layer != self.layer:
            self.layer, self._streams = layer, {}
            self.workloads = {seed: load_workload(layer, seed=seed) for seed in self.seeds}
        config = configuration(**changes)
        key = config.arch.pes, seed
        if key not in self._streams:
            (self._streams[key],) = layout(config.arch, self.workloads[seed].layer)
        done = time(config.arch, self._streams[key])
        return Timing(config, done.cycles, done.counts, done.reasons)


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
    name, quantity = table["table"], table["quantity"]
    if table.get("layer", layer) != layer or ("layer" not in table and layer not in table["rows"]):
        return
    if quantity == "pe_power_mw":
        for module, value in table["rows"].items():
            yield compare(paper, name, module, quantity, value, bench.mean(layer, partial(steady_power_mw, module)))
    elif quantity == "summary":
        for key, value in table["rows"].items():
            yield compare(paper, name, layer, key, value, bench.mean(layer, QUANTITIES[key]))
    elif "over" not in table:
        yield compare(paper, name, layer, quantity, table["rows"][layer], bench.mean(layer, QUANTITIES[quantity]))
    else:
        ((key, points),) = table["over"].items()
        values = table["rows"][layer] or [None] * len(points)
        for point, value in zip(points, values, strict=True):
            simulated = bench.mean(layer, QUANTITIES[quantity], **{key: point})
            yield compare(paper, name, f"{layer}, {key}={point}", quantity, value, simulated)


def steady_power_mw(module: str, run: Timing) -> float:
    """Power of a module (or `total`) of a PE that is always busy with what it does on this layer."""
    config, busy = run.config, int(run.reasons.busy.sum())
    lines = price(totals(run.counts), run.cycles, units(config.arch), config.technology)
    power = {share.component: share.value for share in config.technology.static_mw if share.per == "pe"}
    for line in lines:
        if line.event != STATIC and line.component in power:
            power[line.component] += line.energy_pj / busy * config.technology.clock_mhz / 1000
    return sum(power.values()) if module == "total" else power[module]
