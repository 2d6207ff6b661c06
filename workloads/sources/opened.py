"""What took long to read, kept for the next time that the same is opened: a sweep opens a file again and again."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

T = TypeVar("T")
MOST = 2
"""Sources whose content is kept."""


class KeptSources:
    """The content of the sources that were opened last."""

    def __init__(self) -> None:
        self.read = 0  # how often a source was read
        self._found: OrderedDict[Hashable, Any] = OrderedDict()

    def find(self, key: Hashable, read: Callable[[], T]) -> T:
        """What was read under this key, now or before."""
        if key not in self._found:
            self.read += 1
            while len(self._found) >= MOST:
                self._found.popitem(last=False)
            self._found[key] = read()
        self._found.move_to_end(key)
        found: T = self._found[key]
        return found


_kept: ContextVar[KeptSources | None] = ContextVar("kept sources", default=None)


@contextmanager
def keeping(kept: KeptSources) -> Iterator[None]:
    """Let sources that are opened in the body keep what they read."""
    before = _kept.set(kept)
    try:
        yield
    finally:
        _kept.reset(before)


def read_once(key: Callable[[], Hashable], read: Callable[[], T]) -> T:
    """What `read` gives, or gave before under the same key; outside of `keeping`, it is always read."""
    kept = _kept.get()
    return read() if kept is None else kept.find(key(), read)
