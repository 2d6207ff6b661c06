"""Requests to the process of a task: it is started once, asked again, and replaced where it ended."""

import atexit
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import Event, Lock, Timer
from typing import NamedTuple

import numpy as np

from workloads.isolated.messages import Fields, receive, send

SCRIPT = Path(__file__).with_name("serving.py")
CLOSING_SECONDS = 5.0
"""Until a process that closed its streams has an exit code of its own."""


class EndedError(Exception):
    """The process ended; the text says with which exit code or signal."""


class LateError(Exception):
    """The process was ended, as it took too long."""


class Limits(NamedTuple):
    """What a request may take: bytes more than the process has (on Linux), seconds of processor time, and of time.

    cpu_seconds: 0 for no limit of its own.
    """

    most_bytes: int
    cpu_seconds: float
    seconds: float


class Child:
    """The process, with what must not be shared: it belongs to the process that started it."""

    def __init__(self, task: Path) -> None:
        self.owner = os.getpid()
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        # a session of its own: an interrupt from the keyboard is for this process, which then ends the other one
        self.process = subprocess.Popen(
            [sys.executable, "-B", "-P", str(SCRIPT), str(task)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, start_new_session=True,
        )  # fmt: skip

    def usable(self) -> bool:
        """Whether this process may ask it."""
        return self.owner == os.getpid() and self.process.poll() is None

    def ended(self) -> int:
        """The exit code of a process that closed its streams; negative where a signal ended it."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(CLOSING_SECONDS)
        return self.end()

    def end(self) -> int:
        """Stop the process; its exit code, negative where a signal ended it."""
        self.process.kill()
        for stream in (self.process.stdin, self.process.stdout):
            assert stream is not None
            with suppress(OSError):  # what was not sent before the process ended
                stream.close()
        return self.process.wait()


class Isolated:
    """A task, given as the path of its script, and its process."""

    def __init__(self, task: Path) -> None:
        self.task, self._lock = task, Lock()
        self.child: Child | None = None
        atexit.register(self._end)

    def ask(
        self, fields: Fields, limits: Limits, content: bytes = b"", given: Mapping[str, np.ndarray] | None = None
    ) -> tuple[Fields, dict[str, np.ndarray]]:
        """The answer's fields and arrays [any shape] by name, to fields that JSON can hold, bytes and arrays by name.

        Arrays are of numbers of any dtype.
        The field `error` is the text of an exception of the task. LateError where it takes more time than it may;
        EndedError where its process ends.
        """
        asked = {**fields, "bytes": limits.most_bytes, "seconds": limits.cpu_seconds}
        with self._lock:
            if self.child is None or not self.child.usable():
                self.child = Child(self.task)
            child, late = self.child, Event()

            def stop() -> None:
                late.set()
                child.process.kill()

            timer = Timer(limits.seconds, stop)
            timer.daemon = True
            timer.start()
            done = False
            try:
                found, arrays = _exchange(child, asked, content, given or {})
                done = True
            except (EOFError, OSError):
                code = child.ended()
                if late.is_set() or code == -getattr(signal, "SIGPROF", 0):
                    raise LateError from None
                kind = "signal" if code < 0 else "exit code"
                raise EndedError(f"{kind} {abs(code)}") from None
            finally:
                timer.cancel()
                if not done:  # also where this process is interrupted
                    child.end()
                    self.child = None
        return found, arrays

    def _end(self) -> None:
        if self.child is not None and self.child.owner == os.getpid():
            self.child.end()


def _exchange(
    child: Child, fields: Fields, content: bytes, given: Mapping[str, np.ndarray]
) -> tuple[Fields, dict[str, np.ndarray]]:
    """The answer of the process. EOFError or OSError where it ends before."""
    process = child.process
    assert process.stdin is not None
    assert process.stdout is not None
    send(process.stdin, fields, content, given)
    found, _, arrays = receive(process.stdout)
    return found, arrays
