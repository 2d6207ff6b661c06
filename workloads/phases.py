"""What a long step of opening a source is doing, for whoever shows it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Listener = Callable[[str], object]
"""Gets a sentence when something begins that takes its time."""
_listener: ContextVar[Listener | None] = ContextVar("phase listener", default=None)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Let a function hear what is announced in the body."""
    before = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(before)


def announce(phase: str) -> None:
    """Say what begins now, such as `net.onnx: running it in onnxruntime`; nothing where nobody listens."""
    listener = _listener.get()
    if listener is not None:
        listener(phase)
