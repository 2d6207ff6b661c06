"""The simulated layers that the published figures of SCNN are compared with, each run once and kept.

Weights and activations of the paper's networks are not public, so layers are drawn at random with the published
densities and with zeros in patches (see `workloads/zoo`); the density sweep draws GoogLeNet's layers with zeros
anywhere, as the paper's sweep is synthetic, too.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np

from simulator.config.load import Config, load_arch
from simulator.pricing.energy import by_component
from simulator.pricing.technology import TOTAL
from simulator.results.result import Result
from simulator.run.simulate import simulate
from workloads.kinds.convolution.layer import CompressedConvolution
from workloads.model import load_network
from workloads.workload import Workload

OURS, FITTING, DENSE, OPT = "scnn_paper", "scnn_8x8", "dcnn", "dcnn_opt"
"""The machine that the paper's simulator ran, the one that fits its memories, and the dense ones."""
COARSE = "scnn_2x2"
"""The multipliers, accumulators and memories of the paper's machine in 4 PEs, 256 multipliers in each."""
WEIGHTS_ONLY, ACTIVATIONS_ONLY = "SparseW", "SparseA"
CHANGES: dict[str, dict[str, int]] = {
    COARSE: {
        "rows": 2,
        "columns": 2,
        "weights_per_vector": 16,
        "activations_per_vector": 16,
        "banks": 512,
        "fifo_vectors": 200,
        "iaram_bytes": 163840,
        "oaram_bytes": 163840,
        "ppu_width": 64,
    },
    WEIGHTS_ONLY: {"skip_activations": 0},
    ACTIVATIONS_ONLY: {"skip_weights": 0},
}
"""Machines that are changes of OURS."""
SWEPT = "googlenet"
"""The network of the density sweep and of the comparison of PEs."""
Runs = dict[str, Sequence[Result]]
"""Machine -> its results of one draw, layer by layer."""


@cache
def configuration(name: str) -> Config:
    """A shipped configuration, or one of `CHANGES`; the result is cached, so that YAML is parsed once."""
    return load_arch(OURS, **CHANGES[name]) if name in CHANGES else load_arch(name)


class ResultCache:
    """Runs networks, and GoogLeNet at given densities, on all machines that a table needs, and keeps the results."""

    def __init__(self, seeds: range):
        self.seeds = seeds
        self._kept: dict[tuple[str | float, int], Runs] = {}

    def network(self, name: str, seed: int) -> Runs:
        """The results of a network of the zoo."""
        coarse = (COARSE,) if name == SWEPT else ()
        key = name, seed
        if key not in self._kept:
            self._kept[key] = run_all((DENSE, OPT, OURS, FITTING, *coarse), network(name, seed))
        return self._kept[key]

    def at(self, density: float) -> Runs:
        """The results of GoogLeNet's layers at one density of weights and activations, of the first seed."""
        key = density, self.seeds[0]
        if key not in self._kept:
            layers = [at_density(one, density) for one in network(SWEPT, self.seeds[0])]
            self._kept[key] = run_all((DENSE, OPT, OURS, WEIGHTS_ONLY, ACTIVATIONS_ONLY), layers)
        return self._kept[key]


def run_all(machines: Sequence[str], layers: Sequence[Workload]) -> Runs:
    """Each machine's results of all layers, without their tensors."""
    return {
        name: [without_tensors(simulate(configuration(name), one, output=False)) for one in layers] for name in machines
    }


def network(name: str, seed: int) -> Sequence[Workload]:
    """The convolutions of a network. InputError where the zoo lacks it."""
    return tuple(load_network(name, "convolution", seed=seed))


def at_density(workload: Workload, density: float) -> Workload:
    """The layer with new random weights and activations, each non-zero with probability `density`.

    The shift of the sums stays, so that outputs are mostly those of the biases, and their number does not follow the
    density; writing them is below 0.4 % of SCNN's energy in the layers that were looked at.
    """
    layer: CompressedConvolution = workload.layer
    rng = np.random.default_rng([workload.seed or 0, *workload.name.encode()])
    drawn = [
        np.where(rng.random(shape) < density, rng.integers(1, 1 << 8, shape), 0).astype(np.int16)
        for shape in (layer.weight.shape, layer.activation.shape)
    ]
    return workload._replace(layer=layer._replace(weight=drawn[0], activation=drawn[1]))


def without_tensors(result: Result) -> Result:
    """The result with the densities of its layer in place of the tensors: the cache keeps thousands of results."""
    layer: CompressedConvolution = result.workload.layer
    shares = {"weight_density": layer.weight_density, "activation_density": layer.activation_density}
    shape = (layer.weight.shape[1] * layer.groups, layer.outputs, *layer.weight.shape[2:], *layer.activation.shape[1:])
    return replace(result, workload=result.workload._replace(layer={**shares, "shape": shape}))


def cycles(results: Sequence[Result]) -> int:
    """The cycles of all layers."""
    return sum(result.run.cycles for result in results)


def energy(results: Sequence[Result]) -> float:
    """The energy of all layers, in pJ."""
    return math.fsum(by_component(result.energy)[TOTAL] for result in results)
