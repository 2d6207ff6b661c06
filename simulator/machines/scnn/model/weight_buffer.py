"""The buffer in which weights from DRAM wait for their broadcast, in SimPy."""

from itertools import islice

import simpy

from simulator.hardware.clock import Process
from simulator.hardware.dram.model.interleaved import InterleavedChannels
from simulator.hardware.dram.spec import Dram
from simulator.machines.scnn.arch import Arch
from simulator.machines.scnn.layout.dram_map import weight_channels, weight_lines
from simulator.machines.scnn.layout.streams import Streams


class WeightBuffer:
    """Reads lines of weights in the order of the broadcast, all again for each band, while the buffer has room."""

    def __init__(self, env: simpy.Environment, arch: Arch, dram: Dram, streams: Streams):
        self.env = env
        self.channels = InterleavedChannels(env, dram, weight_channels(arch, streams))
        self.entry_bits, self.line_bits = arch.weight_entry_bits, 8 * dram.line_bytes
        self.lines, self.entries = weight_lines(arch, dram, streams), streams.weights.value.size
        self._remaining = iter([line for _ in streams.planes.tile for line in range(self.lines)])
        self._requested: list[simpy.Event] = []
        self._more, self._released, self._received = env.event(), 0, 0
        self._request(arch.weight_buffer_lines)

    def wait_for(self, band: int, entries: int) -> Process:
        """Wait until the first `entries` stored weights of a band, and all before them, are in the buffer."""
        end = band * self.lines + -(-entries * self.entry_bits // self.line_bits)
        for line in range(self._received, end):
            while line >= len(self._requested):
                yield self._more
            yield self._requested[line]
        self._received = max(self._received, end)

    def release(self, band: int, entries: int) -> None:
        """Release the lines of a band's first `entries` weights, broadcast in this cycle: they are free in the next."""
        used = self.lines if entries == self.entries else entries * self.entry_bits // self.line_bits
        count, self._released = band * self.lines + used - self._released, band * self.lines + used
        self.env.timeout(1).callbacks.append(lambda _: self._request(count))

    def _request(self, count: int) -> None:
        for line in islice(self._remaining, count):
            self._requested.append(self.channels.push(line))
        more, self._more = self._more, self.env.event()
        more.succeed()
