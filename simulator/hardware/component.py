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

    def has(self, name: str) -> bool:
        """Whether there is a part of this name."""
        return name in self.names() or (self.knows is not None and self.knows(name))
