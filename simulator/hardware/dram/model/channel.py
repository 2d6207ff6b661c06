"""A DRAM channel as a SimPy process, in cycles of the machine.

`controller` simulates it in memory clocks. A request pushed in cycle t arrives at the first memory clock that begins no
earlier than t, and the controller sees it one clock later. Commands up to that clock do not depend on what the machine
does in cycle t, so the order in which SimPy runs the processes of a cycle cannot matter.
"""

from collections import deque
from itertools import pairwise

import numpy as np
import simpy

from simulator.hardware.clock import Process
from simulator.hardware.dram.model.controller import Command, Controller, Request
from simulator.hardware.dram.spec import Dram, DramCounts, to_clock, to_cycle


class Channel:
    """One channel.

    Requests that find the queue full wait in order; or their producer waits for `room` before `push`.
    """

    def __init__(self, env: simpy.Environment, dram: Dram):
        self.env, self.dram = env, dram
        self.controller = Controller(dram)
        self.served: list[Request] = []
        self._waiting: dict[int, simpy.Event] = {}
        self._room_events: deque[simpy.Event] = deque()
        self._pushed, self._pushes = env.event(), 0
        env.process(self._run())

    def push(self, line: int, write: bool = False) -> simpy.Event:
        """Request a line of this channel. The event occurs in the first cycle in which it has been read or written.

        Its value is the memory clock in which that was so.
        """
        event = self.env.event()
        self._waiting[self._pushes] = event
        self.controller.push(self._pushes, line, write, to_clock(self.dram, int(self.env.now)))
        self._pushes += 1
        self._wake()
        return event

    def room(self) -> simpy.Event:
        """An event in the first cycle in which a pushed request enters the queue at once. For one producer only."""
        event = self.env.event()
        self._room_events.append(event)
        self._wake()
        return event

    def counts(self, cycle: int) -> DramCounts:
        """The counts up to a cycle in which all requests are served, refreshes up to then included; int64 [1] each."""
        until = to_clock(self.dram, cycle)
        self.controller.advance(until)
        return count_events(self.dram, self.controller.log, self.served, until)

    def _wake(self) -> None:
        if not self._pushed.triggered:
            self._pushed.succeed()

    def _run(self) -> Process:
        """Issue each command in the cycle of its clock; commands due in an idle time are issued at its end."""
        controller = self.controller
        while True:
            self._pushed = self.env.event()
            if controller.queue or controller.waiting:
                clock = min(controller.next_entry(), controller.next_command()[0].clock)
                cycle = (clock - 1) * self.dram.tck_ps // self.dram.core_ps + 1  # the first whose clock is no earlier
                yield self.env.timeout(max(0, cycle - int(self.env.now))) | self._pushed
            else:
                yield self._pushed
            controller.advance(to_clock(self.dram, int(self.env.now)))
            self._complete()

    def _complete(self) -> None:
        """Schedule the event of each served request, and the events of producers that wait for room."""
        now, controller = int(self.env.now), self.controller
        for request, done in controller.done:
            self.served.append(request)
            self._succeed_after(to_cycle(self.dram, done) - now, self._waiting.pop(request.ticket), done)
        controller.done.clear()
        while self._room_events and controller.freed and not controller.waiting:
            cycle = max(now, to_cycle(self.dram, max(0, controller.freed[0] + 1)))
            self._succeed_after(cycle - now, self._room_events.popleft(), cycle)

    def _succeed_after(self, delay: int, event: simpy.Event, value: int) -> None:
        self.env.timeout(delay).callbacks.append(lambda _: _succeed(event, value))


def _succeed(event: simpy.Event, value: int) -> None:
    event.succeed(value)


def count_events(dram: Dram, log: list[Command], served: list[Request], until: int) -> DramCounts:
    """The counts of a channel from its commands up to the memory clock `until`; int64 [1] each."""
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
    """The number of rows that were closed, and the clocks in which ranks had a row open."""
    closed = active = 0
    for rank in range(dram.ranks):
        banks: set[tuple[int, ...]] = set()
        since = 0
        for command in log:
            if command.where[0] != rank or command.kind not in ("ACT", "PRE", "PREA"):
                continue
            if not banks:
                since = command.clock
            closing = banks if command.kind == "PREA" else {command.where} & banks
            closed += len(closing)
            banks = banks | {command.where} if command.kind == "ACT" else banks - closing
            if not banks:
                active += command.clock - since
        if banks:
            active += max(0, until - since)
    return closed, active
