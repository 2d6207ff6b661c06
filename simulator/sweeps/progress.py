"""How far a sweep is."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Progress:
    """How far a sweep is."""

    points: int
    known: int = 0  # were in the store
    run: int = 0  # by this sweep, those that failed among them
    failed: int = 0
    seconds: float = 0.0
    stopped: bool = False
    waiting: bool = False  # for workers: there is none
    elsewhere: int = 0  # left to another sweep, which works on them in the same store
    errors: dict[str, int] = field(default_factory=dict)  # sentences, and how many points have them
    notes: dict[str, int] = field(default_factory=dict)  # likewise, the first MOST_NOTES
    more_notes: int = 0  # how often a point had another one

    @property
    def left(self) -> int:
        """Points that are neither in the store nor tried, those of another sweep among them."""
        return self.points - self.known - self.run

    @property
    def rate(self) -> float:
        """Points that were run, a second."""
        return self.run / self.seconds if self.seconds else 0.0

    @property
    def seconds_left(self) -> float | None:
        """At this rate; None before there is one."""
        return self.left / self.rate if self.run else None


ProgressCallback = Callable[[Progress], object]
