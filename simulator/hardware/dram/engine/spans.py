"""Spans of lines that channels move at once, in the cycles of the machine, for other engines."""

from collections.abc import Sequence

import numpy as np
from numba import njit

from simulator.hardware.dram.engine.scheduler import clock_of, cycle_of, drain, push
from simulator.hardware.dram.engine.state import fresh
from simulator.hardware.dram.spec import Dram, Span, spread


class Bulk:
    """Channels with lines interleaved, for one job after the other."""

    def __init__(self, dram: Dram, channels: int):
        self.dram, self.states = dram, [fresh(dram) for _ in range(channels)]

    def move(self, spans: Sequence[Span], cycle: int) -> int:
        """Lines that all arrive in `cycle`, in order; the first cycle in which all are there or written."""
        parts = zip(*(spread(span, len(self.states)) for span in spans), strict=True)
        arrival, done = clock_of(self.dram, cycle), 0
        for state, part in zip(self.states, parts, strict=False):
            done = max(done, _move(self.dram, state, np.array(part, np.int64), arrival))
        return max(cycle, int(cycle_of(self.dram, done)))


@njit(cache=True)
def _move(dram, state, spans, arrival):  # type: ignore[no-untyped-def]
    """Returns the clock in which the last data were done."""
    for i in range(spans.shape[0]):
        for line in range(spans[i, 0], spans[i, 0] + spans[i, 1]):
            push(dram, state, line, spans[i, 2], arrival)
    return drain(dram, state)
