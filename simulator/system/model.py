"""The system to be read: one SimPy process a unit of a chip, one a channel. Its unit of time is a picosecond.

Messages pass a channel in the order in which their first bytes reached it, and at the same time in the order of their
units, then of their sends; the order in which SimPy runs the processes of an instant does not matter. A switch and the
chips of a ring pass a message on as soon as its first byte is there, and can hold any number of waiting messages.
"""

from collections.abc import Generator
from heapq import heappop, heappush
from typing import Any, NamedTuple

import numpy as np
import simpy
from simpy.events import EventPriority

from simulator.system.deadlock import SystemDeadlockError, describe_deadlock
from simulator.system.network import Network, check_network
from simulator.system.schedule import Compute, Receive, Reduce, Schedule, Send, check_schedule, step_ps
from simulator.system.system_run import (
    COMPUTE,
    IDLE,
    MOST_WAIT_PS,
    RECEIVE_WAIT,
    SEND,
    SystemRun,
    check_waits,
    merge_intervals,
    spent_by_reason,
)

Process = Generator[simpy.Event, Any, Any]
"""What a chip, a channel or a message does: a generator that SimPy runs as a process."""
LAST = EventPriority(2)
"""SimPy's priority of what happens after all else of an instant."""


class EndOfInstant(simpy.Event):
    """Occurs now, after everything else that happens now."""

    def __init__(self, env: simpy.Environment):
        super().__init__(env)
        self._ok, self._value = True, None
        env.schedule(self, priority=LAST)


class Message(NamedTuple):
    """Bytes on their way."""

    source: int
    number: int  # of the unit's sends
    target: int
    size: int  # bytes
    ps: int  # how long they occupy a channel


class Channel:
    """One direction of a link, or both where they share it: one message at a time."""

    def __init__(self, env: simpy.Environment, latency_ps: int):
        self.env, self.latency_ps = env, latency_ps
        self.queue: list[tuple[int, Message, simpy.Event]] = []  # a heap: when, what, and how to answer
        self.bytes = self.busy_ps = self.wait_ps = 0
        self._arrived = env.event()

    def request(self, message: Message) -> simpy.Event:
        """An event that occurs when the first byte of a message begins to pass."""
        begun = self.env.event()
        heappush(self.queue, (int(self.env.now), message, begun))
        if not self._arrived.triggered:
            self._arrived.succeed()
        return begun

    def run(self) -> Process:
        """Pass one message after another."""
        while True:
            if not self.queue:
                self._arrived = self.env.event()
                yield self._arrived
            yield EndOfInstant(self.env)
            since, message, begun = heappop(self.queue)
            begun.succeed()
            self.wait_ps += int(self.env.now) - since
            self.bytes += message.size
            self.busy_ps += message.ps
            yield self.env.timeout(message.ps)


class Unit:
    """A chip, or one of its units: runs its program, and records why its time passes."""

    def __init__(self, system: "System", number: int):
        self.system, self.env, self.number = system, system.env, number
        self.inboxes: dict[int, simpy.Store] = {}
        self.place = self.sends = self.leaving = self.received_bytes = 0
        self.computes = self.ended = False
        self.all_left: simpy.Event | None = None
        self.intervals: list[tuple[int, int, int, int]] = []
        self._since = 0

    def run(self) -> Process:
        """Do the steps of the program one after another, then wait until all that was sent has left."""
        schedule, network = self.system.schedule, self.system.network
        for step in schedule.programs[self.number]:
            match step:
                case Compute() | Reduce():
                    self.record()
                    self.computes = True
                    yield self.env.timeout(step_ps(step, network))
                    self.record()
                    self.computes = False
                case Send():
                    self.send(Message(self.number, self.sends, step.target, step.size, step_ps(step, network)))
                case Receive():
                    message = yield self.inbox(step.source).get()
                    self.received_bytes += message.size
            self.place += 1
        if self.leaving:
            self.all_left = self.env.event()
            yield self.all_left
        self.record()
        self.ended = True

    def send(self, message: Message) -> None:
        """Give a message to the network, or a signal to another unit of this chip."""
        self.record()
        way = self.system.schedule.way(self.system.network, message.source, message.target)
        if way:
            self.leaving += 1
            self.sends += 1
            self.env.process(self.system.carry(message, way))
        else:
            self.system.units[message.target].inbox(self.number).put(message)

    def inbox(self, source: int) -> simpy.Store:
        """Messages of a unit that have arrived, the oldest first."""
        return self.inboxes.setdefault(source, simpy.Store(self.env))

    def left(self) -> None:
        """The last byte of a message of this unit has left it."""
        self.record()
        self.leaving -= 1
        if not self.leaving and self.all_left:
            self.all_left.succeed()

    def record(self) -> None:
        """Close the interval that ends now; its reason is the state until now."""
        blocked = SEND if self.leaving else IDLE if self.ended else RECEIVE_WAIT
        self.intervals.append((self.number, self._since, int(self.env.now), COMPUTE if self.computes else blocked))
        self._since = int(self.env.now)


class System:
    """Chips and channels."""

    def __init__(self, schedule: Schedule, network: Network):
        self.schedule, self.network = schedule, network
        self.env = simpy.Environment()
        self.units = [Unit(self, number) for number in range(len(schedule.programs))]
        self.channels = [Channel(self.env, network.link.latency_ps) for _ in network.channels]

    def carry(self, message: Message, way: tuple[int, ...]) -> Process:
        """Bring a message over the channels of its way into the inbox of its target."""
        first, *others = (self.channels[one] for one in way)
        yield first.request(message)
        self.env.process(self._leave(message))
        yield self.env.timeout(first.latency_ps)
        for channel in others:
            yield channel.request(message)
            yield self.env.timeout(channel.latency_ps)
        yield self.env.timeout(message.ps)
        yield self.units[message.target].inbox(message.source).put(message)

    def _leave(self, message: Message) -> Process:
        yield self.env.timeout(message.ps)
        self.units[message.source].left()

    def run(self) -> None:
        """Run all programs to their ends. SystemDeadlockError where none can go on."""
        for channel in self.channels:
            self.env.process(channel.run())
        runs = [self.env.process(unit.run()) for unit in self.units]
        try:
            self.env.run(until=self.env.all_of(runs))
        except RuntimeError:
            if any(run.triggered and not run.ok for run in runs):
                raise
            waiting = {
                (source, unit.number): len(inbox.items) for unit in self.units for source, inbox in unit.inboxes.items()
            }
            places = [unit.place for unit in self.units]
            raise SystemDeadlockError(describe_deadlock(self.schedule, places, waiting)) from None


def run_model(schedule: Schedule, network: Network) -> SystemRun:
    """Run a schedule on a network.

    InputError where they do not fit (see `check_network`, `check_schedule`) or messages wait too long in all (see
    `check_waits`), SystemDeadlockError where no chip can ever go on.
    """
    check_network("system", network)
    check_schedule(schedule, network)
    system = System(schedule, network)
    system.run()
    for unit in system.units:
        unit.record()
    rows = [interval for unit in system.units for interval in unit.intervals]
    intervals = np.array(rows, np.int64).reshape(-1, 4)
    waits = np.array([min(channel.wait_ps, MOST_WAIT_PS) for channel in system.channels], np.int64)
    check_waits(waits)
    return SystemRun(
        time_ps=int(system.env.now),
        spent_ps=spent_by_reason(intervals, len(system.units)),
        received_bytes=np.array([unit.received_bytes for unit in system.units], np.int64),
        channel_bytes=np.array([channel.bytes for channel in system.channels], np.int64),
        channel_busy_ps=np.array([channel.busy_ps for channel in system.channels], np.int64),
        channel_wait_ps=waits,
        intervals=merge_intervals(intervals),
    )
