"""Skipping zero inputs: whole experts, EIE on the same matrix, and the zeros of a trained network."""

from typing import NamedTuple

import numpy as np

from simulator.config.load import load_arch
from simulator.core.registry import find
from simulator.run.simulate import simulate
from workloads.distinct import distinct
from workloads.kinds.experts.layer import DrawnHidden
from workloads.kinds.experts.router import draw_choice
from workloads.kinds.experts.shapes import experts_of_shape
from workloads.model import load_workload
from workloads.workload import Workload

EXPERTS, CHOSEN, INPUTS, WIDTH = 128, 6, 2688, 1856
"""Of a layer of Nemotron 3 Nano: experts, those of a token, numbers of a token and between the matrices."""
EIE = "eie_nvfp4"


class ExpertRow(NamedTuple):
    """A layer of experts, against the same machine that reads all weights."""

    configuration: str
    density: float
    tokens: int
    cycles: int
    bytes_gain: float  # of all that is read and written
    cycles_gain: float


class EieRow(NamedTuple):
    """The matrix on EIE."""

    density: float
    cycles: int
    gain: float  # cycles with all inputs over these


class RealRow(NamedTuple):
    """Positive values before the activation function of a feed-forward layer of rxnmapper."""

    layer: str
    density: float
    unions: tuple[float, ...]  # the mean share of values that any of a number of consecutive tokens has


def run_experts(name: str, density: float, tokens: int, seed: int) -> ExpertRow:
    """Time a layer without values."""
    rng, found = np.random.default_rng(seed), []
    choice = draw_choice(tokens, EXPERTS, CHOSEN, "uniform", rng)
    drawn = DrawnHidden(density, rng.random((len(distinct(choice)), WIDTH), dtype=np.float32))
    for skip in (0, 1):
        config = load_arch(name, weight_format="fp8", skip_zero_inputs=skip)
        layer = experts_of_shape("experts", "fp8", choice, EXPERTS, INPUTS, WIDTH, False, drawn)
        found.append(simulate(config, Workload("experts", "given", None, layer, "experts"), output=False))
    dense, sparse = found
    gains = dense.dram_bytes / sparse.dram_bytes, dense.run.cycles / sparse.run.cycles
    return ExpertRow(name, density, tokens, sparse.run.cycles, *gains)


def run_eie(densities: tuple[float, ...], seed: int) -> list[EieRow]:
    """The down matrix without pruning, with one token; the last density is 1."""
    config, found = load_arch(EIE), list[tuple[float, int]]()
    formats = find(config.machine).formats(config.arch)
    for density in (*densities, 1.0):
        rng = np.random.default_rng(seed)
        weight = rng.standard_normal((INPUTS, WIDTH), dtype=np.float32)
        given = np.abs(rng.standard_normal(WIDTH, dtype=np.float32)) + np.float32(0.1)
        given[rng.permutation(WIDTH) >= round(density * WIDTH)] = 0
        workload = load_workload({"weight": weight, "activation": given}, seed=seed, formats=formats)
        found.append((density, simulate(config, workload, output=False).run.cycles))
    return [EieRow(density, cycles, found[-1][1] / cycles) for density, cycles in found]


def real_rows(tokens: tuple[int, ...]) -> list[RealRow]:
    """Of all reactions, token after token. InputError where the wheel cannot be had."""
    from workloads.sources.pretrained.albert import PASSES, REACTIONS, albert, forward

    network, before = albert(), dict[str, list[np.ndarray]]()
    weight, bias = network.linear("ffn")

    def keep(name: str, values: np.ndarray) -> None:
        if name.endswith(".ffn"):
            before.setdefault(name, []).append(values @ weight.T + bias > 0)

    for reaction in REACTIONS:
        forward(network, network.encode(reaction), keep)
    assert len(before) == PASSES
    rows = []
    for name, each in before.items():
        positive = np.concatenate(each)
        rows.append(RealRow(name, float(positive.mean()), tuple(union_of(positive, count) for count in tokens)))
    return rows


def union_of(active: np.ndarray, tokens: int) -> float:
    """The mean share of columns that any row of each group of `tokens` consecutive rows has; active: bool [rows, n].

    Rows that would fill no whole group do not count.
    """
    groups = active[: len(active) // tokens * tokens].reshape(-1, tokens, active.shape[1])
    return float(groups.any(axis=1).mean())
