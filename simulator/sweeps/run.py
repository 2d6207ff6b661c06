"""A sweep: resolve each point, leave out what is there, hand out the rest, write down what comes back."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import islice
from time import monotonic
from typing import NamedTuple, Protocol

from simulator.core.registry import find, package_of
from simulator.results.store import Record, Store
from simulator.sweeps.axes import Value
from simulator.sweeps.batches import Scheduler
from simulator.sweeps.identity import Resolver, code_version, unresolved
from simulator.sweeps.points import Point, Space, points
from simulator.sweeps.workers.messages import Batch, Outcome, Report, Task
from workloads.errors import InputError

LOOK_AHEAD = 256
"""Points that are looked up in the store together."""
COMMIT_SECONDS, COMMIT_RECORDS = 0.5, 1000
WAIT_SECONDS = 0.1
MOST_NOTES = 50
"""Sentences that the progress counts; the store has those of each point."""
DIED = "the process that ran it died each time, so often was it tried; expected a point that fits the computer's memory"


class Executor(Protocol):
    """Runs batches somewhere."""

    loads: int
    """See `Scheduler.next_batch`: more than 1 where workers with nothing to do can be given what others have."""

    def room(self) -> int:
        """How many batches it would take now."""

    def idle(self) -> int:
        """How many workers have nothing to do."""

    def waits(self) -> bool:
        """Whether there is no worker at all, and one may still come."""

    def submit(self, batch: Batch) -> None:
        """Take a batch."""

    def give_back(self) -> None:
        """Ask for what is not begun; a report with `done` ends each batch."""

    def collect(self, seconds: float) -> list[Report]:
        """What happened meanwhile; waits for `seconds` at most."""


@dataclass
class Progress:
    """How far a sweep is."""

    points: int
    known: int = 0  # were in the store
    run: int = 0  # by this sweep, those that failed among them
    failed: int = 0
    seconds: float = 0.0
    stopped: bool = False
    waiting: bool = False  # for workers: there is none
    errors: dict[str, int] = field(default_factory=dict)  # sentences, and how many points have them
    notes: dict[str, int] = field(default_factory=dict)  # likewise, the first MOST_NOTES
    more_notes: int = 0  # how often a point had another one

    @property
    def left(self) -> int:
        """Points that are neither in the store nor tried."""
        return self.points - self.known - self.run

    @property
    def rate(self) -> float:
        """Points that were run, a second."""
        return self.run / self.seconds if self.seconds else 0.0

    @property
    def seconds_left(self) -> float | None:
        """At this rate; None before there is one."""
        return self.left / self.rate if self.run else None


class Provenance(NamedTuple):
    """What decides a point, as it is stored with its result."""

    parameters: dict[str, Value]
    code: str
    configuration: str


ProgressCallback = Callable[[Progress], object]
StopRequested = Callable[[], bool]


def sweep_space(
    space: Space,
    store: Store,
    start: Callable[[], AbstractContextManager[Executor]],
    watch: ProgressCallback = lambda _: None,
    stop: StopRequested = lambda: False,
) -> Progress:
    """Run what the store does not hold yet. start: makes the executor, once there is something to run.

    stop: called again and again; once it is true, points under way are finished and the rest is left. InputError where
    the store or the executor fails; what was finished before is stored.
    """
    store.declare(space.varied)
    state = _SweepState(store, Progress(space.size), watch)
    scheduler = Scheduler(state.tasks(space))
    try:
        if not scheduler.empty:
            with start() as executor:
                _drive(scheduler, executor, state, stop)
    finally:
        state.commit()
    state.show(always=True)
    return state.progress


def _drive(scheduler: Scheduler, executor: Executor, state: "_SweepState", stop: StopRequested) -> None:
    """Keep the executor busy until all is done, or until what is under way is done."""
    shared = False
    while not scheduler.empty or scheduler.under_way:
        if stop() and not state.progress.stopped:
            state.progress.stopped = True
            executor.give_back()
        if state.progress.stopped and not scheduler.under_way:
            return
        while not state.progress.stopped and not scheduler.empty and executor.room() > 0:
            executor.submit(scheduler.next_batch(executor.loads))
            shared = False
        if scheduler.empty and not shared and executor.idle() and scheduler.worth_sharing():
            executor.give_back()
            shared = True
        for report in executor.collect(WAIT_SECONDS):
            _take(report, scheduler, state)
        state.progress.waiting = executor.waits()
        state.show()


def _take(report: Report, scheduler: Scheduler, state: "_SweepState") -> None:
    """Write down what was reported; points that workers keep dying with are errors."""
    for outcome in report.outcomes:
        task = scheduler.finish(report.batch, outcome.number, outcome.elapsed_s)
        if task is not None:
            state.record(task, outcome)
    if report.done:
        for task in scheduler.close(report.batch, report.lost):
            state.record(task, Outcome(task.number, None, None, DIED, 0.0))


class _SweepState:
    """The state of a sweep: its progress, the points under way, and the records that wait to be stored."""

    def __init__(self, store: Store, progress: Progress, watch: ProgressCallback):
        self.progress = progress
        self._store, self._watch = store, watch
        self._provenance: dict[int, Provenance] = {}
        self._records: list[Record] = []
        self._began = self._shown = self._stored = monotonic()

    def tasks(self, space: Space) -> Iterator[Task]:
        """The points that the store does not hold, resolved when they are asked for."""
        resolver, number, source = Resolver(), 0, points(space)
        while chunk := list(islice(source, LOOK_AHEAD)):
            found = {task.identity: (task, provenance) for task, provenance in self._look_up(resolver, chunk, number)}
            number += len(chunk)
            known = self._store.finished(list(found))
            self.progress.known += len(chunk) - len(found) + len(known)
            for identity, (task, provenance) in found.items():
                if identity not in known:
                    self._provenance[task.number] = provenance
                    yield task

    def _look_up(self, resolver: Resolver, chunk: list[Point], first: int) -> Iterator[tuple[Task, Provenance]]:
        """Points with their identities; one that cannot be resolved is an error at once."""
        for number, point in enumerate(chunk, first):
            try:
                resolved = resolver.resolve(point)
            except InputError as error:
                self._refuse(number, point, str(error))
                continue
            code = code_version(package_of(find(resolved.config.machine)))
            yield Task(number, point, resolved.identity), Provenance(resolved.parameters, code, resolved.configuration)

    def _refuse(self, number: int, point: Point, error: str) -> None:
        self.progress.known -= 1  # `tasks` takes it for one that is known
        parameters: dict[str, Value] = {"machine": point.machine, "workload": point.workload, **dict(point.settings)}
        self._provenance[number] = Provenance(parameters, code_version("simulator"), "")
        self.record(Task(number, point, unresolved(point, error)), Outcome(number, None, None, error, 0.0))

    def record(self, task: Task, outcome: Outcome) -> None:
        """A point is done; it is stored with the next ones."""
        (parameters, code, configuration), progress = self._provenance.pop(task.number), self.progress
        found = outcome.results, outcome.layers, outcome.error
        self._records.append(Record(task.identity, parameters, *found, code, configuration, outcome.elapsed_s))
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
        self._stored = monotonic()
        if records:
            self._store.add(records)

    def show(self, always: bool = False) -> None:
        """Show the progress, not more often than an eye can follow."""
        now = monotonic()
        self.progress.seconds = now - self._began
        if now - self._stored > COMMIT_SECONDS:
            self.commit()
        if always or now - self._shown > WAIT_SECONDS:
            self._shown = now
            self._watch(self.progress)
