"""Streams through a FIFO behind a channel, in the cycles of the machine, for other engines.

The FIFO holds a credit for each of its lines. A request takes one, and the line that comes keeps it until the consumer
takes the line out of the FIFO: what is freed in cycle t can be requested from t + 1 on.
"""

import numpy as np
from numba import njit

from simulator.hardware.dram.engine.scheduler import clock_of, cycle_of, push, wait

NEXT_LINE, PAST_LINE, ASKED, GIVEN, NOW, TICKETS = range(6)


@njit(cache=True)
def open_flow(dram, state, first_line, lines, depth, cycle):  # type: ignore[no-untyped-def]
    """A stream of consecutive lines of a channel; the requests that credits allow arrive in `cycle`. int64 array."""
    flow = np.zeros(TICKETS + depth, np.int64)
    flow[NEXT_LINE], flow[PAST_LINE], flow[NOW] = first_line, first_line + lines, cycle
    for _ in range(depth):
        ask(dram, state, flow, cycle)
    return flow


@njit(cache=True)
def ask(dram, state, flow, cycle):  # type: ignore[no-untyped-def]
    """Use a credit in `cycle` for the next line, if there is one more.

    To be called for each line that leaves the FIFO, in order, before a later line is waited for.
    """
    if flow[NEXT_LINE] == flow[PAST_LINE]:
        return
    depth = flow.size - TICKETS
    flow[TICKETS + flow[ASKED] % depth] = push(dram, state, flow[NEXT_LINE], 0, clock_of(dram, cycle))
    flow[NEXT_LINE] += 1
    flow[ASKED] += 1


@njit(cache=True)
def there(dram, state, flow):  # type: ignore[no-untyped-def]
    """The first cycle in which the next line is in the FIFO and all before it were. ValueError if it has no request."""
    if flow[GIVEN] == flow[ASKED]:
        raise ValueError("a line is waited for that no credit was left for")
    ticket = flow[TICKETS + flow[GIVEN] % (flow.size - TICKETS)]
    flow[GIVEN] += 1
    flow[NOW] = max(flow[NOW], cycle_of(dram, wait(dram, state, ticket)))
    return flow[NOW]


@njit(cache=True)
def stream(dram, state, first_line, lines, depth, cycle, busy):  # type: ignore[no-untyped-def]
    """Lines through a FIFO whose consumer takes one, is busy for `busy[i]` cycles, and takes the next.

    Returns int64 [2, lines]: the cycles in which each line is there, and in which it is taken.
    """
    times = np.zeros((2, lines), np.int64)
    flow = open_flow(dram, state, first_line, lines, depth, cycle)
    free = cycle
    for i in range(lines):
        times[0, i] = there(dram, state, flow)
        times[1, i] = max(times[0, i], free)
        free = times[1, i] + busy[i]
        ask(dram, state, flow, times[1, i] + 1)
    return times
