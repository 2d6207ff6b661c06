"""The queue of a channel's requests: slots, and lists of the requests of each bank.

Each slot is a row of the channel's table, see `state`. A bank links its requests from the oldest to the youngest; the
channel lists the banks that have requests, and keeps a ring of its free slots.
"""

from numba import njit

from simulator.hardware.dram.engine.state import (
    ADDRESS,
    BUSY,
    CHANNEL,
    CLOCK,
    FIRST,
    FIRST_RANK,
    FREE,
    FREED,
    HEAD,
    HIT,
    IS_WRITE,
    LAST,
    LISTED,
    MISSED,
    NEXT,
    NONE,
    PART,
    ROW,
    SHIFT,
    SIZE,
    TICKET,
    USED,
    WANTED,
)


@njit(cache=True, inline="always")
def insert(dram, table, slot, line, write, ticket):  # type: ignore[no-untyped-def]
    """Fill a slot with a request, and link it after the other requests of its bank; table int64 [rows, COLUMNS].

    ValueError where the line is beyond the channel.
    """
    bank, row = find_bank(dram, table, line)
    table[slot, WANTED], table[slot, IS_WRITE], table[slot, TICKET] = row, write, ticket
    table[slot, NEXT], table[slot, MISSED] = NONE, 0
    if table[bank, FIRST] == NONE:
        table[bank, FIRST] = slot
        table[FIRST_RANK + dram.ranks * (1 + dram.groups) + table[CHANNEL, BUSY], LISTED] = bank
        table[CHANNEL, BUSY] += 1
        table[CHANNEL, CLOCK] = NONE
    else:
        table[table[bank, LAST], NEXT] = slot
    table[bank, LAST] = slot
    if table[bank, HIT] == NONE and table[bank, ROW] == row:
        table[bank, HIT] = slot
        table[CHANNEL, CLOCK] = NONE


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


@njit(cache=True, inline="always")
def leave_list(dram, table, bank):  # type: ignore[no-untyped-def]
    """Remove a bank without requests from the list; the last of the list takes its position.

    table int64 [rows, COLUMNS].
    """
    first = FIRST_RANK + dram.ranks * (1 + dram.groups)
    position = first
    while table[position, LISTED] != bank:
        position += 1
    table[CHANNEL, BUSY] -= 1
    table[position, LISTED] = table[first + table[CHANNEL, BUSY], LISTED]
