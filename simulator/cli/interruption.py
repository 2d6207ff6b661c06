"""Ctrl-C: a command ends with one sentence, and files are there whole or not at all."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from workloads.errors import Interrupted as Interrupted

INTERRUPTED = 130
"""What a shell calls a command that Ctrl-C ended."""


class _State:
    held = 0  # how many `whole_step` are under way
    asked = False
    written: tuple[str, ...] = ()
    sentence: str | None = None  # what to say instead


@contextmanager
def interrupts() -> Iterator[None]:
    """Let Ctrl-C raise `Interrupted` in the body, also where the process was started with it ignored."""
    _State.held, _State.asked, _State.written, _State.sentence = 0, False, (), None
    before = signal.signal(signal.SIGINT, raise_interrupted)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def raise_interrupted(_number: int, _frame: FrameType | None) -> None:
    """End what is under way; inside of `whole_step`, at its end (Interrupted)."""
    _State.asked = True
    if not _State.held:
        raise Interrupted


@contextmanager
def whole_step(*paths: Path) -> Iterator[None]:
    """Ctrl-C in the body takes effect at its end, when `paths` are written (Interrupted)."""
    if not _State.held:
        _State.asked = False
    _State.held += 1
    try:
        yield
        _State.written += tuple(map(str, paths))
    finally:
        _State.held -= 1
    if _State.asked and not _State.held:
        raise Interrupted


@contextmanager
def interrupted_with(sentence: str) -> Iterator[None]:
    """Where Ctrl-C ends the body, say this of what is there."""
    before, _State.sentence = _State.sentence, sentence
    yield
    _State.sentence = before


def describe_interruption() -> str:
    """The sentence at the end: what is there in spite of Ctrl-C."""
    if _State.sentence is not None:
        return f"interrupted; {_State.sentence}"
    return f"interrupted; {', '.join(_State.written) or 'nothing'} was written"
