"""Requests to the process that runs models: it is started once, asked again, and replaced where it ended."""

import atexit
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event, Lock, Timer

import numpy as np

from workloads.sources.onnx.isolated.frames import Fields, receive, send

CHILD = Path(__file__).with_name("child.py")


class RunError(Exception):
    """A model does not run; the text says why."""


class LateError(RunError):
    """A model ran for too long."""


class _Child:
    """The process, with what must not be shared: it belongs to the process that started it."""

    def __init__(self) -> None:
        self.owner = os.getpid()
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        # a session of its own: an interrupt from the keyboard is for this process, which then ends the other one
        self.process = subprocess.Popen(
            [sys.executable, "-P", str(CHILD)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, start_new_session=True,
        )  # fmt: skip

    def usable(self) -> bool:
        return self.owner == os.getpid() and self.process.poll() is None

    def end(self) -> int:
        """Stop the process; its exit code, negative where a signal ended it."""
        self.process.kill()
        for stream in (self.process.stdin, self.process.stdout):
            assert stream is not None
            with suppress(OSError):  # what was not sent before the process ended
                stream.close()
        return self.process.wait()


_lock = Lock()
_child: _Child | None = None


def run_isolated(
    model: bytes, wanted: Sequence[str], given: Mapping[str, np.ndarray], most_bytes: int, most_seconds: float
) -> dict[str, np.ndarray]:
    """The wanted tensors that hold numbers, arrays [any shape] by name, when a serialised model runs on what is given.

    given: arrays by input name. RunError where it does not run, takes more memory, or ends the process; LateError where
    it takes more time.
    """
    global _child
    with _lock:
        if _child is None or not _child.usable():
            _child = _Child()
        child, late = _child, Event()

        def stop() -> None:
            late.set()
            child.process.kill()

        timer = Timer(most_seconds, stop)
        timer.daemon = True
        timer.start()
        done = False
        try:
            fields, _, arrays = _ask(child, {"wanted": list(wanted), "bytes": most_bytes}, model, given)
            done = True
        except (EOFError, OSError):
            if late.is_set():
                raise LateError from None
            code = child.end()
            kind = "signal" if code < 0 else "exit code"
            raise RunError(f"onnxruntime ended with {kind} {abs(code)}") from None
        finally:
            timer.cancel()
            if not done:  # also where this process is interrupted
                child.end()
                _child = None
    if "error" in fields:
        raise RunError(fields["error"])
    return arrays


def _ask(
    child: _Child, request: Fields, model: bytes, given: Mapping[str, np.ndarray]
) -> tuple[Fields, bytes, dict[str, np.ndarray]]:
    """The answer of the process. EOFError or OSError where it ends before."""
    process = child.process
    assert process.stdin is not None
    assert process.stdout is not None
    send(process.stdin, request, model, given)
    return receive(process.stdout)


@atexit.register
def _end() -> None:
    if _child is not None and _child.owner == os.getpid():
        _child.end()
