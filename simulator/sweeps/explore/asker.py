"""Which points to try next: Optuna's NSGA-II over the places of values, without points that were tried before."""

import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np

from simulator.sweeps.axes import Axis
from simulator.sweeps.explore.goals import Verdict
from simulator.sweeps.explore.keys import is_wide
from workloads.extras import import_extra

POPULATION = 20
"""Points of a generation."""
MOST_REPEATS = 20
"""Times in a row that a batch may be offered points which were tried before, until one is drawn instead."""
FARTHEST = 1e9
"""The excess of a point that the machine refuses."""
Places = tuple[int, ...]
"""A point: the place of its value among those of each key."""


class Asker:
    """Asks for points and learns what came of them, in the order in which it asked.

    Optuna sees each key as a whole number: the place of a value, or, of a wide range, the value on a logarithmic
    scale. What it repeats is answered from what is known, and costs no simulation.
    """

    def __init__(self, axes: Sequence[Axis], objectives: int, seed: int):
        optuna = import_extra("optuna", "search", "explore")
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            sampler = optuna.samplers.NSGAIISampler(population_size=POPULATION, seed=seed)
        self._study = optuna.create_study(directions=["minimize"] * objectives, sampler=sampler)
        self._axes, self._objectives = axes, objectives
        self._wide = [is_wide(axis.values) for axis in axes]
        self._rng = np.random.default_rng(seed)
        self._known: dict[Places, Verdict] = {}
        self._waiting: dict[Places, list[Any]] = {}  # trials of Optuna by the point that they ask for

    def ask(self, count: int) -> list[Places]:
        """The next points, all of them new: `count`, or as many as are left."""
        left = math.prod(len(axis.values) for axis in self._axes) - len(self._known)
        repeats = 0
        while len(self._waiting) < min(count, left):
            trial = self._study.ask()
            places = self._suggest(trial)
            if places in self._known:
                self._answer(trial, self._known[places])
            elif places in self._waiting:
                self._waiting[places].append(trial)
            else:
                self._waiting[places] = [trial]
                continue
            repeats += 1
            if repeats > MOST_REPEATS:
                self._waiting[self._draw()] = []
                repeats = 0
        return list(self._waiting)

    def learn(self, verdicts: Mapping[Places, Verdict]) -> None:
        """Learn what came of all points that were asked for; in whatever order they are given."""
        waiting, self._waiting = self._waiting, {}
        for places, trials in waiting.items():
            self._known[places] = verdicts[places]
            for trial in trials or [self._enqueue(places)]:
                self._answer(trial, verdicts[places])

    def _suggest(self, trial: Any) -> Places:
        found = []
        for axis, wide in zip(self._axes, self._wide, strict=True):
            if wide:
                first, last = axis.values[0], axis.values[-1]
                found.append(trial.suggest_int(axis.name, first, last, log=True) - first)
            else:
                found.append(trial.suggest_int(axis.name, 0, len(axis.values) - 1))
        return tuple(found)

    def _draw(self) -> Places:
        """A point that was not asked for, at random: anywhere, or the next one in order where most were."""
        sizes = [len(axis.values) for axis in self._axes]
        drawn = (tuple(int(self._rng.integers(size)) for size in sizes) for _ in range(MOST_REPEATS))
        return next(self._new(drawn), None) or next(self._new(product(*map(range, sizes))))

    def _new(self, found: Iterator[Places]) -> Iterator[Places]:
        return (places for places in found if places not in self._known and places not in self._waiting)

    def _enqueue(self, places: Places) -> Any:
        """A trial of Optuna for a point that it did not ask for."""
        pairs = zip(self._axes, self._wide, places, strict=True)
        self._study.enqueue_trial({axis.name: axis.values[at] if wide else at for axis, wide, at in pairs})
        trial = self._study.ask()
        self._suggest(trial)
        return trial

    def _answer(self, trial: Any, verdict: Verdict) -> None:
        trial.set_constraint("excess", min(verdict.excess, FARTHEST))
        self._study.tell(trial, list(verdict.costs) or [0.0] * self._objectives)
