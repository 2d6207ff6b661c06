"""The process of a task: a script, so that it imports nothing of this project but `messages` and the task's script.

The task is a script as well, with a function `answer(fields, content, arrays)`: what was asked, a dict, bytes and
arrays [any shape] by name, to the fields and arrays of the answer. An exception of it becomes the field `error`.
"""

import contextlib
import os
import runpy
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

with contextlib.suppress(ImportError):
    import resource

sys.path.insert(0, str(Path(__file__).parent))
import messages  # type: ignore[import-not-found]

sys.path.pop(0)
WATCH_SECONDS = 0.5
"""Between two looks whether the process that asks is still there."""


def main() -> None:
    """Answer each request on standard input until it ends; nothing else is printed."""
    _end_with(os.getppid())
    _write_nothing()
    requests = sys.stdin.buffer
    with os.fdopen(os.dup(1), "wb") as answers:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for descriptor in (1, 2):
            os.dup2(nowhere, descriptor)
        task = runpy.run_path(sys.argv[1])  # imports its library, before there is a limit of memory
        with contextlib.suppress(EOFError):
            while True:
                _answer_one(requests, answers, task["answer"])


def _answer_one(requests: IO[bytes], answers: IO[bytes], task: Callable[..., Any]) -> None:
    """Answer the next request; nothing of it stays, which the next one's limit would come on top of. EOFError: none."""
    fields, content, given = messages.receive(requests)
    _limit_memory(fields["bytes"])
    _limit_time(fields["seconds"])
    try:
        found, arrays = task(fields, content, given)
    except Exception as error:  # exceptions of libraries have no other common base
        found, arrays = {"error": str(error) or type(error).__name__}, {}
    _limit_time(0)
    messages.send(answers, found, b"", arrays)


def _end_with(parent: int) -> None:
    """End this process soon after the one that started it, which may be killed while a library runs here."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(WATCH_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _write_nothing() -> None:
    """Let this process write no file, and leave none of its memory where it crashes."""
    if "resource" in globals():
        for kind in (resource.RLIMIT_FSIZE, resource.RLIMIT_CORE):
            resource.setrlimit(kind, (0, resource.getrlimit(kind)[1]))


def _limit_memory(size: int) -> None:
    """Let this process take this many bytes more than it has, where the system can bound it."""
    if "resource" not in globals() or not sys.platform.startswith("linux"):
        return
    pages = Path("/proc/self/statm").read_text().split()
    used = int(pages[5]) * resource.getpagesize()
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    soft = used + size
    if hard != resource.RLIM_INFINITY:
        soft = min(soft, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def _limit_time(seconds: float) -> None:
    """End this process after so much more processor time of all its threads, where the system can; 0: no limit."""
    if hasattr(signal, "SIGPROF"):
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_PROF, seconds)


if __name__ == "__main__":
    main()
