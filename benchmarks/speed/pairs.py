"""Measuring two things in turn, so that a computer whose speed drifts slows both sides."""

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

Timed = Callable[[], float]
"""Does something once; seconds of processor time that it took."""


class Figure(NamedTuple):
    """What something costs: seconds of processor time, all threads, the median of runs that took turns."""

    group: str
    what: str
    seconds: float
    reference: str  # what was measured in turn with it; "": nothing
    reference_seconds: float | None
    ratio: float | None  # the median of the ratios of pairs
    rounds: int
    note: str = ""
    units: int = 1  # how many things of one kind it does, such as lines of DRAM
    reference_units: int = 1  # how many its reference does


def within(action: Callable[..., object], *arguments: object) -> Timed:
    """Of something that this process does."""

    def timed() -> float:
        began = time.process_time()
        action(*arguments)
        return time.process_time() - began

    return timed


def with_children(action: Callable[[], object]) -> Timed:
    """Of something that this process does, and of the processes that it starts and waits for."""

    def timed() -> float:
        before = os.times()
        action()
        return sum(os.times()[:4]) - sum(before[:4])

    return timed


def of_process(arguments: Sequence[str], **environment: str) -> Timed:
    """Of a program from its start to its end."""

    variables = {**os.environ, **environment}
    return with_children(lambda: subprocess.run(arguments, check=True, capture_output=True, env=variables))


def compare(group: str, what: str, ours: Timed, reference: str, theirs: Timed, rounds: int, note: str = "") -> Figure:
    """Both in turn, `rounds` times, after once for each that does not count."""
    ours(), theirs()
    pairs = [(ours(), theirs()) for _ in range(rounds)]
    mine, other = (statistics.median(times) for times in zip(*pairs, strict=True))
    return Figure(group, what, mine, reference, other, statistics.median(a / b for a, b in pairs), rounds, note)


def alone(group: str, what: str, ours: Timed, rounds: int, note: str = "") -> Figure:
    """Something that has nothing to be compared with."""
    return Figure(group, what, statistics.median(ours() for _ in range(rounds)), "", None, None, rounds, note)
