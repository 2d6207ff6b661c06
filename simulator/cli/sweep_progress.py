"""How far a sweep is, on standard error, and how Ctrl-C ends one."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

from simulator.cli.console import console
from simulator.cli.interruption import Interrupted
from simulator.cli.progress import PLAIN_SECONDS

if TYPE_CHECKING:
    from simulator.sweeps.run import Progress, ProgressCallback


@contextmanager
def stopping() -> Iterator[Callable[[], bool]]:
    """The first Ctrl-C (or SIGTERM) asks for an orderly end, the second one ends at once (Interrupted)."""
    asked = False

    def ask(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            raise Interrupted
        asked = True
        console(stderr=True).print("finishing the points under way; Ctrl-C again ends at once", highlight=False)

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def watching(name: str) -> Iterator["ProgressCallback"]:
    """A progress bar on a terminal's standard error; elsewhere a line now and then."""
    screen = console(stderr=True)
    if not screen.is_terminal:
        yield lines(name)
        return
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[state]}"))
    with Bar(*columns, console=screen, transient=True) as bar:
        task = bar.add_task(name, state="")
        yield lambda done: bar.update(task, total=done.points, completed=done.known + done.run, state=sentence(done))


def lines(name: str) -> "ProgressCallback":
    """What prints a line now and then."""
    last = 0.0

    def watch(done: "Progress") -> None:
        nonlocal last
        if done.seconds - last > PLAIN_SECONDS:
            last = done.seconds
            console(stderr=True).print(f"{name}: {sentence(done)}", highlight=False)

    return watch


def sentence(done: "Progress") -> str:
    """Points done, rate, time left, failures, and whether workers are missing."""
    from simulator.results.text import counted

    left = done.seconds_left
    ahead = "" if left is None else f", {int(left) // 60}:{int(left) % 60:02} left"
    failed = f", {done.failed:,} failed" if done.failed else ""
    rate = f", {rate_in_words(done.rate)}" if done.run else ""
    waiting = ", waiting for workers: there is none" if done.waiting else ""
    elsewhere = f", another sweep works on {counted(done.elsewhere, 'point')}" if done.elsewhere else ""
    return f"{done.known + done.run:,} of {counted(done.points, 'point')}{rate}{ahead}{failed}{elsewhere}{waiting}"


def rate_in_words(rate: float) -> str:
    """Points a second, or seconds a point where they are slow."""
    return f"{rate:,.1f} /s" if rate >= 1 else f"{1 / rate:,.1f} s a point"
