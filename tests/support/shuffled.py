"""A clock that shakes the order of processes: results must not depend on it."""

import random
from heapq import heappush
from itertools import count

import simpy


class Shuffled(simpy.Environment):
    """Whatever happens in the same cycle happens in random order."""

    def __init__(self, seed):
        super().__init__()
        self._order, self._serial = random.Random(seed), count()

    def schedule(self, event, priority=1, delay=0):
        heappush(self._queue, (self._now + delay, priority, (self._order.random(), next(self._serial)), event))
