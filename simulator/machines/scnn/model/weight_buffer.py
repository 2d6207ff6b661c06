"""The buffer in which weights wait for their broadcast, in SimPy."""

from itertools import islice

import simpy

from simulator.hardware.clock import Story
from simulator.hardware.dram.model.interleaved import Interleaved
from simulator.hardware.dram.spec import Dram
from simulator.machines.scnn.arch import Arch
from simulator.machines.scnn.layout.dram_map import weight_channels, weight_lines
from simulator.machines.scnn.layout.streams import Streams


class Prefetch:
    """Lines of weights in the order of the broadcast, all of them again for each band, read as the buffer has room."""

    def __init__(self, env: simpy.Environment, arch: Arch, dram: Dram, streams: Streams):
        self.env = env
        self.channels = Interleaved(env, dram, weight_channels(arch, streams))
        self.entry_bits, self.line_bits = arch.weight_entry_bits, 8 * dram.line_bytes
        self.lines, self.entries = weight_lines(arch, dram, streams), streams.weights.value.size
        self._left = iter([line for _ in streams.planes.tile for line in range(self.lines)])
        self._asked: list[simpy.Event] = []
        self._more, self._freed, self._seen = env.event(), 0, 0
        self._ask(arch.weight_buffer_lines)

    def there(self, band: int, entries: int) -> Story:
        """Wait until the first `entries` stored weights of a band, and all before them, are in the buffer."""
        end = band * self.lines + -(-entries * self.entry_bits // self.line_bits)
        for line in range(self._seen, end):
            while line >= len(self._asked):
                yield self._more
            yield self._asked[line]
        self._seen = max(self._seen, end)

    def free(self, band: int, entries: int) -> None:
        """So many stored weights of a band are broadcast in this cycle: lines without others are free in the next."""
        used = self.lines if entries == self.entries else entries * self.entry_bits // self.line_bits
        count, self._freed = band * self.lines + used - self._freed, band * self.lines + used
        self.env.timeout(1).callbacks.append(lambda _: self._ask(count))

    def _ask(self, count: int) -> None:
        for line in islice(self._left, count):
            self._asked.append(self.channels.push(line))
        more, self._more = self._more, self.env.event()
        more.succeed()
