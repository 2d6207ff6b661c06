"""A DRAM channel in SimPy, in a machine's cycles.

What happens in memory clocks stands in `controller`. A push in cycle t arrives at the first memory clock that begins no
earlier than t, and a controller sees it one clock later; so commands up to that clock do not depend on what the
machine does in cycle t, and the order in which SimPy runs the processes of a cycle cannot matter.
"""

from collections import deque
from itertools import pairwise

import numpy as np
import simpy

from simulator.hardware.clock import Story
from simulator.hardware.dram.model.controller import Command, Controller, Request
from simulator.hardware.dram.spec import Dram, DramCounts, to_clock, to_cycle


class Channel:
    """One channel. Requests that find the queue full wait in front of it, in order; or their producer asks `room`."""

    def __init__(self, env: simpy.Environment, dram: Dram):
        self.env, self.dram = env, dram
        self.controller = Controller(dram)
        self.served: list[Request] = []
        self._waiting: dict[int, simpy.Event] = {}
        self._asking: deque[simpy.Event] = deque()
        self._pushed, self._pushes = env.event(), 0
        env.process(self._run())

    def push(self, line: int, write: bool = False) -> simpy.Event:
        """Request a line of this channel. The event comes in the first cycle in which its data are there (or written).

        Its value is the memory clock in which they were.
        """
        event = self.env.event()
        self._waiting[self._pushes] = event
        self.controller.push(self._pushes, line, write, to_clock(self.dram, int(self.env.now)))
        self._pushes += 1
        self._wake()
        return event

    def room(self) -> simpy.Event:
        """An event in the first cycle in which what is pushed does not wait in front of the queue. For one producer."""
        event = self.env.event()
        self._asking.append(event)
        self._wake()
        return event

    def counts(self, cycle: int) -> DramCounts:
        """What happened until a cycle in which all is served; refreshes up to then included."""
        until = to_clock(self.dram, cycle)
        self.controller.advance(until)
        return count(self.dram, self.controller.log, self.served, until)

    def _wake(self) -> None:
        if not self._pushed.triggered:
            self._pushed.succeed()

    def _run(self) -> Story:
        """Issue commands in the cycles in which their clocks have come; what an idle time needed is issued after it."""
        controller = self.controller
        while True:
            self._pushed = self.env.event()
            if controller.queue or controller.front:
                clock = min(controller.next_entry(), controller.next_command()[0].clock)
                cycle = (clock - 1) * self.dram.tck_ps // self.dram.core_ps + 1  # the first whose clock is no earlier
                yield self.env.timeout(max(0, cycle - int(self.env.now))) | self._pushed
            else:
                yield self._pushed
            controller.advance(to_clock(self.dram, int(self.env.now)))
            self._announce()

    def _announce(self) -> None:
        """Give each served request's event its time, and tell who asked for room when there is."""
        now, controller = int(self.env.now), self.controller
        for request, done in controller.done:
            self.served.append(request)
            self._at(to_cycle(self.dram, done) - now, self._waiting.pop(request.ticket), done)
        controller.done.clear()
        while self._asking and controller.freed and not controller.front:
            cycle = max(now, to_cycle(self.dram, max(0, controller.freed[0] + 1)))
            self._at(cycle - now, self._asking.popleft(), cycle)

    def _at(self, delay: int, event: simpy.Event, value: int) -> None:
        self.env.timeout(delay).callbacks.append(lambda _: _succeed(event, value))


def _succeed(event: simpy.Event, value: int) -> None:
    event.succeed(value)


def count(dram: Dram, log: list[Command], served: list[Request], until: int) -> DramCounts:
    """The counts of a channel from its commands."""
    kinds = [command.kind for command in log]
    moves = [command for command in log if command.kind in ("RD", "WR")]
    pairs = list(pairwise(moves))
    closed, active = _open_rows(dram, log, until)
    counts = {
        "reads": kinds.count("RD"),
        "writes": kinds.count("WR"),
        "activates": kinds.count("ACT"),
        "precharges": closed,
        "refreshes": kinds.count("REF"),
        "row_hits": sum(not request.missed for request in served),
        "turnarounds": sum(one.kind != other.kind for one, other in pairs),
        "rank_switches": sum(one.where[0] != other.where[0] for one, other in pairs),
        "active_clocks": active,
    }
    return DramCounts(**{name: np.array([number], np.int64) for name, number in counts.items()})


def _open_rows(dram: Dram, log: list[Command], until: int) -> tuple[int, int]:
    """How many rows were closed, and in how many clocks ranks had one open."""
    closed = active = 0
    for rank in range(dram.ranks):
        banks: set[tuple[int, ...]] = set()
        since = 0
        for command in log:
            if command.where[0] != rank or command.kind not in ("ACT", "PRE", "PREA"):
                continue
            if not banks:
                since = command.clock
            gone = banks if command.kind == "PREA" else {command.where} & banks
            closed += len(gone)
            banks = banks | {command.where} if command.kind == "ACT" else banks - gone
            if not banks:
                active += command.clock - since
        if banks:
            active += max(0, until - since)
    return closed, active
