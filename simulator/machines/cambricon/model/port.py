"""The memory port as a SimPy process: it grants chunks to those that ask, in turn, and asks DRAM for their lines."""

from collections import deque
from collections.abc import Iterator

import simpy

from simulator.hardware.clock import Process
from simulator.hardware.dram.model.interleaved import InterleavedChannels
from simulator.hardware.dram.spec import Span
from simulator.machines.cambricon.arch import Arch, PortLetter
from simulator.machines.cambricon.model.ledger import Ledger


class Transfer:
    """A transfer that was asked for in cycle `asked`: the port sees it from the next cycle on.

    order: among outputs of that cycle. span: its lines, where there is a memory.
    """

    def __init__(self, asked: float, order: int, chunks: int, span: Span | None, done: simpy.Event):
        self.asked, self.order, self.chunks, self.span, self.done = asked, order, chunks, span, done
        self.granted = 0
        self.lines: list[simpy.Event] = []

    def due(self, chunk_bytes: int, line_bytes: int) -> Iterator[int]:
        """The lines that have been granted as a whole and are not asked for yet."""
        assert self.span is not None
        end = self.span.lines if self.granted == self.chunks else self.granted * chunk_bytes // line_bytes
        yield from range(self.span.first_line + len(self.lines), self.span.first_line + end)


class Port:
    """Serves the SB of each selector, then NBin, then NBout; each has its transfers in a queue, and gets them in order.

    Without a memory, a chunk has been moved in the cycle of its grant. With one, a line is asked for when its last
    chunk is granted, and a transfer ends when all its lines have been read or written.
    """

    def __init__(self, env: simpy.Environment, arch: Arch, ledger: Ledger):
        self.env, self.arch, self.ledger = env, arch, ledger
        self.queues: list[deque[Transfer]] = [deque() for _ in range(arch.selectors + 2)]
        self.next = 0  # whose turn it is
        self._asked = env.event()
        self._latest: list[simpy.Event | None] = [None] * len(self.queues)
        self.memory = None if arch.dram is None else InterleavedChannels(env, arch.dram, arch.dram_channels)

    def ask(self, who: int, order: int, chunks: int, span: Span | None, done: simpy.Event) -> None:
        """Transfer chunks for a buffer; `done` occurs at the edge after the last one. See `Transfer`."""
        self.queues[who].append(Transfer(self.env.now, order, chunks, span, done))
        if not self._asked.triggered:
            self._asked.succeed()

    def serve(self) -> Process:
        """Grant up to `chunks_per_cycle` chunks in a cycle."""
        fill, unit = self.ledger.timeline.fill, self.arch.selectors
        while True:
            yield self._asked
            granted = self._turn()
            fill(unit, PortLetter.IDLE, self.env.now)
            if granted:  # no run ends before what was granted is there
                fill(unit, PortLetter.TRANSFER, self.env.now + 1)
                self.ledger.port["port_chunks"] += granted
            yield self.env.timeout(1)
            if not any(self.queues):
                self._asked = self.env.event()

    def _turn(self) -> int:
        """How many chunks are granted in this cycle: NBin comes first, then the others in turn."""
        left, passed, inputs = self.arch.chunks_per_cycle, 0, self.arch.selectors
        self.queues[-1] = deque(sorted(self.queues[-1], key=lambda one: (one.asked, one.order)))
        while left and self._grant(inputs):
            left -= 1
        while left and passed < len(self.queues):
            granted = self._grant(self.next)
            self.next = (self.next + 1) % len(self.queues)
            passed, left = (0, left - 1) if granted else (passed + 1, left)
        return self.arch.chunks_per_cycle - left

    def _grant(self, who: int) -> bool:
        """Grant a chunk to a buffer that asked before this cycle; whether it did."""
        queue = self.queues[who]
        if not queue or queue[0].asked == self.env.now:
            return False
        transfer = queue[0]
        transfer.granted += 1
        if self.memory is not None and self.arch.dram is not None and transfer.span is not None:
            for line in transfer.due(self.arch.chunk_bytes, self.arch.dram.line_bytes):
                transfer.lines.append(self.memory.push(line, transfer.span.write))
        if transfer.granted == transfer.chunks:
            self.env.process(self._end(queue.popleft(), self._latest[who]))
            self._latest[who] = transfer.done
        return True

    def _end(self, transfer: Transfer, before: simpy.Event | None) -> Process:
        """The end of a transfer: all its lines are there, and the one before it of the same buffer has ended."""
        yield self.env.all_of([self.env.timeout(1), *transfer.lines])
        if before is not None:
            yield before
        transfer.done.succeed()
