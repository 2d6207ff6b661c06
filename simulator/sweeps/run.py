"""A sweep: resolve each point, leave out what is there, hand out the rest, write down what comes back."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, ExitStack
from time import monotonic, sleep
from typing import Protocol

from simulator.results.store import Store
from simulator.sweeps.batches import Scheduler
from simulator.sweeps.points import Space
from simulator.sweeps.progress import Progress as Progress
from simulator.sweeps.progress import ProgressCallback as ProgressCallback
from simulator.sweeps.state import WAIT_SECONDS, SweepState
from simulator.sweeps.state import StopRequested as StopRequested
from simulator.sweeps.workers.messages import Batch, Outcome, Report

LOOK_SECONDS, LOOK_SECONDS_PER_POINT = 0.5, 4e-4
"""After so long, points that another sweep works on are looked at again."""
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


def sweep_space(
    space: Space,
    store: Store,
    start: Callable[[], AbstractContextManager[Executor]],
    watch: ProgressCallback = lambda _: None,
    stop: StopRequested = lambda: False,
) -> Progress:
    """Run what the store does not hold yet. start: makes the executor, once there is something to run.

    stop: called again and again; once it is true, points under way are finished and the rest is left. Points that
    another sweep works on, into the same store, are left to it; those that it does not finish are run at the end.
    InputError where the store or the executor fails, or the store was moved; what was finished before is stored.
    """
    store.declare(space.varied)
    state = SweepState(space, store, watch, stop)
    try:
        with ExitStack() as started:
            run_points(range(space.size), state, lambda: started.enter_context(start()))
    finally:
        state.end()
    store.check_place()
    state.show(always=True)
    return state.progress


def run_points(numbers: Iterable[int], state: SweepState, executor: Callable[[], Executor]) -> None:
    """Run the points of these numbers that the store does not hold; wait for those that another sweep works on.

    executor: called once there is something to run. InputError where the store or the executor fails.
    """
    scheduler = Scheduler(state.tasks(numbers), state.batches)
    if scheduler.empty:
        return
    workers = executor()
    _drive(scheduler, workers, state)
    while state.waits and not state.stopped:
        _wait(state)
        _drive(Scheduler(state.tasks(state.take_left()), state.batches), workers, state)


def _drive(scheduler: Scheduler, executor: Executor, state: SweepState) -> None:
    """Keep the executor busy until all is done, or until what is under way is done."""
    shared = asked = False
    while not scheduler.empty or scheduler.under_way:
        if state.stopped and not asked:
            executor.give_back()
            asked = True
        if state.stopped and not scheduler.under_way:
            return
        while not state.stopped and not scheduler.empty and executor.room() > 0:
            _hand_out(scheduler, executor, state)
            shared = False
        if scheduler.empty and not shared and executor.idle() and scheduler.worth_sharing():
            executor.give_back()
            shared = True
        for report in executor.collect(WAIT_SECONDS):
            _take(report, scheduler, state)
        state.progress.waiting = executor.waits()
        state.show()


def _hand_out(scheduler: Scheduler, executor: Executor, state: SweepState) -> None:
    """Give the executor the next batch, without what another sweep works on."""
    batch = scheduler.next_batch(executor.loads)
    batch = scheduler.keep(batch, state.claim(batch.tasks))
    if batch.tasks:
        executor.submit(batch)


def _wait(state: SweepState) -> None:
    """Wait a little, as only points are left that another sweep works on: the longer, the more there are."""
    latest = monotonic() + LOOK_SECONDS + LOOK_SECONDS_PER_POINT * state.progress.elsewhere
    while monotonic() < latest and not state.stopped:
        sleep(WAIT_SECONDS)
        state.show()


def _take(report: Report, scheduler: Scheduler, state: SweepState) -> None:
    """Write down what was reported; points that workers keep dying with are errors."""
    for outcome in report.outcomes:
        task = scheduler.finish(report.batch, outcome.number, outcome.elapsed_s)
        if task is not None:
            state.record(task, outcome)
    if report.done:
        for task in scheduler.close(report.batch, report.lost):
            state.record(task, Outcome(task.number, None, (), None, DIED, 0.0))
