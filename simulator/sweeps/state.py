"""The state of a sweep: its progress, the points under way, and the records that wait to be stored."""

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import count, islice
from time import monotonic
from typing import NamedTuple

from simulator.results.store import Record, Store
from simulator.sweeps.axes import Value
from simulator.sweeps.identity import Resolver, code_version, unresolved
from simulator.sweeps.points import Point, Space, points_at
from simulator.sweeps.progress import Progress, ProgressCallback
from simulator.sweeps.workers.messages import Outcome, Task
from workloads.errors import InputError

LOOK_AHEAD = 256
"""Points that are looked up in the store together."""
COMMIT_SECONDS, COMMIT_RECORDS = 0.5, 1000
WAIT_SECONDS = 0.1
MOST_NOTES = 50
"""Sentences that the progress counts; the store has those of each point."""
StopRequested = Callable[[], bool]


class Provenance(NamedTuple):
    """What decides a point, as it is stored with its result."""

    parameters: dict[str, Value]
    code: str
    configuration: str


class SweepState:
    """What a sweep knows of its points; their numbers are places in the order of the space."""

    def __init__(self, space: Space, store: Store, watch: ProgressCallback, stop: StopRequested):
        self.progress = Progress(space.size)
        self.batches = count(1)  # their numbers, see `Scheduler`
        self._space, self._store, self._watch, self._stop = space, store, watch, stop
        self._resolver = Resolver()
        self._provenance: dict[int, Provenance] = {}
        self._claims: dict[int, int] = {}  # by the number of a point
        self._open: Counter[int] = Counter()  # points that are not done, by claim
        self._ended: list[int] = []  # claims whose points wait to be stored
        self._left = array("q")  # numbers of points that another sweep works on
        self._records: list[Record] = []
        self._began = self._shown = self._stored = monotonic()

    def tasks(self, numbers: Iterable[int]) -> Iterator[Task]:
        """The points of these numbers that the store does not hold, resolved when they are asked for."""
        source = points_at(self._space, numbers)
        while not self.stopped and (chunk := list(islice(source, LOOK_AHEAD))):
            found = {task.identity: (task, provenance) for task, provenance in self._look_up(chunk)}
            known = self._store.finished(list(found))
            self.progress.known += len(chunk) - len(found) + len(known)
            for identity, (task, provenance) in found.items():
                if identity not in known:
                    self._provenance[task.number] = provenance
                    yield task
            self.show()

    @property
    def stopped(self) -> bool:
        """Whether the sweep is to end; once it is, it stays so."""
        self.progress.stopped = self.progress.stopped or self._stop()
        return self.progress.stopped

    def claim(self, tasks: Sequence[Task]) -> Sequence[Task]:
        """Those of these tasks that this sweep runs; others are left to another sweep, or were finished by one."""
        new = [task for task in tasks if task.number not in self._claims]
        if not new:
            return tasks
        claimed = self._store.claim([task.identity for task in new])
        mine = []
        for task in new:
            if task.identity in claimed.finished or task.identity in claimed.taken:
                del self._provenance[task.number]
                if task.identity in claimed.taken:
                    self._left.append(task.number)
                continue
            mine.append(task)
            if claimed.number is not None:
                self._claims[task.number] = claimed.number
                self._open[claimed.number] += 1
        self.progress.known += len(claimed.finished)
        self.progress.elsewhere = len(self._left)
        return mine

    def take_left(self) -> Sequence[int]:
        """The numbers of the points that were left to another sweep, to look at them again."""
        left, self._left = self._left, array("q")
        return left

    @property
    def waits(self) -> bool:
        """Whether another sweep has points of this one."""
        return bool(self._left)

    def record(self, task: Task, outcome: Outcome) -> None:
        """A point is done; it is stored with the next ones."""
        (parameters, code, configuration), progress = self._provenance.pop(task.number), self.progress
        found = outcome.results, outcome.names, outcome.layers, outcome.error
        self._records.append(Record(task.identity, parameters, *found, code, configuration, outcome.elapsed_s))
        self._end_claim(task.number)
        progress.run += 1
        for note in outcome.notes:
            if note in progress.notes or len(progress.notes) < MOST_NOTES:
                progress.notes[note] = progress.notes.get(note, 0) + 1
            else:
                progress.more_notes += 1
        if outcome.error is not None:
            progress.failed += 1
            progress.errors[outcome.error] = progress.errors.get(outcome.error, 0) + 1
        if len(self._records) >= COMMIT_RECORDS or monotonic() - self._stored > COMMIT_SECONDS:
            self.commit()

    def commit(self) -> None:
        """Store what waits."""
        records, self._records = self._records, []
        ended, self._ended = self._ended, []
        self._stored = monotonic()
        if records:
            self._store.add(records, ended)

    def end(self) -> None:
        """Store what waits, and leave what is not done to others."""
        try:
            self.commit()
        finally:
            with suppress(InputError):  # what is wrong with the store was said before
                self._store.leave()

    def show(self, always: bool = False) -> None:
        """Show the progress, not more often than an eye can follow."""
        now = monotonic()
        self.progress.seconds = now - self._began
        if now - self._stored > COMMIT_SECONDS:
            self.commit()
            self._store.stay()
        if always or now - self._shown > WAIT_SECONDS:
            self._shown = now
            self._watch(self.progress)

    def identity_of(self, point: Point) -> str:
        """What the store knows a point by; one that cannot be resolved, by its error."""
        try:
            return self._resolver.resolve(point).identity
        except InputError as error:
            return unresolved(point, str(error))

    def _look_up(self, chunk: Sequence[tuple[int, Point]]) -> Iterator[tuple[Task, Provenance]]:
        """Points with their identities; one that cannot be resolved is an error at once."""
        for number, point in chunk:
            try:
                resolved = self._resolver.resolve(point)
            except InputError as error:
                self._refuse(number, point, str(error))
                continue
            about = Provenance(resolved.parameters, resolved.code, resolved.configuration)
            yield Task(number, point, resolved.identity), about

    def _refuse(self, number: int, point: Point, error: str) -> None:
        self.progress.known -= 1  # `tasks` takes it for one that is known
        parameters: dict[str, Value] = {"machine": point.machine, "workload": point.workload, **dict(point.settings)}
        self._provenance[number] = Provenance(parameters, code_version("simulator"), "")
        self.record(Task(number, point, unresolved(point, error)), Outcome(number, None, (), None, error, 0.0))

    def _end_claim(self, number: int) -> None:
        """A point is done; with its last one, a claim ends."""
        claim = self._claims.pop(number, None)
        if claim is not None:
            self._open[claim] -= 1
            if not self._open[claim]:
                del self._open[claim]
                self._ended.append(claim)
