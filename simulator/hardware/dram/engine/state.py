"""The state of a channel in the engine: one table of integers, a row for each object, changed in place.

It is one table because each array argument makes a call of compiled code slower. The rows, in this order: the channel,
its counts, the five parts of an address, its ranks, bank groups and banks, and the slots of its queue. The table holds
the earliest clocks of commands to come, not the clocks of past commands.
"""

from typing import NamedTuple

import numpy as np

from simulator.hardware.dram.spec import FIELDS, Dram, DramCounts, lines_per_channel, part_sizes

NONE = -1
"""No row, no slot."""
PAST = -(1 << 40)
"""A clock so early that it delays no command."""

CHANNEL, COUNTS, ADDRESS, FIRST_RANK = 0, 1, 2, 7
"""Rows of the channel, its counts, the first of five address parts, and the first rank."""

SOONEST, NEXT_DUE, PUSHED, ENTERED, USED, HEAD, BUSY, LAST_RANK, LAST_WRITE, END = range(10)
CLOCK, KIND, AT, NEWEST_LINE, NEWEST_WRITE, RUN = range(10, 16)
"""Columns of the channel: the next command's earliest clock, the next refresh, the number of tickets given, the clock
in which the last request entered the queue, slots in use, head of the ring of free slots, number of banks with
requests; rank, kind and end of the last burst; clock, kind and table row of the next command (its clock is NONE if it
is not known); line and kind of the newest request, and the number of newest requests that have this kind and lines
that follow each other."""
SIZE, SHIFT, PART = range(3)
"""Columns of an address part, from the lowest part: its number of values, log2 of that number (NONE if it is no power
of two), and its index in `FIELDS`."""
BLOCK, TURNS, STEP, CAPACITY = range(3, 7)
"""Columns of the lowest address part: lines that share rank, bank of the group and row (0 if they are not
consecutive), bank groups among which these lines take turns, clocks from one of them to the next (0 if they differ, or
if the queue is shorter than a turn of all groups or longer than a block), and lines of the channel."""
READS, WRITES, ACTIVATES, PRECHARGES, REFRESHES, ROW_HITS, TURNAROUNDS, RANK_SWITCHES, ACTIVE_CLOCKS = range(9)
"""Columns of the counts, as in `DramCounts`."""
DUE, REFRESH, OPEN, SINCE, TURN, RECENT = range(6)
"""Columns of a rank: the clock in which a refresh is due, the earliest clock in which it may begin, the number of open
rows, the clock since which there are any; the ring of the last four activates: its position, and its first column."""
READING, WRITING = np.int64(0), np.int64(1)
"""What a request does; NumPy's, as FOREVER of the scheduler."""
GROUP_RANK, READ, WRITE, GROUP_ACTIVATE, ALWAYS = range(5)
"""Columns of a bank group: the table row of its rank, the earliest clocks of a read, a write and an activate, and a
clock that limits nothing."""
GROUP, RANK, ROW, HIT, FIRST, LAST, ACTIVATE, COLUMN, PRECHARGE, PLACE = range(10)
"""Columns of a bank: table rows of its group and rank; the open row; the slots of its oldest request to that row, of
its oldest and of its youngest request; the earliest clocks of an activate, a read or write, and a precharge; and, while
it has requests, the table row of its element in the list of banks with requests."""
LISTED, EARLIEST, LIMITER, LIMIT, PRIORITY = range(10, 15)
"""Columns of an element of that list, in the rows of the banks: a bank, and its next command: the earliest clock by
the bank's limits, row and column of the limit of its bank group, and its rank among commands of one clock."""
WANTED, IS_WRITE, NEXT, TICKET, MISSED, FREE, FREED = range(7)
"""Columns of a slot: the requested row, the kind, the slot of the bank's next request, the ticket, whether a row had to
be opened; and one element of the ring of free slots: a slot, and the clock in which it was freed."""
COLUMNS = 16
"""Columns of the table, more than any row uses."""


class State(NamedTuple):
    """A channel between two commands."""

    table: np.ndarray  # int64 [rows, COLUMNS]
    done: np.ndarray  # int64 [remembered]: the clock in which a request was done, by ticket modulo remembered, or NONE


def initial_state(dram: Dram, remembered: int = 4096) -> State:
    """A channel before its first command: all rows closed, the first refresh `refi` clocks away.

    remembered: the number of last requests whose completion is remembered; at least `dram.queue` are.
    """
    first_bank, first_slot = FIRST_RANK + dram.ranks * (1 + dram.groups), first_slot_row(dram)
    table = np.zeros((first_slot + dram.queue, COLUMNS), np.int64)
    table[CHANNEL, NEXT_DUE], table[CHANNEL, ENTERED], table[CHANNEL, LAST_RANK] = dram.refi, PAST, NONE
    table[CHANNEL, CLOCK] = NONE
    for position, size in enumerate(part_sizes(dram)):
        part = dram.mapping >> 3 * position & 7
        shift = size.bit_length() - 1 if size & (size - 1) == 0 else NONE
        table[ADDRESS + position, : PART + 1] = size, shift, part
    table[ADDRESS, BLOCK : CAPACITY + 1] = (*blocks_of(dram), lines_per_channel(dram))
    ranks = table[FIRST_RANK : FIRST_RANK + dram.ranks]
    ranks[:, DUE], ranks[:, REFRESH], ranks[:, RECENT : RECENT + 4] = dram.refi, PAST, PAST
    groups = table[FIRST_RANK + dram.ranks : first_bank]
    groups[:, READ : ALWAYS + 1] = PAST
    groups[:, GROUP_RANK] = FIRST_RANK + np.arange(len(groups)) // dram.groups
    banks = table[first_bank:first_slot]
    banks[:, GROUP] = FIRST_RANK + dram.ranks + np.arange(len(banks)) // dram.banks
    banks[:, RANK] = table[banks[:, GROUP], GROUP_RANK]
    banks[:, ROW : LAST + 1], banks[:, ACTIVATE : PRECHARGE + 1] = NONE, PAST
    slots = table[first_slot:]
    slots[:, FREE], slots[:, FREED] = np.arange(first_slot, len(table)), PAST
    return State(table, np.full(max(remembered, dram.queue), NONE, np.int64))


def blocks_of(dram: Dram) -> tuple[int, int, int]:
    """The columns BLOCK, TURNS and STEP of a memory's addresses."""
    parts = [FIELDS[dram.mapping >> 3 * position & 7] for position, size in enumerate(part_sizes(dram)) if size > 1]
    if parts[:1] == ["Co"]:
        block, turns, step = dram.row_lines, 1, dram.ccd_l
    elif parts[:2] == ["Bg", "Co"]:
        even = dram.groups * dram.ccd_s >= dram.ccd_l  # a group's turn comes when it may be read again
        block, turns, step = dram.groups * dram.row_lines, dram.groups, dram.ccd_s if even else 0
    else:
        return 0, 1, 0
    return block, turns, step if turns <= dram.queue <= block else 0  # a full queue: each group, and at most two blocks


def first_slot_row(dram: Dram) -> int:
    """The table row of the queue's first slot, after the last bank."""
    return FIRST_RANK + dram.ranks * (1 + dram.groups * (1 + dram.banks))


def counts_of(dram: Dram, states: list[State], until: int) -> DramCounts:
    """The counts of the channels, int64 [channels] each; rows that are still open count as open up to clock `until`."""
    counts = np.array([state.table[COUNTS, : ACTIVE_CLOCKS + 1] for state in states])
    for i, state in enumerate(states):
        ranks = state.table[FIRST_RANK : FIRST_RANK + dram.ranks]
        counts[i, ACTIVE_CLOCKS] += np.where(ranks[:, OPEN] > 0, np.maximum(0, until - ranks[:, SINCE]), 0).sum()
    return DramCounts(*counts.T.copy())
