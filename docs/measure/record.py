"""What makes the figures in the text of pages: a group of them, and their values."""

from collections.abc import Callable
from typing import NamedTuple


class Made(NamedTuple):
    """Figures and tables by name, as they are written on a page."""

    figures: dict[str, str]
    tables: dict[str, str]


class Group(NamedTuple):
    """Figures that the same commands make."""

    name: str
    commands: tuple[str, ...]  # as they are typed
    make: Callable[[], Made]
    seconds: int  # of processor time, about; 0: made of kept files whenever the pages are generated

    @property
    def kept(self) -> bool:
        """Whether the commands are too slow to run whenever the pages are generated."""
        return self.seconds > 0
