"""A process that runs the points it is sent.

It is started as `python -c "from simulator.sweeps.workers.process import serve; serve(FD)"`. With more sockets it
becomes as many processes, once it has imported what points need and has drawn the first layer.
"""

import os
import threading
from collections.abc import Iterator
from functools import cache
from multiprocessing.connection import Connection
from time import perf_counter
from typing import Any, NamedTuple

from simulator.results.compact_rows import encode
from simulator.sweeps.identity import Resolver
from simulator.sweeps.workers.messages import Batch, Outcome, Report, Task
from simulator.sweeps.workers.point_runner import PointRunner
from simulator.sweeps.workers.siblings import start_siblings
from workloads.errors import InputError

FLUSH_SECONDS = 0.1
"""How long outcomes wait for others to go with them."""
STARTED = 0
"""No batch has this number: the first report says that the process is there."""
GIVE_BACK = "give back"
"""Ends a batch after the point under way."""


class WorkerState(NamedTuple):
    """What a process keeps between points."""

    resolver: Resolver
    runner: PointRunner
    names: dict[tuple[str, ...], tuple[str, ...]]  # of figures: one object for all points, which goes out once a report


def run_task(task: Task, state: WorkerState) -> Outcome:
    """Simulate a point; whatever goes wrong with it is its outcome."""
    began = perf_counter()
    try:
        resolved = state.resolver.resolve(task.point)
        if resolved.identity != task.identity:
            raise InputError(
                "the worker sees another version of the simulator, of a configuration or of a file than the client; "
                "expected the same on both"
            )
        figures = state.runner.run(resolved)
        layers, notes = figures.pop("layers", None), tuple(figures.pop("notes"))
        if notes:
            figures["notes"] = "; ".join(notes)
        names = tuple(figures)
        names = state.names.setdefault(names, names)
        kept = None if layers is None else encode(layers)
        return Outcome(task.number, encode(list(figures.values())), names, kept, None, perf_counter() - began, notes)
    except InputError as error:
        sentence = str(error)
    except MemoryError as error:
        sentence = f"there is not enough memory ({error}); expected a smaller point"
    except Exception as error:  # a machine of another package may raise anything, and the other points go on
        sentence = f"{type(error).__name__}: {error}"
    return Outcome(task.number, None, (), None, sentence, perf_counter() - began)


def run_batch(batch: Batch) -> Report:
    """All of a batch at once, with what this process has kept of earlier ones: for executors without a line back."""
    with _LOCK:
        return Report(batch.number, tuple(run_task(task, _state()) for task in batch.tasks), done=True)


def serve(*descriptors: int) -> None:
    """Run batch after batch from a socket; end with the process at its other end. Each socket has a process."""
    state = _state()
    client = _ClientSocket(Connection(descriptors[0]))
    client.send(Report(STARTED, (), done=False, pid=os.getpid()))
    if descriptors[1:]:
        first = client.first_batch()
        state.runner.prepare(state.resolver, first.tasks[0].point)
        own = start_siblings(descriptors[1:])
        if own is not None:
            client.close()
            client = _ClientSocket(Connection(own))
            client.send(Report(STARTED, (), done=False, pid=os.getpid()))
    for batch in client.batches():
        outcomes: list[Outcome] = []
        since = perf_counter()
        for task in batch.tasks:
            if client.given_back(batch):
                break
            outcomes.append(run_task(task, state))
            if perf_counter() - since > FLUSH_SECONDS:
                client.send(Report(batch.number, tuple(outcomes), done=False))
                outcomes, since = [], perf_counter()
        client.send(Report(batch.number, tuple(outcomes), done=True))


class _ClientSocket:
    """The socket: a thread reads it while batches run, so that the client's end is noticed within a point."""

    def __init__(self, connection: Connection):
        self._connection = connection
        self._waiting: list[Batch] = []
        self._newest = self._given_back = -1
        self._ready = threading.Condition()

    def first_batch(self) -> Batch:
        """The first batch, which `batches` gives again; nothing runs at the same time."""
        batch: Batch = self._receive()
        self._newest, self._waiting = batch.number, [batch]
        return batch

    def close(self) -> None:
        """Leave the socket to another process."""
        self._connection.close()

    def batches(self) -> Iterator[Batch]:
        """Each batch as it comes."""
        threading.Thread(target=self._listen, daemon=True).start()
        while True:
            with self._ready:
                self._ready.wait_for(lambda: self._waiting)
                batch = self._waiting.pop(0)
            yield batch

    def given_back(self, batch: Batch) -> bool:
        """Whether the client wants back what is left of a batch."""
        return batch.number <= self._given_back

    def send(self, report: Report) -> None:
        """Send the client a report; without a client there is nothing left to do."""
        try:
            self._connection.send(report)
        except OSError:
            os._exit(1)

    def _receive(self) -> Any:
        """The next message; the end, where the client is gone."""
        try:
            return self._connection.recv()
        except (EOFError, OSError):
            os._exit(0)

    def _listen(self) -> None:
        while True:
            message = self._receive()
            with self._ready:
                if message == GIVE_BACK:
                    self._given_back = self._newest
                else:
                    self._newest = message.number
                    self._waiting.append(message)
                self._ready.notify()


_LOCK = threading.Lock()


@cache
def _state() -> WorkerState:
    return WorkerState(Resolver(), PointRunner(), {})
