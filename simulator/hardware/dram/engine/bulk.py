"""Transfer of consecutive lines: row hits that keep the queue full are computed together, to the end of the row."""

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
    """Read or write consecutive lines whose requests all arrive at clock `start`; return the clock of the last's end.

    write: 1 or 0; state: int64 [rows, COLUMNS] and int64 [remembered], a `State` changed in place. ValueError where a
    line is beyond the channel.
    """
    table, done = state
    line, last = first_line, first_line + lines
    while line < last:
        enter(dram, table, done, line, write, start)
        line += 1
        if line & 7 == 0:  # checking every eighth line is often enough
            line += _serve_hits(dram, table, done, line, last, write)
    return drain(dram, state)


@njit(cache=True)
def _serve_hits(dram, table, done, line, last, write):  # type: ignore[no-untyped-def]
    """Serve requests of a full queue that all hit one row while the next lines refill it; return their number.

    table int64 [rows, COLUMNS], done int64 [remembered]: those of a `State`.
    """
    count = min(last - line, count_hits(dram, table, line, write))
    if count > 0:
        oldest, clock = oldest_ticket(dram, table), table[CHANNEL, CLOCK]
        latency = dram.bl + (dram.cwl if write else dram.cl)
        for i in range(count):
            done[(oldest + i) % done.size] = clock + i * dram.ccd_l + latency
        refill(dram, table, done, count, write)
    return count


@njit(cache=True)
def count_hits(dram, table, line, write):  # type: ignore[no-untyped-def]
    """The number of requests of a full queue that can be served together while `line` and its successors refill it.

    0 if there are none; table int64 [rows, COLUMNS]. All requests hit one row and are consecutive. A command is issued
    every `ccd_l` clocks, the first in the clock of the next command, and the slot that it frees is filled one clock
    later, so that requests differ by their tickets only. The next refresh must be later.
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
        return 0  # some requests between them were served before
    if not _all_hit(dram, table, bank, line, write):
        return 0
    before_refresh = max(0, table[CHANNEL, NEXT_DUE] - clock - 1) // dram.ccd_l
    return min(dram.row_lines - line % dram.row_lines, before_refresh)


@njit(cache=True)
def oldest_ticket(dram, table):  # type: ignore[no-untyped-def]
    """The ticket of the oldest request in a full queue whose requests all go to one bank.

    table int64 [rows, COLUMNS].
    """
    return table[table[table[FIRST_RANK + dram.ranks * (1 + dram.groups), LISTED], FIRST], TICKET]


@njit(cache=True)
def refill(dram, table, done, count, write):  # type: ignore[no-untyped-def]
    """Update the channel after `count` requests (see `count_hits`) were served and as many lines refilled the queue.

    table int64 [rows, COLUMNS], done int64 [remembered]: those of a `State`. The caller records in `done` when the
    served requests were done.
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
    """Whether all requests and the next line have one kind and go to the open row, and none opened it.

    table int64 [rows, COLUMNS].
    """
    for slot in range(table.shape[0] - dram.queue, table.shape[0]):
        if table[slot, WANTED] != table[bank, ROW] or table[slot, IS_WRITE] != write or table[slot, MISSED]:
            return False
    return line % dram.row_lines != 0
