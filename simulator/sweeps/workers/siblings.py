"""How one worker becomes several, which share what it has imported and drawn."""

import gc
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

COMMAND = "import sys; from simulator.sweeps.workers.process import serve; serve(*map(int, sys.argv[1:]))"


def command(descriptors: Sequence[int]) -> list[str]:
    """What starts a worker for these sockets."""
    return [sys.executable, "-P", "-c", COMMAND, *map(str, descriptors)]


def can_share() -> bool:
    """Whether processes can be made of others here, and be ended by those that did not start them."""
    return hasattr(os, "fork") and hasattr(os, "pidfd_open")


def start_siblings(descriptors: Sequence[int]) -> int | None:
    """Start a process for each of these sockets; in each of them, its own is returned, and None in this one.

    A process with threads cannot be shared: then others are started from the beginning.
    """
    threads = Path("/proc/self/task")
    alone = threads.is_dir() and len(list(threads.iterdir())) == 1
    gc.freeze()  # else a collection would copy all pages
    for place, descriptor in enumerate(descriptors):
        if not alone:
            subprocess.Popen(command([descriptor]), pass_fds=[descriptor], stdin=subprocess.DEVNULL)
        elif not os.fork():
            for other in descriptors[place + 1 :]:
                os.close(other)
            return descriptor
        os.close(descriptor)
    return None
