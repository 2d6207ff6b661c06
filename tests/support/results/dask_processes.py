"""A Dask scheduler and its workers as processes on loopback."""

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress

from support.results.sweeping import ENVIRONMENT, wait_until

QUIET = ["--no-dashboard", "--host", "127.0.0.1"]


@contextmanager
def process(*arguments):
    """A Dask command, ended with SIGKILL."""
    found = subprocess.Popen(
        [sys.executable, "-P", "-m", *map(str, arguments)],
        env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        yield found
    finally:
        with suppress(ProcessLookupError):  # a test killed it and waited
            os.killpg(found.pid, signal.SIGKILL)
        found.wait()


@contextmanager
def scheduler(file, port=0, *more):
    arguments = [*QUIET, "--port", port, "--scheduler-file", file, *more]
    with process("distributed.cli.dask_scheduler", *arguments) as found:
        wait_until(lambda: file.exists() and file.read_text().strip().endswith("}"))
        yield found, json.loads(file.read_text())["address"]


@contextmanager
def worker(address, folder, *more):
    arguments = ["--nthreads", 1, "--no-dashboard", "--local-directory", folder, "--death-timeout", 60, *more]
    with process("distributed.cli.dask_worker", address, *arguments) as found:
        yield found
