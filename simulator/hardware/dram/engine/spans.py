"""Transfers of spans of lines over interleaved channels, in cycles of the machine, for other engines."""

from collections.abc import Sequence

import numpy as np
from numba import njit

from simulator.hardware.dram.engine.bulk import enter_lines
from simulator.hardware.dram.engine.scheduler import clock_of, cycle_of, drain
from simulator.hardware.dram.engine.state import initial_state
from simulator.hardware.dram.spec import Dram, Span, split_span


class SpanTransfers:
    """Interleaved channels that move one set of spans after the other."""

    def __init__(self, dram: Dram, channels: int):
        self.dram, self.states = dram, [initial_state(dram) for _ in range(channels)]

    def move(self, spans: Sequence[Span], cycle: int) -> int:
        """Move lines whose requests all arrive in `cycle`; return the first cycle in which all are read or written.

        ValueError where a line is beyond its channel.
        """
        parts = zip(*(split_span(span, len(self.states)) for span in spans), strict=True)
        arrival, done = clock_of(self.dram, cycle), 0
        for state, part in zip(self.states, parts, strict=False):
            done = max(done, _move(self.dram, state, np.array(part, np.int64), arrival))
        return max(cycle, int(cycle_of(self.dram, done)))


@njit(cache=True)
def _move(dram, state, spans, arrival):  # type: ignore[no-untyped-def]
    """Move spans of lines on one channel; return the clock in which the last burst ends.

    spans int64 [spans, 3]: first line, lines, write; arrival: memory clock; state: int64 [rows, COLUMNS] and int64
    [remembered], a `State`.
    """
    for i in range(spans.shape[0]):
        enter_lines(dram, state.table, state.done, spans[i, 0], spans[i, 1], spans[i, 2], arrival)
    return drain(dram, state)
