"""A search: ask for a batch of points, run what the store lacks, learn what came of it, until the trials are done."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from functools import cache
from itertools import islice, product
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from simulator.results.store import Store
from simulator.sweeps.axes import Axis
from simulator.sweeps.explore.asker import POPULATION, Asker, Places
from simulator.sweeps.explore.exploration import Exploration, make_trials
from simulator.sweeps.explore.goals import Goals, Verdict
from simulator.sweeps.explore.points import Points
from simulator.sweeps.points import Space
from simulator.sweeps.run import Executor, ProgressCallback, StopRequested
from simulator.sweeps.state import SweepState
from workloads.document_types import Document
from workloads.errors import InputError
from workloads.path_texts import path_text

BATCH = POPULATION
"""Points that are asked for together: the same whatever the workers, so that these change nothing."""
Start = Callable[[], AbstractContextManager[Executor]]


class Search(NamedTuple):
    """What to search, checked."""

    space: Space
    goals: Goals
    trials: int
    seed: int
    area_ignores: tuple[str, ...] = ()  # keys that the area, an objective or a limit, does not follow

    @property
    def axes(self) -> tuple[Axis, ...]:
        """The keys that vary."""
        return tuple(axis for (axis,) in self.space.axes)

    @property
    def size(self) -> int:
        """How many points are tried: all, where there are no more than trials."""
        return min(self.trials, self.space.size)

    def describe(self) -> Document:
        """What was asked, as JSON can hold it."""
        (machine,), (workload,), objectives = self.space.machines, self.space.workloads, self.goals.objectives
        return {
            "machine": machine,
            "workload": workload,
            "minimise": list(objectives.minimise),
            "maximise": list(objectives.maximise),
            "keys": {axis.name: len(axis.values) for axis in self.axes},
            "fixed": dict(self.space.fixed),
            "limits": [one.text for one in self.goals.limits],
            "limited": list(self.goals.limited),
            "area_ignores": list(self.area_ignores),
            "fits": self.goals.fits,
            "points": self.space.size,
            "seed": self.seed,
        }


def run_search(
    search: Search, store: str | PathLike[str] | None, start: Start, watch: ProgressCallback, stop: StopRequested
) -> Exploration:
    """Run a search into a store, or into one that is gone at the end.

    start: makes the executor, once there is something to run. watch: gets the progress, whose points are trials. stop:
    once it is true, points under way are finished and the search ends with the batch before. InputError where the
    store or the workers fail, an objective is no figure of the points, or all points fail for one reason.
    """
    with ExitStack() as opened:
        place = path_text("store", store, "the path of a file") if store is not None else None
        path = Path(opened.enter_context(TemporaryDirectory())) / "search.db" if place is None else Path(place)
        kept = opened.enter_context(Store(path))
        kept.declare(search.space.varied)
        state = SweepState(search.space, kept, watch, stop)
        state.progress.points = search.size
        try:
            with ExitStack() as started:
                executor = cache(lambda: started.enter_context(start()))  # one for all batches
                found = _search(search, Points(search.space, kept, state, executor))
        finally:
            state.end()
        kept.check_place()
        state.show(always=True)
        trials, reference = make_trials(search.goals, *found)
        done = state.progress
        return Exploration(search.describe(), trials, reference, done.run, len(trials) < search.size, done.notes)


def _search(search: Search, points: Points) -> tuple[list[Document], list[Document], list[Verdict]]:
    """Settings, rows and verdicts of all trials, in the order in which they were asked for."""
    settings, rows, verdicts = list[Document](), list[Document](), list[Verdict]()
    for asked, learn in _batches(search):
        found = points.run(asked)
        if found is None:
            break
        if not rows:
            _check_some_run(found)
        judged = [search.goals.judge(row) for row in found]
        learn(dict(zip(asked, judged, strict=True)))
        settings += map(points.settings, asked)
        rows += found
        verdicts += judged
    return settings, rows, verdicts


def _check_some_run(rows: Sequence[Document]) -> None:
    """InputError where all points of the first batch are refused for one reason, so that no key's value can mend it."""
    errors = {row["error"] for row in rows}
    if len(errors) == 1 and None not in errors:
        raise InputError(errors.pop())


def _batches(search: Search) -> Iterator[tuple[list[Places], Callable[[dict[Places, Verdict]], None]]]:
    """Batches of points, each with what learns of them; where all points are tried, in their order."""
    if search.size == search.space.size:
        every = product(*(range(len(axis.values)) for axis in search.axes))
        while batch := list(islice(every, BATCH)):
            yield batch, lambda _: None
        return
    asker = Asker(search.axes, len(search.goals.objectives.names), search.seed)
    for first in range(0, search.size, BATCH):
        yield asker.ask(min(BATCH, search.size - first)), asker.learn
