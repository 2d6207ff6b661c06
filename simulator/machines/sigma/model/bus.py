"""What the port of the SRAM says to all Flex-DPEs, in the order in which it happens."""

from typing import NamedTuple

import simpy


class Load(NamedTuple):
    """The port begins to load a fold."""


class Hold(NamedTuple):
    """A fold is loaded."""

    fold: int


class Column(NamedTuple):
    """The last bits of a column arrive; places: those of the slab where it has a value."""

    number: int
    places: frozenset[int]


class Empty(NamedTuple):
    """A column without a value takes some cycles."""

    cycles: int


class End(NamedTuple):
    """All columns of a fold are sent."""


class Stop(NamedTuple):
    """No fold is left."""


class Bus:
    """What the port says to all Flex-DPEs: a chain of events, so that no unit misses one."""

    def __init__(self, env: simpy.Environment):
        self.env, self.first = env, env.event()
        self.following = self.first

    def say(self, what: NamedTuple) -> None:
        """All units see it in this cycle."""
        event, self.following = self.following, self.env.event()
        event.succeed((what, self.following))
