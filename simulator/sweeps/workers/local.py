"""Worker processes on this computer, each with a socket. One that dies is replaced; its batch is reported as lost."""

import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path

from simulator.core.threads import VARIABLE
from simulator.sweeps.workers.messages import Batch, Report
from simulator.sweeps.workers.process import GIVE_BACK
from workloads.errors import InputError

COMMAND = "import sys; from simulator.sweeps.workers.process import serve; serve(int(sys.argv[1]))"
AHEAD = 2
"""Batches that a worker has: one under way, one that waits."""
SINGLE = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
DEATHS_IN_A_ROW = 5
"""Of workers that never said that they are there: then something is wrong with all of them."""


class Worker:
    """A process and what it has to do."""

    def __init__(self, environment: Mapping[str, str]):
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-c", COMMAND, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env=environment,
                stdin=subprocess.DEVNULL,
                process_group=0,  # Ctrl-C is for the client
            )
        self.connection = Connection(ours.detach())
        self.batches: list[int] = []
        self.started = False

    def end(self) -> None:
        """Let the process end and wait for it."""
        self.connection.close()
        self.process.kill()
        self.process.wait()


class LocalExecutor:
    """`jobs` worker processes on this computer. InputError where `jobs` is less than 1."""

    loads = 8

    def __init__(self, jobs: int):
        if jobs < 1:
            raise InputError(f"jobs is {jobs}; expected 1 or more")
        self.workers = jobs
        self._environment = _environment(jobs)
        self._deaths = 0
        self._crew = [Worker(self._environment) for _ in range(jobs)]

    def __enter__(self) -> "LocalExecutor":
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._crew:
            worker.end()

    @property
    def pids(self) -> list[int]:
        """The workers' process numbers."""
        return [worker.process.pid for worker in self._crew]

    def room(self) -> int:
        """How many batches would be taken now."""
        return sum(AHEAD - len(worker.batches) for worker in self._crew)

    def idle(self) -> int:
        """How many workers have nothing to do."""
        return sum(not worker.batches for worker in self._crew)

    def waits(self) -> bool:
        """Never: workers that die are replaced."""
        return False

    def submit(self, batch: Batch) -> None:
        """Give a batch to the worker that has least to do."""
        worker = min(self._crew, key=lambda one: len(one.batches))
        worker.batches.append(batch.number)
        with suppress(OSError):  # it is dead: `collect` finds out and reports the batch as lost
            worker.connection.send(batch)

    def give_back(self) -> None:
        """Ask for all batches back; the points under way are finished first."""
        for worker in self._crew:
            if worker.batches:
                with suppress(OSError):
                    worker.connection.send(GIVE_BACK)

    def collect(self, seconds: float) -> list[Report]:
        """What workers report within `seconds`. InputError where new workers die again and again."""
        reports: list[Report] = []
        ready = set(wait([worker.connection for worker in self._crew], seconds))
        for place, worker in enumerate(self._crew):
            if worker.connection in ready:
                reports += self._receive(place, worker)
        return reports

    def _receive(self, place: int, worker: Worker) -> list[Report]:
        reports: list[Report] = []
        try:
            while worker.connection.poll():
                report: Report = worker.connection.recv()
                worker.started, self._deaths = True, 0
                if report.done:
                    worker.batches.remove(report.batch)
                reports.append(report)
        except Exception:  # a message cut short is no message: EOFError, OSError, UnpicklingError
            reports += self._replace(place, worker)
        return reports

    def _replace(self, place: int, worker: Worker) -> list[Report]:
        """Another worker for one that died. Of its batches, the first is lost; the others it did not begin."""
        worker.end()
        self._deaths += not worker.started
        if self._deaths >= DEATHS_IN_A_ROW:
            raise InputError(f"{self._deaths} workers died before they did anything; expected workers that start")
        self._crew[place] = Worker(self._environment)
        return [Report(number, (), done=True, lost=order == 0) for order, number in enumerate(worker.batches)]


def _environment(jobs: int) -> dict[str, str]:
    """The client's, with the same modules to be found, and one part of the processors for each worker."""
    settings = dict.fromkeys(SINGLE, "1")
    settings[VARIABLE] = str(max(1, (os.cpu_count() or 1) // jobs))
    settings["PYTHONPATH"] = os.pathsep.join(str(Path(folder).resolve()) for folder in sys.path)
    return {**os.environ, **settings}
