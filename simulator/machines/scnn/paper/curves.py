"""The published curves over density, Figs 8 and 12: by the cycle model and by the paper's formula."""

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from simulator.machines.scnn.paper.formula import Shape, latency
from simulator.machines.scnn.paper.runs import (
    ACTIVATIONS_ONLY,
    DENSE,
    OPT,
    OURS,
    WEIGHTS_ONLY,
    ResultCache,
    cycles,
    energy,
)
from simulator.results.result import Result
from workloads.document_types import Document

MACHINES = {"SCNN": OURS, "SparseW": WEIGHTS_ONLY, "SparseA": ACTIVATIONS_ONLY, "DCNN-opt": OPT}
"""Curve of the paper -> machine."""
FORMULA = "formula"
"""In place of a table's configuration: the formula."""


def curve(results: ResultCache, table: Document) -> Iterator[tuple[str, float | None, float]]:
    """The points of a table by falling density, then the density at which the curve passes 1, if the table has it."""
    points = []
    for density, value in table["densities"].items():
        points.append((density, _value(results, table, density)))
        yield f"density {density}", value, points[-1][1]
    if "crossover" in table:
        yield "crossover", table["crossover"], crossover(points)


def crossover(points: list[tuple[float, float]]) -> float:
    """The density at which a curve of (density, ratio), by falling density, passes 1; NaN where it never does."""
    for (high, above), (low, below) in pairwise(points):
        if (above - 1) * (below - 1) <= 0 and above != below:
            return low + (high - low) * (1 - below) / (above - below)
    return math.nan


def _value(results: ResultCache, table: Document, density: float) -> float:
    if table["configuration"] == FORMULA:
        skips = {"SCNN": (density, density), "SparseW": (density, 1.0), "SparseA": (1.0, density)}
        return latency(shapes(results.at(1.0)[DENSE]), *skips[table["curve"]])
    runs, measure = results.at(density), MEASURES[table["quantity"]]
    base = OPT if table["quantity"] == "energy_over_dcnn_opt" else DENSE
    return measure(runs[MACHINES[table["curve"]]]) / measure(runs[base])


def shapes(results: Sequence[Result]) -> list[Shape]:
    """The shapes of layers that were run."""
    found = [one.workload.layer["shape"] for one in results]
    return [Shape(shape[0], shape[1], shape[2] * shape[3], shape[4]) for shape in found]


MEASURES: dict[str, Callable[[Sequence[Result]], float]] = {
    "latency_over_dcnn": cycles,
    "energy_over_dcnn": energy,
    "energy_over_dcnn_opt": energy,
}
