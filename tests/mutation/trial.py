"""Trying mutants: each in a copy of the checkout, against the tests of its room."""

import json
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from tests.mutation.fastest_first import MOST, TIMES
from tests.mutation.mutants import Mutant
from tests.mutation.rooms import Room

KILLED, SURVIVED, LATE = "killed", "survived", "late"
"""late: the tests took much more processor time than without the fault, or waited forever; it counts as killed."""
FACTOR, GRACE = 2, 60
"""How much longer than without a fault tests may take, and seconds to compile what changed."""
WAITING = 4
"""How much longer than their processor time they may take on a computer that does other things, too."""
OPTIONS = (
    "-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "-p", "tests.mutation.fastest_first",
    "-m", "not slow and not cluster and not browser",
)  # fmt: skip


class Outcome(NamedTuple):
    """What became of a mutant."""

    id: str
    room: str
    path: str
    line: int
    before: str
    after: str
    outcome: str
    seconds: float
    witness: str  # the test that failed first, or nothing


def copy(root: Path, folder: Path) -> Path:
    """A clone of a checkout, in which sources can be changed."""
    subprocess.run(["git", "clone", "--quiet", str(root), str(folder)], check=True)
    return folder


class Effort(NamedTuple):
    """How long tests take: a folder with a file for each room, seconds by test; those that take longer are left out."""

    folder: Path
    most_seconds: float = math.inf

    def times(self, room: Room) -> Path:
        """The file of a room."""
        return self.folder / f"{room.name}.json"

    def usual(self, room: Room) -> float | None:
        """Seconds of a room's tests together; None where they have not been run."""
        if not self.times(room).exists():
            return None
        return sum(one for one in json.loads(self.times(room).read_text("utf-8")).values() if one <= self.most_seconds)


def run_tests(
    checkout: Path, room: Room, effort: Effort, seconds: float | None = None
) -> tuple[bool | None, str, float]:
    """Whether the tests of a room pass (None: they took too long), the first that failed, and the time in seconds.

    seconds: of processor time that the process of the tests, and each that it starts, may take.
    """
    tests = [one for one in room.tests if (checkout / one).exists()]
    chosen = ["-k", room.names] if room.names else []
    # programs that tests start must read the copy, too
    variables = os.environ | {
        "PYTHONPATH": str(checkout), TIMES: str(effort.times(room)), MOST: str(effort.most_seconds)
    }  # fmt: skip
    limit = [] if seconds is None else ["prlimit", f"--cpu={math.ceil(seconds)}:"]
    latest = None if seconds is None else WAITING * seconds
    begin = time.monotonic()
    try:
        done = subprocess.run(
            [*limit, sys.executable, "-m", "pytest", *OPTIONS, *chosen, *tests],
            cwd=checkout, env=variables, capture_output=True, text=True, timeout=latest, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return None, "", time.monotonic() - begin
    if done.returncode == -signal.SIGXCPU:
        return None, "", time.monotonic() - begin
    failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    witness = failed[0].split(" ")[1] if failed else ""
    return done.returncode == 0, witness, time.monotonic() - begin


def try_mutant(checkout: Path, room: Room, mutant: Mutant, effort: Effort) -> Outcome:
    """Put a fault into the copy, run the tests, whose times without it are known, and take it out again."""
    file = checkout / mutant.path
    original = file.read_bytes()
    file.write_text(mutant.source, "utf-8")
    try:
        passed, witness, seconds = run_tests(checkout, room, effort, FACTOR * (effort.usual(room) or 0) + GRACE)
    finally:
        file.write_bytes(original)
    outcome = LATE if passed is None else SURVIVED if passed else KILLED
    return Outcome(mutant.id, room.name, *mutant[:4], outcome, round(seconds, 1), witness)
