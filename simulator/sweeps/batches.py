"""Which points go to a worker together: enough that the way does not count, few enough that all end at once."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import count
from typing import NamedTuple

from simulator.sweeps.points import Point
from simulator.sweeps.sources import weights
from simulator.sweeps.workers.messages import Batch, Task

TARGET_SECONDS = 0.25
MOST_TASKS = 4000
LOAD_SECONDS, LOAD_SECONDS_PER_WEIGHT = 1e-3, 2.5e-8
"""To draw and compress a layer, about."""
RUN_SECONDS, RUN_SECONDS_PER_WEIGHT = 3e-4, 1e-9
"""To simulate a point whose layer is there, before anything is measured."""
MOST_ATTEMPTS = 3


class Pending(NamedTuple):
    """A task that is not finished, and how many workers died with it."""

    task: Task
    deaths: int


class Scheduler:
    """Cuts a stream of tasks into batches; what comes back goes out first.

    numbers: of batches, ascending; shared by all schedulers of an executor, whose workers know a batch by its number.
    """

    def __init__(self, tasks: Iterator[Task], numbers: Iterator[int] | None = None):
        self._stream = tasks
        self._next: Task | None = next(tasks, None)
        self._again: deque[Pending] = deque()
        self._speed: dict[tuple[str, str], float] = {}
        self._numbers = count(1) if numbers is None else numbers
        self.under_way: dict[int, dict[int, Pending]] = {}

    @property
    def empty(self) -> bool:
        """Whether there is nothing to hand out."""
        return not self._again and self._next is None

    def next_batch(self, loads: int = 1) -> Batch:
        """The next points; one that a worker died with goes alone.

        loads: points of one layer stay together until they take `loads` times as long as to load it, since each worker
        that gets some of them loads it again.
        """
        chosen: list[Pending] = []
        if self._again:
            chosen = self._take_again()
        else:
            spent, enough, layer = 0.0, TARGET_SECONDS, None
            while self._next is not None and (not chosen or spent < enough) and len(chosen) < MOST_TASKS:
                point = self._next.point
                if layer_of(point) != layer:
                    if chosen and spent + load_seconds(point) > TARGET_SECONDS:
                        break
                    layer, enough = layer_of(point), max(TARGET_SECONDS, loads * load_seconds(point))
                    spent += load_seconds(point) if load_seconds(point) < TARGET_SECONDS else 0
                spent += self.run_seconds(point)
                chosen.append(Pending(self._next, 0))
                self._next = next(self._stream, None)
        number = next(self._numbers)
        self.under_way[number] = {one.task.number: one for one in chosen}
        return Batch(number, tuple(one.task for one in chosen))

    def keep(self, batch: Batch, tasks: Sequence[Task]) -> Batch:
        """A batch with only these of its tasks; the others are forgotten."""
        if len(tasks) < len(batch.tasks):
            kept, known = {task.number for task in tasks}, self.under_way.pop(batch.number)
            if kept:
                self.under_way[batch.number] = {number: one for number, one in known.items() if number in kept}
        return Batch(batch.number, tuple(tasks))

    def finish(self, batch: int, number: int, seconds: float) -> Task | None:
        """A task is done and took so long; None where it was done before."""
        pending = self.under_way[batch].pop(number, None)
        if pending is None:
            return None
        point = pending.task.point
        key, known = (point.machine, point.workload), self._speed
        known[key] = seconds if key not in known else 0.8 * known[key] + 0.2 * min(seconds, 10 * known[key])
        return pending.task

    def close(self, batch: int, lost: bool) -> list[Task]:
        """No more comes of a batch; what is left of it goes out again, or has been tried too often and is returned."""
        left, given_up = self.under_way.pop(batch).values(), []
        for pending in left:
            deaths = pending.deaths + lost
            if deaths >= MOST_ATTEMPTS:
                given_up.append(pending.task)
            else:
                self._again.append(Pending(pending.task, deaths))
        return given_up

    def run_seconds(self, point: Point) -> float:
        """About how long a point takes."""
        guess = RUN_SECONDS + RUN_SECONDS_PER_WEIGHT * _size(point)
        return self._speed.get((point.machine, point.workload), guess)

    def worth_sharing(self) -> bool:
        """Whether a worker with nothing to do should take from what others have: it has to load the layer first."""
        for tasks in self.under_way.values():
            if len(tasks) > 1:
                point = next(iter(tasks.values())).task.point
                if (len(tasks) - 1) * self.run_seconds(point) > max(TARGET_SECONDS, 2 * load_seconds(point)):
                    return True
        return False

    def _take_again(self) -> list[Pending]:
        first = self._again.popleft()
        chosen = [first]
        spent = self.run_seconds(first.task.point)
        while self._again and not first.deaths and not self._again[0].deaths and spent < TARGET_SECONDS:
            chosen.append(self._again.popleft())
            spent += self.run_seconds(chosen[-1].task.point)
        return chosen


def layer_of(point: Point) -> tuple[str, str, object]:
    """What points must have in common to share a layer, as far as names say."""
    return point.machine, point.workload, point.get("seed")


def load_seconds(point: Point) -> float:
    """About how long a layer takes to be drawn and compressed."""
    return LOAD_SECONDS + LOAD_SECONDS_PER_WEIGHT * _size(point)


def _size(point: Point) -> float:
    """Weights at the point's scale."""
    scale = point.get("scale")
    return _weights(point.workload) * (float(scale) ** 2 if isinstance(scale, int | float) else 1.0)


_weights: Callable[[str], float] = lru_cache(1024)(weights)
