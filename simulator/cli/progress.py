"""Signs of life of long commands, on standard error: a line that is renewed on a terminal, elsewhere one now and then.

Nothing of it is printed by a command that takes less than `PLAIN_SECONDS` and has no terminal.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

from simulator.cli.console import console

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from simulator.run.steps import Step

PLAIN_SECONDS = 30
"""Where there is no terminal, a line as often as this."""


class Watch:
    """What a command calls to say how far it is. With a sentence: what it does now."""

    def __init__(self, task: str, show: Callable[[str, "Step | None"], object]):
        self._task, self._show = task, show
        self._began: list[float] = []  # the first layer, and the second

    def __call__(self, sentence: str) -> None:
        """Show what is done now."""
        self._show(sentence, None)

    def step(self, step: "Step") -> None:
        """Show which layer is run now, and from the third one on how long the rest may take."""
        now = monotonic()
        self._began = [now] if step.number == 1 else [*self._began, now][:2]
        self._show(f"{self._task}: {describe_step(step, now - self._began[0], now - self._began[-1])}", step)


def describe_step(step: "Step", seconds: float, second: float) -> str:
    """`layer 7 of 53, NAME, 0:12 elapsed, about 1:34 left`; what is not known beforehand is left out.

    seconds: since the first layer began; second: since the second one did. The first compiles what all others run, and
    so says nothing of how long they take.
    """
    whole = "" if step.count is None else f" of {step.count}"
    parts = [f"layer {step.number}{whole}, {step.layer}", f"{_minutes(seconds)} elapsed"]
    if step.count is not None and step.number > 2:
        left = second / (step.number - 2) * (step.count - step.number + 1)
        parts.append(f"about {_minutes(left)} left")
    return ", ".join(parts)


def _minutes(seconds: float) -> str:
    """`1:34`."""
    return f"{round(seconds) // 60}:{round(seconds) % 60:02}"


@contextmanager
def progress(task: str) -> Iterator[Watch]:
    """Show a task, what it says and what sources of workloads announce, until the body ends."""
    from workloads.phases import listening

    screen = console(stderr=True)
    if not screen.is_terminal:
        watch = Watch(task, _lines())
        with listening(watch):
            yield watch
        return

    with _bar() as bar:
        line = bar.add_task(task, total=None)

        def show(sentence: str, step: "Step | None") -> None:
            bar.update(line, description=sentence)
            if step is not None:
                bar.update(line, completed=step.number - 1, total=step.count)
            bar.refresh()

        watch = Watch(task, show)
        with listening(watch):
            yield watch


def _lines() -> Callable[[str, "Step | None"], None]:
    """A function that prints a sentence where none was printed for a while."""
    last = monotonic()

    def show(sentence: str, _step: "Step | None") -> None:
        nonlocal last
        if monotonic() - last >= PLAIN_SECONDS:
            last = monotonic()
            console(stderr=True).print(sentence, highlight=False, markup=False)

    return show


def _bar() -> "Bar":
    """A spinner, what is done, and a bar of the layers; it is gone when the command ends."""
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn
    from rich.table import Column

    from simulator.cli.plain_console import PlainConsole

    text = TextColumn(
        "{task.description}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis", ratio=1)
    )
    columns = (SpinnerColumn(), text, BarColumn(bar_width=12))
    return Progress(*columns, console=PlainConsole(stderr=True), transient=True, expand=True)
