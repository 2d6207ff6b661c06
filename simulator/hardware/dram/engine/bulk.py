"""Loading consecutive lines: where hits of one row keep the queue full, the rest of the row is worked out at once."""

from numba import njit

from simulator.hardware.dram.engine.commands import hold_bus
from simulator.hardware.dram.engine.scheduler import drain, enter
from simulator.hardware.dram.engine.state import (
    ADDRESS,
    BUSY,
    CHANNEL,
    CLOCK,
    COUNTS,
    ENTERED,
    FIRST,
    FIRST_RANK,
    GROUP,
    HIT,
    IS_WRITE,
    LAST,
    LISTED,
    MISSED,
    NEXT_DUE,
    NONE,
    PART,
    PRECHARGE,
    PUSHED,
    READS,
    ROW,
    ROW_HITS,
    SOONEST,
    TICKET,
    USED,
    WANTED,
    WRITES,
)


@njit(cache=True)
def load(dram, state, first_line, lines, write, start):  # type: ignore[no-untyped-def]
    """Move consecutive lines that all arrive at `start`; return the clock in which the queue's last is done."""
    table, done = state
    line, last = first_line, first_line + lines
    while line < last:
        enter(dram, table, done, line, write, start)
        line += 1
        if line & 7 == 0:  # often enough
            line += _skip(dram, table, done, line, last, write)
    return drain(dram, state)


@njit(cache=True)
def _skip(dram, table, done, line, last, write):  # type: ignore[no-untyped-def]
    """Serve requests of a full queue that all hit one row, as the lines that fill it again do; return how many."""
    count = min(last - line, hits(dram, table, line, write))
    if count > 0:
        oldest, clock = oldest_ticket(dram, table), table[CHANNEL, CLOCK]
        latency = dram.bl + (dram.cwl if write else dram.cl)
        for i in range(count):
            done[(oldest + i) % done.size] = clock + i * dram.ccd_l + latency
        refill(dram, table, done, count, write)
    return count


@njit(cache=True)
def hits(dram, table, line, write):  # type: ignore[no-untyped-def]
    """How many requests of a full queue can be served as one, if `line` and those behind it fill it again; 0: none.

    They all hit one row and follow each other. A command comes every `ccd_l` clocks, the first in the next command's,
    and the slot that it frees is filled one clock later, so that requests differ by their tickets alone. The next
    refresh must be later still.
    """
    if table[ADDRESS, PART] != 0 or table[CHANNEL, USED] < dram.queue or table[CHANNEL, BUSY] != 1:
        return 0
    bank = table[FIRST_RANK + dram.ranks * (1 + dram.groups), LISTED]
    clock, soonest = table[CHANNEL, CLOCK], table[CHANNEL, SOONEST]
    if clock != soonest - 2 + dram.ccd_l or table[CHANNEL, ENTERED] != soonest - 1:
        return 0
    if table[bank, HIT] == NONE or table[bank, HIT] != table[bank, FIRST]:
        return 0
    if table[table[bank, LAST], TICKET] - table[table[bank, FIRST], TICKET] != dram.queue - 1:
        return 0  # some between them were served before
    if not _all_hit(dram, table, bank, line, write):
        return 0
    before_refresh = max(0, table[CHANNEL, NEXT_DUE] - clock - 1) // dram.ccd_l
    return min(dram.row_lines - line % dram.row_lines, before_refresh)


@njit(cache=True)
def oldest_ticket(dram, table):  # type: ignore[no-untyped-def]
    """The ticket of the oldest request of a full queue whose requests are all of one bank."""
    return table[table[table[FIRST_RANK + dram.ranks * (1 + dram.groups), LISTED], FIRST], TICKET]


@njit(cache=True)
def refill(dram, table, done, count, write):  # type: ignore[no-untyped-def]
    """The channel after `count` of `hits` were served, and as many lines filled the queue again.

    When they were done is for the caller to remember. What the queue then holds is served as ever.
    """
    bank = table[FIRST_RANK + dram.ranks * (1 + dram.groups), LISTED]
    delay, latency = count * dram.ccd_l, dram.bl + (dram.cwl if write else dram.cl)
    for slot in range(table.shape[0] - dram.queue, table.shape[0]):
        table[slot, TICKET] += count
        done[table[slot, TICKET] % done.size] = NONE
    final = table[CHANNEL, CLOCK] + delay - dram.ccd_l
    for name in (PUSHED, ENTERED, SOONEST, CLOCK):
        table[CHANNEL, name] += count if name == PUSHED else delay
    table[bank, PRECHARGE] = max(table[bank, PRECHARGE], final + latency + dram.wr if write else final + dram.rtp)
    hold_bus(dram, table, table[bank, GROUP], write, final, final + latency)
    table[COUNTS, WRITES if write else READS] += count
    table[COUNTS, ROW_HITS] += count


@njit(cache=True)
def _all_hit(dram, table, bank, line, write):  # type: ignore[no-untyped-def]
    """Whether all requests and the line to come are of one kind, to the open row of a bank, and none opened it."""
    for slot in range(table.shape[0] - dram.queue, table.shape[0]):
        if table[slot, WANTED] != table[bank, ROW] or table[slot, IS_WRITE] != write or table[slot, MISSED]:
            return False
    return line % dram.row_lines != 0
