"""Limits of an input: processor time by a signal, memory by the kernel."""

import os
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from .harness import BYTES, SECONDS, LateError

SLACK = 512 << 20
"""Bytes of address space beyond what is held and what an input may take."""


@contextmanager
def time_limit(seconds: float = SECONDS) -> Iterator[None]:
    """LateError in the body after so much processor time of this process."""

    def late(_number: int, _frame: FrameType | None) -> None:
        raise LateError(f"more than {seconds:g} s of processor time")

    before = signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def limit_memory() -> None:
    """MemoryError in this process, from now on, where it asks for more than `BYTES` beyond what it holds."""
    most = _status("VmData") + BYTES + SLACK
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def forget_peak() -> None:
    """Let `peak_bytes` begin anew, where the system lets a process do so."""
    try:
        with open("/proc/self/clear_refs", "w") as file:  # noqa: PTH123 - a path of the system
            file.write("5")
    except OSError:
        pass


def peak_bytes() -> int:
    """The most memory that this process has held since `forget_peak`."""
    return _status("VmHWM")


def held_bytes() -> int:
    """The memory that this process holds."""
    return _status("VmRSS")


def cpu_seconds() -> float:
    """Processor time of this process and of those it waited for."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _status(key: str) -> int:
    with open("/proc/self/status") as file:  # noqa: PTH123
        for line in file:
            if line.startswith(f"{key}:"):
                return int(line.split()[1]) << 10
    return 0
