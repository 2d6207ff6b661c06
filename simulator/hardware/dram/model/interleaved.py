"""Channels with lines interleaved, in SimPy."""

from collections.abc import Sequence

import simpy

from simulator.hardware.dram.model.channel import Channel
from simulator.hardware.dram.spec import Dram, Span


class Interleaved:
    """Line i lies in channel i mod channels."""

    def __init__(self, env: simpy.Environment, dram: Dram, channels: int):
        self.env, self.channels = env, [Channel(env, dram) for _ in range(channels)]

    def push(self, line: int, write: bool = False) -> simpy.Event:
        """Request a line; see `Channel.push`."""
        own, which = divmod(line, len(self.channels))
        return self.channels[which].push(own, write)

    def move(self, spans: Sequence[Span]) -> simpy.Event:
        """Request spans of lines in this cycle. The event comes when all are there or written."""
        return self.env.all_of(
            [
                self.push(line, span.write)
                for span in spans
                for line in range(span.first_line, span.first_line + span.lines)
            ]
        )
