"""The queue of a channel's requests: slots, and lists of the requests of each bank.

Each slot is a row of the channel's table, see `state`. A bank links its requests from the oldest to the youngest; the
channel lists the banks that have requests, and keeps a ring of its free slots.
"""

from numba import njit

from simulator.hardware.dram.engine.state import (
    ACTIVATE,
    ADDRESS,
    ALWAYS,
    BUSY,
    CHANNEL,
    COLUMN,
    EARLIEST,
    FIRST,
    FIRST_RANK,
    FREE,
    FREED,
    GROUP,
    GROUP_ACTIVATE,
    HEAD,
    HIT,
    IS_WRITE,
    LAST,
    LIMIT,
    LIMITER,
    LISTED,
    MISSED,
    NEWEST_LINE,
    NEWEST_WRITE,
    NEXT,
    NONE,
    PART,
    PLACE,
    PRECHARGE,
    PRIORITY,
    READ,
    ROW,
    RUN,
    SHIFT,
    SIZE,
    TICKET,
    USED,
    WANTED,
    WRITE,
)

KIND_BIT = 1 << 37
"""The priority of a row command is its ticket and this bit; no request is outstanding for as many tickets, since a
refresh closes all rows, after which each bank serves its oldest request first."""


@njit(cache=True, inline="always")
def insert(dram, table, slot, line, write, ticket):  # type: ignore[no-untyped-def]
    """Fill a slot with a request, and link it after the other requests of its bank; table int64 [rows, COLUMNS].

    Returns the bank where it changes the bank's next command, else NONE. ValueError where the line is beyond the
    channel.
    """
    bank, row = find_bank(dram, table, line)
    follows = line == table[CHANNEL, NEWEST_LINE] + 1 and write == table[CHANNEL, NEWEST_WRITE]
    table[CHANNEL, RUN] = table[CHANNEL, RUN] + 1 if follows else 1
    table[CHANNEL, NEWEST_LINE], table[CHANNEL, NEWEST_WRITE] = line, write
    table[slot, IS_WRITE] = write
    return bank if link(dram, table, slot, bank, row, ticket) else NONE


@njit(cache=True, inline="always")
def link(dram, table, slot, bank, row, ticket):  # type: ignore[no-untyped-def]
    """Link a slot, whose kind is set, after the other requests of a bank; table int64 [rows, COLUMNS].

    Returns whether the bank's next command is another now; it has been looked at.
    """
    table[slot, WANTED], table[slot, TICKET], table[slot, NEXT], table[slot, MISSED] = row, ticket, NONE, 0
    changes = False
    if table[bank, FIRST] == NONE:
        table[bank, FIRST] = slot
        place = FIRST_RANK + dram.ranks * (1 + dram.groups) + table[CHANNEL, BUSY]
        table[place, LISTED], table[place, LIMITER], table[bank, PLACE] = bank, table[bank, GROUP], place
        table[CHANNEL, BUSY] += 1
        changes = True
    else:
        table[table[bank, LAST], NEXT] = slot
    table[bank, LAST] = slot
    if table[bank, HIT] == NONE and table[bank, ROW] == row:
        table[bank, HIT] = slot
        changes = True
    if changes:
        look(table, bank)
    return changes


@njit(cache=True, inline="always")
def look(table, bank):  # type: ignore[no-untyped-def]
    """Update the next command of a bank with requests in its element of the list; table int64 [rows, COLUMNS]."""
    place, slot = table[bank, PLACE], table[bank, HIT]
    if slot != NONE:
        table[place, EARLIEST], table[place, LIMIT] = table[bank, COLUMN], WRITE if table[slot, IS_WRITE] else READ
        table[place, PRIORITY] = table[slot, TICKET]
        return
    table[place, PRIORITY] = table[table[bank, FIRST], TICKET] + KIND_BIT
    if table[bank, ROW] != NONE:
        table[place, EARLIEST], table[place, LIMIT] = table[bank, PRECHARGE], ALWAYS
    else:
        table[place, EARLIEST], table[place, LIMIT] = table[bank, ACTIVATE], GROUP_ACTIVATE


@njit(cache=True, inline="always")
def find_bank(dram, table, line):  # type: ignore[no-untyped-def]
    """The bank of a line, as a row of `table`, int64 [rows, COLUMNS], and the DRAM row of the line in that bank.

    ValueError where the line is beyond the channel.
    """
    bank, row = FIRST_RANK + dram.ranks * (1 + dram.groups), 0
    for i in range(ADDRESS, ADDRESS + 5):
        size, shift, part = table[i, SIZE], table[i, SHIFT], table[i, PART]
        value = line & (size - 1) if shift != NONE else line % size
        line = line >> shift if shift != NONE else line // size
        if part == 4:
            row = value
        elif part == 3:
            bank += value
        elif part == 2:
            bank += value * dram.banks
        elif part == 1:
            bank += value * dram.groups * dram.banks
    if line != 0:
        raise ValueError("a line lies beyond its channel")
    return bank, row


@njit(cache=True, inline="always")
def take_out(dram, table, bank, slot, clock):  # type: ignore[no-untyped-def]
    """Free a slot of a bank in `clock`, and find the bank's next request to its open row.

    table int64 [rows, COLUMNS].
    """
    following, before = table[slot, NEXT], NONE
    if table[bank, FIRST] == slot:
        table[bank, FIRST] = following
    else:
        before = table[bank, FIRST]
        while table[before, NEXT] != slot:
            before = table[before, NEXT]
        table[before, NEXT] = following
    if table[bank, LAST] == slot:
        table[bank, LAST] = before
    while following != NONE and table[following, WANTED] != table[bank, ROW]:
        following = table[following, NEXT]
    table[bank, HIT] = following
    ring = table.shape[0] - dram.queue
    tail = ring + (table[CHANNEL, HEAD] + dram.queue - table[CHANNEL, USED]) % dram.queue
    table[tail, FREE], table[tail, FREED] = slot, clock
    table[CHANNEL, USED] -= 1
    if table[bank, FIRST] == NONE:
        leave_list(dram, table, bank)
    else:
        look(table, bank)


@njit(cache=True, inline="always")
def leave_list(dram, table, bank):  # type: ignore[no-untyped-def]
    """Remove a bank without requests from the list; the last of the list takes its place.

    table int64 [rows, COLUMNS].
    """
    table[CHANNEL, BUSY] -= 1
    place, last = table[bank, PLACE], FIRST_RANK + dram.ranks * (1 + dram.groups) + table[CHANNEL, BUSY]
    for name in (LISTED, EARLIEST, LIMITER, LIMIT, PRIORITY):
        table[place, name] = table[last, name]
    table[table[place, LISTED], PLACE] = place
