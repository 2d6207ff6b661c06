"""Where a process runs, as a text, from which another one finds out whether it still does."""

import os
import socket
from contextlib import suppress
from pathlib import Path

ENDED = ("Z", "X")
"""States of a process that has ended and that nobody has asked for."""


def process_place() -> str:
    """The computer since it was started, the space of process numbers, this process' number, and its start.

    Words, separated by spaces.
    """
    pid = os.getpid()
    return f"{_computer()} {pid} {_started(pid)}"


def may_run(place: str) -> bool:
    """Whether the process may still run: False only where this computer would know it."""
    computer, _, process = place.rpartition(" ")[0].rpartition(" ")
    if computer != _computer() or not process.isdecimal():
        return True
    pid = int(process)
    if Path("/proc/self/stat").exists():
        return _started(pid) == place.rpartition(" ")[2]
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def _computer() -> str:
    """The computer since it was started, and the space of process numbers: containers have their own."""
    words = [socket.gethostname().replace(" ", "_")]
    with suppress(OSError):
        words.append(Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip())
    with suppress(OSError):
        words.append(os.readlink("/proc/self/ns/pid"))  # noqa: PTH115  # it is no path
    return " ".join(words)


def _started(pid: int) -> str:
    """When a process was started, in ticks; 0 where it has ended, or this computer does not say."""
    with suppress(OSError, IndexError):
        words = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        return "0" if words[0] in ENDED else words[19]
    return "0"
