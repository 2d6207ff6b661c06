"""Several channels with interleaved lines, in SimPy."""

from collections.abc import Sequence

import simpy

from simulator.hardware.dram.model.channel import Channel
from simulator.hardware.dram.spec import Dram, Span


class InterleavedChannels:
    """Channels of one memory: line i is in channel i mod channels."""

    def __init__(self, env: simpy.Environment, dram: Dram, channels: int):
        self.env, self.channels = env, [Channel(env, dram) for _ in range(channels)]

    def push(self, line: int, write: bool = False) -> simpy.Event:
        """Request a line; see `Channel.push`."""
        channel_line, channel = divmod(line, len(self.channels))
        return self.channels[channel].push(channel_line, write)

    def move(self, spans: Sequence[Span]) -> simpy.Event:
        """Request spans of lines in this cycle. The event occurs when all lines have been read or written."""
        return self.env.all_of(
            [
                self.push(line, span.write)
                for span in spans
                for line in range(span.first_line, span.first_line + span.lines)
            ]
        )
