"""A stream through a FIFO behind a channel, in SimPy: what `flow` is for the engine."""

from collections import deque

import simpy

from simulator.hardware.clock import Process
from simulator.hardware.dram.model.channel import Channel


class Stream:
    """Consecutive lines of a channel, in order, through a FIFO of `depth` lines; the requests begin in this cycle."""

    def __init__(self, env: simpy.Environment, channel: Channel, first_line: int, lines: int, depth: int):
        self.env, self.channel = env, channel
        self._lines = deque(range(first_line, first_line + lines))
        self._asked: list[simpy.Event] = []
        self._more, self._given = env.event(), 0
        for _ in range(depth):
            self._ask()

    def there(self) -> simpy.Event:
        """An event in the first cycle in which the next line is in the FIFO and all before it were.

        To be waited for before the next is asked for.
        """
        self._given += 1
        return self.env.process(self._next(self._given - 1))

    def free(self) -> None:
        """A line leaves the FIFO in this cycle: its credit is used in the next."""
        self.env.timeout(1).callbacks.append(lambda _: self._ask())

    def _next(self, i: int) -> Process:
        while i >= len(self._asked):
            yield self._more
        yield self._asked[i]

    def _ask(self) -> None:
        if self._lines:
            self._asked.append(self.channel.push(self._lines.popleft()))
            more, self._more = self._more, self.env.event()
            more.succeed()
