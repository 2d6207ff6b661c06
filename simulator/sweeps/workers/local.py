"""Worker processes on this computer, each with a socket. One that dies is replaced; its batch is reported as lost."""

import os
import signal
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
from simulator.sweeps.workers.siblings import can_share, command
from workloads.errors import InputError

AHEAD = 2
"""Batches that a worker has: one under way, one that waits."""
SINGLE = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
DEATHS_IN_A_ROW = 5
"""Of workers that never said that they are there: then something is wrong with all of them."""


class Worker:
    """A process and what it has to do. process: which was started for it; None: another worker becomes it, too."""

    def __init__(self, connection: Connection, process: subprocess.Popen[bytes] | None):
        self.connection, self.process = connection, process
        self.batches: list[int] = []
        self.pid = 0  # until it says that it is there
        self._handle: int | None = None

    def begin(self, pid: int) -> None:
        """It is there."""
        self.pid = pid
        if self.process is None:
            with suppress(OSError):  # it has ended
                self._handle = os.pidfd_open(pid)

    def end(self) -> None:
        """Let the process end and wait for it."""
        self.connection.close()
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        elif self._handle is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)
            wait([self._handle])
            os.close(self._handle)
            self._handle = None


def start_workers(count: int, environment: Mapping[str, str]) -> list[Worker]:
    """Workers whose processes begin as one."""
    pairs = [socket.socketpair() for _ in range(count)]
    theirs = [pair[1].fileno() for pair in pairs]
    process = subprocess.Popen(
        command(theirs),
        pass_fds=theirs,
        env=environment,
        stdin=subprocess.DEVNULL,
        process_group=0,  # Ctrl-C is for the client
    )
    for _, one in pairs:
        one.close()
    return [Worker(Connection(ours.detach()), None if place else process) for place, (ours, _) in enumerate(pairs)]


MOST_JOBS = 256
"""On a computer with fewer processors: each takes a process, two open files and memory."""


class LocalExecutor:
    """`jobs` worker processes on this computer. InputError where `jobs` is less than 1, or more than `MOST_JOBS`."""

    loads = 16

    def __init__(self, jobs: int):
        if jobs < 1:
            raise InputError(f"jobs is {jobs}; expected 1 or more")
        if jobs > max(MOST_JOBS, os.cpu_count() or 1):
            raise InputError(f"jobs is {jobs}; expected at most {MOST_JOBS}, or as many as processors")
        self.workers = jobs
        self._environment = _environment(jobs)
        self._deaths = 0
        groups = [jobs] if can_share() else [1] * jobs
        self._crew = [worker for count in groups for worker in start_workers(count, self._environment)]

    def __enter__(self) -> "LocalExecutor":
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._crew:
            worker.end()

    @property
    def pids(self) -> list[int]:
        """The workers' process numbers; 0 where a worker is not there yet."""
        return [worker.pid or (worker.process.pid if worker.process else 0) for worker in self._crew]

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
                if report.pid:
                    worker.begin(report.pid)
                    self._deaths = 0
                if report.done:
                    worker.batches.remove(report.batch)
                reports.append(report)
        except Exception:  # a message cut short is no message: EOFError, OSError, UnpicklingError
            reports += self._replace(place, worker)
        return reports

    def _replace(self, place: int, worker: Worker) -> list[Report]:
        """Another worker for one that died. Of its batches, the first is lost; the others it did not begin."""
        worker.end()
        self._deaths += worker.process is not None and not worker.pid
        if self._deaths >= DEATHS_IN_A_ROW:
            raise InputError(f"{self._deaths} workers died before they did anything; expected workers that start")
        (self._crew[place],) = start_workers(1, self._environment)
        begun = bool(worker.pid)
        return [Report(number, (), True, lost=begun and order == 0) for order, number in enumerate(worker.batches)]


def _environment(jobs: int) -> dict[str, str]:
    """The client's, with the same modules to be found, and one part of the processors for each worker."""
    settings = dict.fromkeys(SINGLE, "1")
    settings[VARIABLE] = str(max(1, (os.cpu_count() or 1) // jobs))
    settings["PYTHONPATH"] = os.pathsep.join(str(Path(folder).resolve()) for folder in sys.path)
    return {**os.environ, **settings}
