"""What the units of the model are made of: numbers that are seen a cycle later, the FiberCache, DRAM."""

from collections import Counter
from typing import NamedTuple

import simpy

from simulator.machines.gamma.arch import Arch


class Later:
    """A number; what is written in a cycle is read from the next one on, so that no order within a cycle matters."""

    def __init__(self, env: simpy.Environment, value: int = 0):
        self._env, self._value, self._before, self._at = env, value, value, -1

    def add(self, step: int) -> None:
        """Change it."""
        if self._at != self._env.now:
            self._before, self._at = self._value, int(self._env.now)
        self._value += step

    @property
    def seen(self) -> int:
        """Its value before this cycle."""
        return self._before if self._at == self._env.now else self._value


class Dram:
    """One channel that moves bits at its rate, first come, first served."""

    def __init__(self, env: simpy.Environment, arch: Arch, events: Counter[str]):
        self.env, self.arch, self.events = env, arch, events
        self.free = 0  # when it has moved everything, in bits of its rate from cycle 0 on

    def move(self, elements: int, event: str) -> int:
        """Move elements; the cycle in which they arrive."""
        self.events[event] += elements * self.arch.element_bytes
        bits = 8 * elements * self.arch.element_bytes
        self.free = max(self.free, int(self.env.now) * self.arch.dram_bits_per_kcycle) + 1000 * bits
        return self.idle_from + self.arch.dram_latency

    @property
    def idle_from(self) -> int:
        """The first cycle in which it has nothing to move, as far as is known."""
        return -(-self.free // self.arch.dram_bits_per_kcycle)


class Line(NamedTuple):
    """Of the FiberCache."""

    number: int
    priority: int  # reads to come
    age: int  # the number of its last access
    arrival: int
    dirty: int  # elements of a partial row that DRAM does not have


class FiberCache:
    """Banks of sets of lines. An access finds its bank free or waits."""

    def __init__(self, env: simpy.Environment, arch: Arch, dram: Dram, events: Counter[str]):
        self.env, self.arch, self.dram, self.events = env, arch, dram, events
        self.sets: dict[tuple[int, int], list[Line | None]] = {}
        self.taken: dict[int, int] = {}  # bank -> the last cycle with an access
        self.accesses = 0
        self.served = self.waits = False  # in this cycle

    def take(self, line: int) -> bool:
        """Whether the bank of a line is free in this cycle; then it is taken."""
        bank = line % self.arch.cache_banks
        if self.taken.get(bank) == self.env.now:
            self.events["bank_conflicts"] += 1
            self.waits = True
            return False
        self.taken[bank] = int(self.env.now)
        self.accesses += 1
        self.served = True
        return True

    def find(self, line: int) -> tuple[list[Line | None], Line | None]:
        """The set of a line, and the line, if it is there."""
        bank, place = line % self.arch.cache_banks, line // self.arch.cache_banks % self.arch.sets
        ways = self.sets.setdefault((bank, place), [None] * self.arch.cache_ways)
        return ways, next((one for one in ways if one is not None and one.number == line), None)

    def place(self, line: int, arrival: int, priority: int, dirty: int = 0) -> None:
        """Give a line a way: a free one, or that of fewest reads to come, and of least recent use among these."""
        ways, _ = self.find(line)
        if None in ways:
            chosen = ways.index(None)
        else:
            ranks = [(one.priority, one.age) for one in ways if one is not None]
            chosen = ranks.index(min(ranks))
            victim = ways[chosen]
            if victim is not None and victim.dirty:
                self.events["spills"] += 1
                self.dram.move(victim.dirty, "dram_partial_bytes")
        ways[chosen] = Line(line, priority, self.accesses, arrival, dirty)

    def fetch(self, line: int, elements: int, event: str) -> None:
        """A line will be read: it stays, or comes from DRAM. elements: of it; event: what its bytes are counted as."""
        self.events["cache_fetches"] += 1
        ways, found = self.find(line)
        if found is None:
            self.events["cache_misses"] += 1
            self.place(line, self.dram.move(elements, event), 1)
        else:
            ways[ways.index(found)] = found._replace(priority=found.priority + 1, age=self.accesses)

    def read(self, line: int, elements: int, event: str, consume: bool) -> int:
        """The cycle in which a line is at its PE. consume: it leaves the FiberCache, and is not written to DRAM."""
        self.events["cache_consumes" if consume else "cache_reads"] += 1
        ready = int(self.env.now) + self.arch.cache_latency
        ways, found = self.find(line)
        if found is None:
            self.events["cache_misses"] += 1
            arrival = self.dram.move(elements, event)
            if not consume:
                self.place(line, arrival, 0)
            return max(ready, arrival)
        changed = found._replace(priority=max(0, found.priority - 1), age=self.accesses)
        ways[ways.index(found)] = None if consume else changed
        return max(ready, found.arrival)

    def write(self, line: int, elements: int) -> None:
        """A line of a partial row, which will be read once."""
        self.events["cache_writes"] += 1
        self.place(line, int(self.env.now), 1, elements)
