"""The memory port as a SimPy process: it grants chunks to those that ask, in turn."""

from collections import deque

import simpy

from simulator.hardware.clock import Process
from simulator.machines.cambricon.arch import Arch, PortLetter
from simulator.machines.cambricon.model.ledger import Ledger


class Transfer:
    """A transfer that was asked for in cycle `asked`: the port sees it from the next cycle on."""

    def __init__(self, asked: float, chunks: int, done: simpy.Event):
        self.asked, self.chunks, self.done = asked, chunks, done


class Port:
    """Serves the SB of each selector, then NBin, then NBout; each has its transfers in a queue."""

    def __init__(self, env: simpy.Environment, arch: Arch, ledger: Ledger):
        self.env, self.arch, self.ledger = env, arch, ledger
        self.queues: list[deque[Transfer]] = [deque() for _ in range(arch.selectors + 2)]
        self.next = 0  # whose turn it is
        self._asked = env.event()

    def ask(self, who: int, chunks: int, done: simpy.Event) -> None:
        """Transfer chunks for a buffer; `done` occurs at the edge after the last one."""
        self.queues[who].append(Transfer(self.env.now, chunks, done))
        if not self._asked.triggered:
            self._asked.succeed()

    def serve(self) -> Process:
        """Grant up to `chunks_per_cycle` chunks in a cycle."""
        fill, unit = self.ledger.timeline.fill, self.arch.selectors
        while True:
            yield self._asked
            granted, ended = self._turn()
            fill(unit, PortLetter.IDLE, self.env.now)
            yield self.env.timeout(1)
            fill(unit, PortLetter.TRANSFER if granted else PortLetter.IDLE, self.env.now)
            self.ledger.port["port_chunks"] += granted
            for event in ended:
                event.succeed()
            if not any(self.queues):
                self._asked = self.env.event()

    def _turn(self) -> tuple[int, list[simpy.Event]]:
        """What is granted in this cycle, and what ends with it: NBin comes first, then the others in turn."""
        left, passed, inputs = self.arch.chunks_per_cycle, 0, self.arch.selectors
        ended: list[simpy.Event] = []
        while left and self._grant(inputs, ended):
            left -= 1
        while left and passed < len(self.queues):
            granted = self._grant(self.next, ended)
            self.next = (self.next + 1) % len(self.queues)
            passed, left = (0, left - 1) if granted else (passed + 1, left)
        return self.arch.chunks_per_cycle - left, ended

    def _grant(self, who: int, ended: list[simpy.Event]) -> bool:
        """Grant a chunk to a buffer that asked before this cycle; whether it did."""
        queue = self.queues[who]
        if not queue or queue[0].asked == self.env.now:
            return False
        queue[0].chunks -= 1
        if not queue[0].chunks:
            ended.append(queue.popleft().done)
        return True
