"""Hardware building blocks for SimPy models: queues, registers and barriers that all follow one clock-edge rule.

An item pushed in cycle t can be popped from t + 1 on, and a slot freed in t can be filled from t + 1 on.

Therefore no unit sees what another unit does in the same cycle, units wait and never poll, and the order in which
SimPy runs the processes of a cycle cannot matter. One time unit of the environment is one cycle.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable
from typing import Any

import simpy

Process = Generator[simpy.Event, Any, Any]
"""What a hardware unit does from its first cycle to its last: a generator that SimPy runs as a process."""


class DeadlockError(RuntimeError):
    """No process can ever continue; the message shows the state of every queue."""


class Fifo:
    """A queue of `capacity` slots (at least 1) between one producer and one consumer.

    `push` raises RuntimeError where no slot is free.
    """

    def __init__(self, env: simpy.Environment, name: str, capacity: int):
        self.env, self.name, self.capacity = env, name, capacity
        self.free = capacity
        self.items: deque[Any] = deque()
        self._pushed: deque[Any] = deque()  # in this cycle
        self.pushes = self.pops = 0
        self._producer: simpy.Event | None = None
        self._consumer: simpy.Event | None = None

    def __str__(self) -> str:
        waiting = [who for who, event in (("producer", self._producer), ("consumer", self._consumer)) if event]
        held = self.pushes - self.pops
        return f"{self.name}: {held} of {self.capacity} slots in use, waiting: {' and '.join(waiting) or 'nobody'}"

    def room(self) -> simpy.Event:
        """An event that occurs in the first cycle in which a slot is free; now, if one is free already."""
        event = self.env.event()
        if self.free:
            return event.succeed()
        self._producer = event
        return event

    def push(self, item: Any) -> None:
        """Put `item` into a free slot in this cycle. RuntimeError where the queue is full: a defect of the producer."""
        if not self.free:
            raise RuntimeError(f"{self.name}: pushed while full in cycle {self.env.now}")
        self.free -= 1
        self.pushes += 1
        self._pushed.append(item)
        self._at_next_edge(self._arrive)

    def pop(self) -> simpy.Event:
        """An event with the oldest item as its value, in the first cycle that has one.

        its slot is free a cycle later.
        """
        event = self.env.event()
        if self.items:
            return self._take(event)
        self._consumer = event
        return event

    def last_use(self) -> None:
        """Signal that this cycle is the consumer's last with the popped item.

        No effect: a queue's slot is free already.
        """

    def _take(self, event: simpy.Event) -> simpy.Event:
        self.pops += 1
        self._at_next_edge(self._release)
        return event.succeed(self.items.popleft())

    def _arrive(self) -> None:
        self.items.append(self._pushed.popleft())
        if self._consumer:
            event, self._consumer = self._consumer, None
            self._take(event)

    def _release(self) -> None:
        self.free += 1
        if self._producer:
            event, self._producer = self._producer, None
            event.succeed()

    def _at_next_edge(self, act: Callable[[], None]) -> None:
        self.env.timeout(1).callbacks.append(lambda _: act())


class Register(Fifo):
    """A pipeline register: its only slot holds the value that the consumer works on.

    It can be overwritten in the cycle in which its consumer uses the old value for the last time; the new value is
    visible from the next cycle on. The producer waits for that cycle and sees nothing else of the consumer, so the
    order of processes cannot matter here either.
    """

    def __init__(self, env: simpy.Environment, name: str):
        super().__init__(env, name, capacity=1)

    def last_use(self) -> None:
        """Signal that this cycle is the consumer's last with the value, which may be overwritten in this cycle."""
        self._release()

    def _take(self, event: simpy.Event) -> simpy.Event:
        self.pops += 1
        return event.succeed(self.items.popleft())


class Window(Fifo):
    """A queue whose consumer reads any of its items any number of times, and drops the oldest when it is done."""

    def look(self, number: int) -> simpy.Event:
        """An event with item `number` (of all ever pushed) as its value, in the first cycle in which it is visible."""
        event = self.env.event()
        if number < self.pops + len(self.items):
            return event.succeed(self.items[number - self.pops])
        self._consumer, self._wanted = event, number
        return event

    def drop(self) -> None:
        """Remove the oldest item; its slot is free one cycle later."""
        self.items.popleft()
        self.pops += 1
        self._at_next_edge(self._release)

    def _arrive(self) -> None:
        self.items.append(self._pushed.popleft())
        if self._consumer and self._wanted < self.pops + len(self.items):
            event, self._consumer = self._consumer, None
            event.succeed(self.items[self._wanted - self.pops])


class Barrier:
    """A reusable barrier at which `units` processes wait for each other."""

    def __init__(self, env: simpy.Environment, units: int):
        self.env, self.units = env, units
        self.arrived = 0
        self._opened = env.event()

    def arrive(self) -> simpy.Event:
        """An event that occurs in the cycle in which the last unit arrives."""
        event = self._opened
        self.arrived += 1
        if self.arrived == self.units:
            self.arrived, self._opened = 0, self.env.event()
            event.succeed()
        return event


def broadcast(item: Any, fifos: Iterable[Fifo]) -> Process:
    """Wait until every queue has room, then push `item` into all of them in one cycle."""
    fifos = list(fifos)
    for fifo in fifos:
        if not fifo.free:
            yield fifo.room()
    for fifo in fifos:
        fifo.push(item)


def run_to_end(env: simpy.Environment, processes: Iterable[Process], fifos: Iterable[Fifo]) -> None:
    """Run all processes to their ends. DeadlockError where none can continue; it shows the queues `fifos`."""
    units = [env.process(process) for process in processes]
    try:
        env.run(until=env.all_of(units))
    except RuntimeError as error:
        if any(unit.triggered and not unit.ok for unit in units):
            raise
        queues = "; ".join(str(fifo) for fifo in fifos)
        raise DeadlockError(f"nothing can move after cycle {env.now}. {queues}") from error
