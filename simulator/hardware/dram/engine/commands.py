"""The effect of each command on a channel's table: counts, and the earliest clocks of the commands that follow.

The arguments bank, rank, group and slot are rows of the table, see `state`; clocks are memory clocks.
"""

import numpy as np
from numba import njit

from simulator.hardware.dram.engine.request_queue import look, take_out
from simulator.hardware.dram.engine.state import (
    ACTIVATE,
    ACTIVATES,
    ACTIVE_CLOCKS,
    CHANNEL,
    COLUMN,
    COUNTS,
    DUE,
    END,
    FIRST,
    FIRST_RANK,
    GROUP,
    GROUP_ACTIVATE,
    GROUP_RANK,
    HIT,
    IS_WRITE,
    LAST_RANK,
    LAST_WRITE,
    MISSED,
    NEXT_DUE,
    NONE,
    OPEN,
    PRECHARGE,
    PRECHARGES,
    RANK,
    RANK_SWITCHES,
    READ,
    READS,
    RECENT,
    REFRESH,
    REFRESHES,
    ROW,
    ROW_HITS,
    SINCE,
    TICKET,
    TURN,
    TURNAROUNDS,
    WANTED,
    WRITE,
    WRITES,
)


@njit(cache=True, inline="always")
def activate(dram, table, bank, clock):  # type: ignore[no-untyped-def]
    """Activate the row of the bank's oldest request; table int64 [rows, COLUMNS], changed in place."""
    slot, rank = table[bank, FIRST], table[bank, RANK]
    table[slot, MISSED] = 1
    table[bank, ROW], table[bank, HIT] = table[slot, WANTED], slot
    table[bank, ACTIVATE] = clock + dram.rc
    table[bank, COLUMN] = clock + dram.rcd
    table[bank, PRECHARGE] = clock + dram.ras
    if table[rank, OPEN] == 0:
        table[rank, SINCE] = clock
    table[rank, OPEN] += 1
    table[rank, RECENT + table[rank, TURN]] = clock
    table[rank, TURN] = (table[rank, TURN] + 1) & 3
    window = table[rank, RECENT + table[rank, TURN]] + dram.faw
    first = FIRST_RANK + dram.ranks + (rank - FIRST_RANK) * dram.groups
    for group in range(np.uint64(first), np.uint64(first + dram.groups)):
        apart = dram.rrd_l if group == np.uint64(table[bank, GROUP]) else dram.rrd_s
        table[group, GROUP_ACTIVATE] = max(table[group, GROUP_ACTIVATE], clock + apart, window)
    table[COUNTS, ACTIVATES] += 1
    look(table, bank)


@njit(cache=True, inline="always")
def precharge(table, bank, clock, rp):  # type: ignore[no-untyped-def]
    """Close the row of a bank; `rp` clocks later it can be activated, or its rank refreshed.

    table int64 [rows, COLUMNS].
    """
    rank = table[bank, RANK]
    table[bank, ROW], table[bank, HIT] = NONE, NONE
    table[bank, ACTIVATE] = max(table[bank, ACTIVATE], clock + rp)
    table[rank, REFRESH] = max(table[rank, REFRESH], clock + rp)
    table[rank, OPEN] -= 1
    if table[rank, OPEN] == 0:
        table[COUNTS, ACTIVE_CLOCKS] += clock - table[rank, SINCE]
    table[COUNTS, PRECHARGES] += 1
    if table[bank, FIRST] != NONE:
        look(table, bank)


@njit(cache=True, inline="always")
def refresh(dram, table, rank, clock):  # type: ignore[no-untyped-def]
    """Precharge all banks of a rank if any is open, else refresh the rank.

    table int64 [rows, COLUMNS], changed in place.
    """
    if table[rank, OPEN]:
        each = dram.groups * dram.banks
        first = FIRST_RANK + dram.ranks * (1 + dram.groups) + (rank - FIRST_RANK) * each
        for bank in range(first, first + each):
            if table[bank, ROW] != NONE:
                precharge(table, bank, clock, dram.rp_all)
        return
    table[rank, REFRESH] = clock + dram.rfc
    table[rank, DUE] += dram.refi
    first = FIRST_RANK + dram.ranks + (rank - FIRST_RANK) * dram.groups
    for group in range(first, first + dram.groups):
        table[group, GROUP_ACTIVATE] = max(table[group, GROUP_ACTIVATE], clock + dram.rfc)
    table[CHANNEL, NEXT_DUE] = table[FIRST_RANK : FIRST_RANK + dram.ranks, DUE].min()
    table[COUNTS, REFRESHES] += 1


@njit(cache=True, inline="always")
def transfer(dram, table, done, bank, clock):  # type: ignore[no-untyped-def]
    """Read or write the line of the bank's oldest request to its open row.

    table int64 [rows, COLUMNS], done int64 [remembered]: those of a `State`, changed in place.
    """
    slot, rank = table[bank, HIT], table[bank, RANK]
    write = table[slot, IS_WRITE]
    end = clock + dram.bl + (dram.cwl if write else dram.cl)
    done[table[slot, TICKET] % done.size] = end
    table[COUNTS, READS] += 1 - write
    table[COUNTS, WRITES] += write
    table[COUNTS, ROW_HITS] += 1 - table[slot, MISSED]
    if table[CHANNEL, LAST_RANK] != NONE:
        table[COUNTS, TURNAROUNDS] += table[CHANNEL, LAST_WRITE] != write
        table[COUNTS, RANK_SWITCHES] += table[CHANNEL, LAST_RANK] != rank
    table[CHANNEL, LAST_RANK], table[CHANNEL, LAST_WRITE], table[CHANNEL, END] = rank, write, end
    table[bank, PRECHARGE] = max(table[bank, PRECHARGE], end + dram.wr if write else clock + dram.rtp)
    hold_bus(dram, table, table[bank, GROUP], write, clock, end)
    take_out(dram, table, bank, slot, clock)


@njit(cache=True, inline="always")
def hold_bus(dram, table, group, write, clock, end):  # type: ignore[no-untyped-def]
    """Update the earliest reads and writes of all bank groups after a read or write; table int64 [rows, COLUMNS].

    group: that of the command, which is issued in `clock`; write: 1 or 0; end: the clock in which its data end.
    """
    rank, first = table[group, GROUP_RANK], FIRST_RANK + dram.ranks
    near = clock + dram.ccd_s
    read_at, write_at = (end + dram.wtr_s, near) if write else (near, end + dram.rtw - dram.cwl)
    elsewhere = end + dram.rtrs
    for other in range(np.uint64(first), np.uint64(first + dram.ranks * dram.groups)):  # see `_choose`
        same = table[other, GROUP_RANK] == rank
        table[other, READ] = max(table[other, READ], read_at if same else elsewhere - dram.cl)
        table[other, WRITE] = max(table[other, WRITE], write_at if same else elsewhere - dram.cwl)
    again = clock + dram.ccd_l  # never earlier than in another group
    table[group, READ] = max(table[group, READ], end + dram.wtr_l if write else again)
    if write:
        table[group, WRITE] = max(table[group, WRITE], again)
