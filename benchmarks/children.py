"""Processor time of all processes that a benchmark started, of workers too whose parent has ended."""

import ctypes
import os
import resource
from contextlib import suppress

PR_SET_CHILD_SUBREAPER = 36
"""Of Linux' prctl: processes whose parent has ended become children of this one, which counts their time."""


def adopt() -> None:
    """Become the parent of processes whose own parent has ended: else their time is not counted."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def children_cpu() -> float:
    """CPU seconds of all processes that were started here, or by those, once all have ended."""
    with suppress(ChildProcessError):
        while True:
            os.wait()
    found = resource.getrusage(resource.RUSAGE_CHILDREN)
    return found.ru_utime + found.ru_stime
