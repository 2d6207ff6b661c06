"""Parts of an architecture that a configuration names: a memory, or whatever else a machine declares."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

NONE = "none"
"""The name that leaves a part out."""


class Component(NamedTuple):
    """Declares a part of an architecture, in the annotation of its field: `dram: Annotated[Dram | None, MEMORY]`.

    The configuration file gives the part's name with its source, in the section `section`. `load` makes the part of a
    name and the length of the machine's cycle in ps; it raises InputError where the part does not fit that cycle.
    """

    section: str
    names: Callable[[], Iterable[str]]
    load: Callable[[str, int], object]
    optional: bool = True  # whether the name `none` leaves it out
    knows: Callable[[str], bool] | None = None  # names that `names` does not list, as those with a number
    rank: Callable[[str], float | None] | None = None  # of a name: a better part has a greater one; None: no order

    def has(self, name: str) -> bool:
        """Whether there is a part of this name."""
        return name in self.names() or (self.knows is not None and self.knows(name))

    def next_better(self, name: str) -> str | None:
        """The listed part with the next greater rank, the first by name of equals; None where there is none."""
        own = None if self.rank is None else self.rank(name)
        if self.rank is None or own is None:
            return None
        ranks = ((self.rank(other), other) for other in self.names())
        better = [(rank, other) for rank, other in ranks if rank is not None and rank > own]
        return min(better)[1] if better else None
