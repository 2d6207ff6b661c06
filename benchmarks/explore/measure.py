"""Run a case's grid to the last point, then search it, and draw as many points at random."""

import math
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import numpy as np

from benchmarks.explore.cases import SCALE, Case
from simulator.results.hypervolume import growth, hypervolume, reference_point
from simulator.results.pareto import front
from simulator.results.store_reader import open_store
from simulator.sweeps.api import sweep
from simulator.sweeps.explore.api import explore

SHARE = 0.15
"""Of the grid's points that a search may run."""
GOAL = 0.98
"""Of the hypervolume of the grid's front."""
STEPS = (0.25, 0.5, 1.0)
"""Shares of the trials at which the hypervolume is noted."""


class Grid(NamedTuple):
    """A case, run to the last point. costs: float64 [points, objectives], infinite where a point takes no part."""

    case: Case
    store: Path
    costs: np.ndarray
    reference: np.ndarray
    volume: float

    @property
    def trials(self) -> int:
        """How many points a search may run."""
        return math.floor(SHARE * len(self.costs))

    def shares(self, costs: np.ndarray) -> np.ndarray:
        """The hypervolume of the first point, of the first two, and so on, as a share of the grid's."""
        return growth(costs, self.reference) / self.volume


def run_grid(case: Case, folder: Path) -> Grid:
    """All points of a case, into a store that a later call finds again."""
    store = folder / f"{case.name}.db"
    sweep(case.machine, case.workload, case.keys, fixed=SCALE, store=store)
    rows = open_store(store).rows()
    costs = np.array([[row[name] if row["fits"] else math.inf for name in case.minimise] for row in rows])
    some = costs[np.isfinite(costs).all(axis=1)]
    reference = reference_point(some)
    return Grid(case, store, costs, reference, hypervolume(some, reference))


def search(grid: Grid, seed: int) -> np.ndarray:
    """The shares of the hypervolume over the trials of a search, whose points are all in the store."""
    case = grid.case
    given: dict[str, Any] = {"minimise": case.minimise, "fixed": SCALE, "store": grid.store}
    found = explore(case.machine, case.workload, case.keys, trials=grid.trials, seed=seed, **given)
    assert found.run == 0
    rows = found.trials
    out = [math.inf] * len(case.minimise)
    costs = [out if row["left_out"] else [row[name] for name in case.minimise] for row in rows]
    return grid.shares(np.array(costs, np.float64))


def draw(grid: Grid, seed: int) -> np.ndarray:
    """The same of as many different points of the grid, drawn at random."""
    chosen = np.random.default_rng(seed).permutation(len(grid.costs))[: grid.trials]
    return grid.shares(grid.costs[chosen])


def measure(grid: Grid, seeds: Sequence[int]) -> dict[str, Any]:
    """Medians over the seeds, and what the grid is, as JSON can hold it."""
    case, some = grid.case, grid.costs[np.isfinite(grid.costs).all(axis=1)]
    found = {"search": [search(grid, seed) for seed in seeds], "random": [draw(grid, seed) for seed in seeds]}
    places = [math.floor(step * grid.trials) for step in STEPS]
    shares = {
        way: {str(place): median(float(one[place - 1]) for one in curves) for place in places}
        for way, curves in found.items()
    }
    reached = [int(np.argmax(one >= GOAL)) + 1 if one[-1] >= GOAL else None for one in found["search"]]
    return {
        "machine": case.machine,
        "workload": case.workload,
        "objectives": list(case.minimise),
        "keys": {name: len(values) for name, values in case.keys.items()},
        "points": len(grid.costs),
        "take_part": len(some),
        "front": int(front(some).sum()),
        "reference": dict(zip(case.minimise, grid.reference.tolist(), strict=True)),
        "trials": grid.trials,
        "seeds": list(seeds),
        "shares": shares,
        "least": {way: min(float(one[-1]) for one in curves) for way, curves in found.items()},
        "reached": reached,
    }
