"""The published figures of SCNN, simulated.

Weights and activations of the paper's networks are not public, so layers are drawn at random with the published
densities (see `workloads/zoo`); the density sweep draws GoogLeNet's layers with zeros at uniformly random positions, as
the paper's sweep is synthetic too.
"""

import math
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import replace
from functools import cache, lru_cache, partial
from itertools import pairwise

import numpy as np

from simulator.config.load import Config, load_arch
from simulator.core.published import PublishedFigure, compare_figure, read_published
from simulator.pricing.energy import by_component
from simulator.pricing.technology import TOTAL
from simulator.results.result import Result
from simulator.run.simulate import simulate
from workloads.document_types import Document
from workloads.kinds.convolution.layer import CompressedConvolution
from workloads.model import load_network
from workloads.workload import Workload

DRAWS = 1
"""Random draws differ by less than 1 %."""
OURS, DENSE, OPT = "scnn_8x8", "dcnn", "dcnn_opt"
NETWORKS = ("alexnet", "googlenet", "vgg16")
ONE_SIDED = 0.4
"""The density at which the paper compares the versions that skip only zero weights or only zero activations."""


COARSE = "scnn_2x2"
"""The multipliers, accumulators and memories of the paper's machine in 4 PEs, 256 multipliers in each."""
COARSE_CHANGES = {
    "rows": 2,
    "columns": 2,
    "weights_per_vector": 16,
    "activations_per_vector": 16,
    "banks": 512,
    "fifo_vectors": 200,
    "iaram_bytes": 163840,
    "oaram_bytes": 163840,
    "ppu_width": 64,
}


@cache
def configuration(name: str) -> Config:
    """A shipped configuration, or `COARSE`; the result is cached, so that YAML is parsed once."""
    return load_arch(OURS, **COARSE_CHANGES) if name == COARSE else load_arch(name)


class ResultCache:
    """Runs lists of layers on machines, and keeps the results."""

    def __init__(self, seeds: range):
        self.seeds = seeds
        self._kept: dict[tuple[str, object], list[Result]] = {}

    def results(self, machine: str, what: object, draw: Callable[[int], Iterable[Workload]]) -> list[Result]:
        """The results of all layers of all draws. what: a key for the layers that `draw` makes for a seed."""
        key = machine, what
        if key not in self._kept:
            drawn = [workload for seed in self.seeds for workload in draw(seed)]
            self._kept[key] = [_without_tensors(simulate(configuration(machine), one, output=False)) for one in drawn]
        return self._kept[key]

    def network(self, machine: str, name: str) -> list[Result]:
        """The results of a network of the zoo."""
        return self.results(machine, name, partial(network, name))

    def dense(self, machine: str, density: float) -> list[Result]:
        """The results of GoogLeNet's layers at one density of weights and activations."""
        return self.results(
            machine, density, lambda seed: [at_density(one, density) for one in network("googlenet", seed)]
        )


@lru_cache(maxsize=len(NETWORKS))
def network(name: str, seed: int) -> tuple[Workload, ...]:
    """The convolutions of a network, drawn once for all machines and densities. InputError where the zoo lacks it."""
    return tuple(load_network(name, "convolution", seed=seed))


def at_density(workload: Workload, density: float) -> Workload:
    """The layer with new random weights and activations, each non-zero with probability `density`."""
    layer: CompressedConvolution = workload.layer
    rng = np.random.default_rng([workload.seed or 0, *workload.name.encode()])
    drawn = [
        np.where(rng.random(shape) < density, rng.integers(1, 1 << 8, shape), 0).astype(np.int16)
        for shape in (layer.weight.shape, layer.activation.shape)
    ]
    return workload._replace(layer=layer._replace(weight=drawn[0], activation=drawn[1]))


def rows(
    seed: int, draws: int, layers: list[str] | None = None, quantities: Container[str] | None = None
) -> Iterator[PublishedFigure]:
    """Every published figure with its simulated one; `layers` selects networks and rows by name."""
    published = read_published("simulator.machines.scnn.paper")
    results = ResultCache(range(seed, seed + draws))
    for table in published["tables"]:
        if quantities is not None and table["quantity"] not in quantities:
            continue
        for name, value, simulated in _figures(results, table, layers):
            yield compare_figure(
                published["paper"], table["table"], name, table["quantity"], value, simulated, table["mark"]
            )


def _figures(
    results: ResultCache, table: Document, layers: list[str] | None
) -> Iterator[tuple[str, float | None, float]]:
    """The rows of a table: name, published value, simulated value."""
    quantity = table["quantity"]
    if "densities" in table:
        if layers is None or table["table"] in layers:
            yield from _sweep(results, table)
        return
    if table["rows"] is None:
        for name in (name for name in NETWORKS if layers is None or name in layers):
            for result in results.network(OURS, name)[: len(network(name, results.seeds[0]))]:
                yield result.workload.name, None, SHARES[quantity](result)
        return
    for name, value in table["rows"].items():
        if layers is None or name in layers:
            yield name, value, _figure(results, quantity, name)


def _figure(results: ResultCache, quantity: str, name: str) -> float:
    """One figure of a network or a configuration, or the mean over the networks."""
    if name == "mean":
        return math.fsum(_figure(results, quantity, network) for network in NETWORKS) / len(NETWORKS)
    if quantity == "area_mm2":
        return results.dense(name, ONE_SIDED)[0].given_area_mm2
    if quantity == "speed_up_of_scnn":
        return _cycles(results.dense(name, ONE_SIDED)) / _cycles(results.dense(OURS, ONE_SIDED))
    if quantity == "speed_up_of_64_pes":
        return _cycles(results.network(COARSE, name)) / _cycles(results.network(OURS, name))
    if quantity == "speed_up_over_dcnn":
        return _cycles(results.network(DENSE, name)) / _cycles(results.network(OURS, name))
    if quantity == "speed_up_over_ideal":
        dense = results.network(DENSE, name)
        return sum(one.figures["theoretical_cycles"] for one in dense) / _cycles(results.network(OURS, name))
    other = OPT if "dcnn_opt" in quantity else OURS
    return _energy(results.network(DENSE, name)) / _energy(results.network(other, name))


def _sweep(results: ResultCache, table: Document) -> Iterator[tuple[str, float | None, float]]:
    """A quantity over density, and the density at which it is 1, interpolated linearly between two densities."""
    points = []
    for density, value in table["densities"].items():
        ours = results.dense(OURS, density)
        if table["quantity"] == "speed_up_over_dcnn":
            points.append((density, _cycles(results.dense(DENSE, density)) / _cycles(ours)))
        else:
            base = OPT if "dcnn_opt" in table["quantity"] else DENSE
            points.append((density, _energy(ours) / _energy(results.dense(base, density))))
        yield f"density {density}", value, points[-1][1]
    yield "crossover", table["crossover"], crossover(points)


def crossover(points: list[tuple[float, float]]) -> float:
    """The density at which a curve of (density, ratio), by falling density, passes 1; NaN where it never does."""
    for (high, above), (low, below) in pairwise(points):
        if (above - 1) * (below - 1) <= 0 and above != below:
            return low + (high - low) * (1 - below) / (above - below)
    return math.nan


def _without_tensors(result: Result) -> Result:
    """The result without its layer, to save memory: the cache keeps hundreds of results."""
    return replace(result, workload=result.workload._replace(layer=None))


def _cycles(results: list[Result]) -> int:
    return sum(result.run.cycles for result in results)


def _energy(results: list[Result]) -> float:
    return math.fsum(by_component(result.energy)[TOTAL] for result in results)


def _idle(result: Result) -> float:
    spent = result.reasons["PE"]
    waiting = sum(spent[name] for name in ("starved", "barrier", "ppu_wait", "dram_wait"))
    return 100 * waiting / (result.config.arch.pes * result.run.cycles)


SHARES: dict[str, Callable[[Result], float]] = {
    "utilisation_percent": lambda result: 100 * result.figures["utilisation"],
    "idle_percent": _idle,
}
