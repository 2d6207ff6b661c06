"""A DRAM channel that skips idle clocks: equal to the model, at a cost that grows with the number of commands.

The compiled code of other engines calls `push`, `wait` and `advance`. All times are memory clocks; `clock_of` and
`cycle_of` convert from and to cycles of the machine. A line is an address within its channel. The argument `state` is a
`State`: table int64 [rows, COLUMNS] and done int64 [remembered], both changed in place.
"""

import numpy as np
from numba import njit

from simulator.hardware.dram.engine.commands import activate, precharge, refresh, transfer
from simulator.hardware.dram.engine.request_queue import KIND_BIT, insert
from simulator.hardware.dram.engine.state import (
    AT,
    BUSY,
    CHANNEL,
    CLOCK,
    DUE,
    EARLIEST,
    END,
    ENTERED,
    FIRST_RANK,
    FREE,
    FREED,
    HEAD,
    HIT,
    KIND,
    LIMIT,
    LIMITER,
    LISTED,
    NEXT_DUE,
    NONE,
    OPEN,
    PLACE,
    PRECHARGE,
    PRIORITY,
    PUSHED,
    RANK,
    REFRESH,
    ROW,
    SOONEST,
    USED,
)
from simulator.hardware.dram.spec import to_clock, to_cycle

clock_of = njit(cache=True)(to_clock)
cycle_of = njit(cache=True)(to_cycle)

ZERO, ONE, FOREVER = np.int64(0), np.int64(1), np.int64(1 << 60)
"""NumPy's, as an argument: Numba compiles a function anew for each integer of Python's that is passed to it."""
TRANSFER, ROW_COMMAND, REFRESHING = 0, 1, 2


@njit(cache=True)
def push(dram, state, line, write, arrival):  # type: ignore[no-untyped-def]
    """Add a request that arrives at the clock `arrival`; return its ticket.

    state: int64 [rows, COLUMNS] and int64 [remembered], a `State` changed in place. The request enters the queue after
    all earlier ones, when there is a free slot, and can be served from the next clock on. Commands up to the clock in
    which it enters are issued. ValueError where a later command was issued before, or where there is no such line.
    """
    return enter(dram, state.table, state.done, line, write, arrival)


@njit(cache=True, inline="always")
def enter(dram, table, done, line, write, arrival):  # type: ignore[no-untyped-def]
    """`push`, to be inlined into loops: table int64 [rows, COLUMNS], done int64 [remembered]. ValueError as there."""
    if table[CHANNEL, CLOCK] <= arrival:
        _run(dram, table, done, arrival, ZERO)
    if table[CHANNEL, USED] == dram.queue:
        _run(dram, table, done, FOREVER, dram.queue)
    ring = table.shape[0] - dram.queue + table[CHANNEL, HEAD]
    entry = max(arrival, table[CHANNEL, ENTERED], table[ring, FREED] + 1)
    if table[CHANNEL, CLOCK] <= entry:
        _run(dram, table, done, entry, ZERO)
    if entry < table[CHANNEL, SOONEST] - 1:
        raise ValueError("a request arrives before a command that was issued without it")
    ticket = table[CHANNEL, PUSHED]
    changed = insert(dram, table, table[ring, FREE], line, write, ticket)
    if changed != NONE and table[CHANNEL, CLOCK] != NONE:
        _compare(table, changed, entry + 1)
    done[ticket % done.size] = NONE
    table[CHANNEL, HEAD] = (table[CHANNEL, HEAD] + 1) % dram.queue
    table[CHANNEL, USED] += 1
    table[CHANNEL, PUSHED] += 1
    table[CHANNEL, ENTERED] = entry
    table[CHANNEL, SOONEST] = entry + 1
    return ticket


@njit(cache=True)
def _run(dram, table, done, limit, used):  # type: ignore[no-untyped-def]
    """Issue commands up to the clock `limit` while at least `used` slots are in use; then the next command is known.

    table int64 [rows, COLUMNS], done int64 [remembered]: those of a `State`.
    """
    while True:
        if table[CHANNEL, CLOCK] == NONE:
            _choose(dram, table)
        clock, kind, at = table[CHANNEL, CLOCK], table[CHANNEL, KIND], table[CHANNEL, AT]
        if clock > limit or table[CHANNEL, USED] < used:
            return
        if kind == TRANSFER:
            transfer(dram, table, done, at, clock)
        elif kind == REFRESHING:
            refresh(dram, table, at, clock)
        elif table[at, ROW] == NONE:
            activate(dram, table, at, clock)
        else:
            precharge(table, at, clock, dram.rp)
        table[CHANNEL, SOONEST], table[CHANNEL, CLOCK] = clock + 1, NONE


@njit(cache=True, inline="always")
def _choose(dram, table):  # type: ignore[no-untyped-def]
    """Choose the next command, which holds until it is issued or a new request changes a bank's command.

    table int64 [rows, COLUMNS]. Commands compare by their clocks, then by their priorities, in one integer: clocks of
    commands other than refreshes are less than 2**24 apart, see the bounds in `Dram`.
    """
    soonest, best, place = table[CHANNEL, SOONEST], FOREVER << 2, np.int64(NONE)
    first = FIRST_RANK + dram.ranks * (1 + dram.groups)
    newest = KIND_BIT - 1 - table[CHANNEL, PUSHED]
    for i in range(np.uint64(first), np.uint64(first + table[CHANNEL, BUSY])):  # unsigned: no check for negative ones
        limit = table[np.uint64(table[i, LIMITER]), np.uint64(table[i, LIMIT])]
        clock = max(table[i, EARLIEST], limit, soonest)
        key = (clock - soonest) * (2 * KIND_BIT) + table[i, PRIORITY] + newest
        if key < best:
            best, place = key, np.int64(i)
    clock = soonest + best // (2 * KIND_BIT)
    if place == NONE or clock >= table[CHANNEL, NEXT_DUE]:
        _choose_near_refresh(dram, table)
        return
    kind = ROW_COMMAND if best & KIND_BIT else TRANSFER
    table[CHANNEL, CLOCK], table[CHANNEL, KIND], table[CHANNEL, AT] = clock, kind, table[place, LISTED]


@njit(cache=True)
def _choose_near_refresh(dram, table):  # type: ignore[no-untyped-def]
    """`_choose` where a refresh is due: its rank waits for it; table int64 [rows, COLUMNS]."""
    soonest, best, priority, at = table[CHANNEL, SOONEST], FOREVER, 0, NONE
    first = FIRST_RANK + dram.ranks * (1 + dram.groups)
    for i in range(first, first + table[CHANNEL, BUSY]):
        bank = table[i, LISTED]
        clock = max(table[i, EARLIEST], table[table[i, LIMITER], table[i, LIMIT]], soonest)
        if clock >= table[table[bank, RANK], DUE]:
            continue
        if clock < best or (clock == best and table[i, PRIORITY] < priority):
            best, priority, at = clock, table[i, PRIORITY], bank
    kind = ROW_COMMAND if at != NONE and table[at, HIT] == NONE else TRANSFER
    if best >= table[CHANNEL, NEXT_DUE]:
        clock, rank = _next_refresh(dram, table, soonest)
        if clock <= best:
            best, kind, at = clock, REFRESHING, rank
    table[CHANNEL, CLOCK], table[CHANNEL, KIND], table[CHANNEL, AT] = best, kind, at


@njit(cache=True, inline="always")
def _compare(table, bank, soonest):  # type: ignore[no-untyped-def]
    """Compare the known next command with that of a bank, which serves the newest request; table int64 [rows, COLUMNS].

    soonest: the earliest clock of the bank's command.
    """
    place, known = table[bank, PLACE], table[CHANNEL, CLOCK]
    clock = max(table[place, EARLIEST], table[table[place, LIMITER], table[place, LIMIT]], soonest)
    kind = ROW_COMMAND if table[bank, HIT] == NONE else TRANSFER
    if table[CHANNEL, AT] == bank or clock >= table[CHANNEL, NEXT_DUE]:
        table[CHANNEL, CLOCK] = NONE
    elif clock < known or (clock == known and kind < table[CHANNEL, KIND]):
        table[CHANNEL, CLOCK], table[CHANNEL, KIND], table[CHANNEL, AT] = clock, kind, bank


@njit(cache=True, inline="always")
def _next_refresh(dram, table, soonest):  # type: ignore[no-untyped-def]
    """The clock and the rank, a row of `table`, int64 [rows, COLUMNS], of the next command that a refresh needs."""
    best, at = FOREVER, 0
    each = dram.groups * dram.banks
    for rank in range(FIRST_RANK, FIRST_RANK + dram.ranks):
        clock = max(soonest, table[rank, DUE])
        if table[rank, OPEN]:
            first = FIRST_RANK + dram.ranks * (1 + dram.groups) + (rank - FIRST_RANK) * each
            for bank in range(first, first + each):
                if table[bank, ROW] != NONE:
                    clock = max(clock, table[bank, PRECHARGE])
        else:
            clock = max(clock, table[rank, REFRESH])
        if clock < best:
            best, at = clock, rank
    return best, at


@njit(cache=True)
def advance(dram, state, until):  # type: ignore[no-untyped-def]
    """Issue all commands up to the clock `until`, refreshes included.

    state: int64 [rows, COLUMNS] and int64 [remembered], a `State` changed in place.
    """
    _run(dram, state.table, state.done, until, ZERO)


@njit(cache=True)
def room(dram, state):  # type: ignore[no-untyped-def]
    """The first clock in which the queue has a free slot.

    state: int64 [rows, COLUMNS] and int64 [remembered], a `State` changed in place.
    """
    table, done = state
    _run(dram, table, done, FOREVER, dram.queue)
    return table[table.shape[0] - dram.queue + table[CHANNEL, HEAD], FREED] + 1


@njit(cache=True)
def wait(dram, state, ticket):  # type: ignore[no-untyped-def]
    """The clock in which the data of a request have been read or written.

    state: int64 [rows, COLUMNS] and int64 [remembered], a `State` changed in place. Commands up to the one that moves
    the data are issued, so no later request may arrive before it. ValueError where the ticket was never given, or its
    completion is no longer remembered.
    """
    table, done = state
    if not table[CHANNEL, PUSHED] - done.size <= ticket < table[CHANNEL, PUSHED]:
        raise ValueError("a ticket that was not given, or is not remembered any more")
    while done[ticket % done.size] == NONE:
        _run(dram, table, done, FOREVER, table[CHANNEL, USED])
    return done[ticket % done.size]


@njit(cache=True)
def drain(dram, state):  # type: ignore[no-untyped-def]
    """Serve all requests; return the clock in which the last burst ends.

    state: int64 [rows, COLUMNS] and int64 [remembered], a `State` changed in place.
    """
    table, done = state
    _run(dram, table, done, FOREVER, ONE)
    return table[CHANNEL, END]


@njit(cache=True)
def serve_channel(dram, state, line, write, arrival):  # type: ignore[no-untyped-def]
    """Serve a whole trace on a channel that remembers all of it; return the clock in which the last burst ends.

    line, write, arrival int64 [requests]; state: int64 [rows, COLUMNS] and int64 [remembered], a `State` changed in
    place. ValueError as for `push`.
    """
    for i in range(line.size):
        enter(dram, state.table, state.done, line[i], write[i], arrival[i])
    return drain(dram, state)
