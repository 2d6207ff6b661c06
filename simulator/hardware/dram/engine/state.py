"""What the engine remembers of a channel: one table of integers with a row for each thing, changed in place.

One table, because compiled code pays for each array of each call. The things, in the order of their rows: the channel,
its counts, its ranks, bank groups, banks, and the slots of its queue. Earliest clocks stand in the table, not past
commands.
"""

from typing import NamedTuple

import numpy as np

from simulator.hardware.dram.spec import Dram, DramCounts, part_sizes

NONE = -1
"""No row, no slot."""
PAST = -(1 << 40)
"""A clock so early that it holds nothing up."""

CHANNEL, COUNTS, ADDRESS, FIRST_RANK = 0, 1, 2, 7
"""Rows; an address has five parts."""

SOONEST, NEXT_DUE, PUSHED, ENTERED, USED, HEAD, BUSY, LAST_RANK, LAST_WRITE, END, CLOCK, KIND, AT = range(13)
"""Of the channel: the next command's first clock, the next refresh, tickets given, when the last request entered,
slots in use, the ring of free slots' head, banks with requests, the last burst's rank, kind and end; and the next
command if it is known (else its clock is NONE)."""
SIZE, SHIFT, PART = range(3)
"""Of a part of the address, from the lowest: how many there are, as a power of two (else NONE), and a place in
`FIELDS`."""
READS, WRITES, ACTIVATES, PRECHARGES, REFRESHES, ROW_HITS, TURNAROUNDS, RANK_SWITCHES, ACTIVE_CLOCKS = range(9)
"""Of the counts, as in `DramCounts`."""
DUE, REFRESH, OPEN, SINCE, TURN, RECENT = range(6)
"""Of a rank: when a refresh is due and when it may begin, open rows and since when there are some, the ring of the last
four activates: its place, and its first column."""
GROUP_RANK, READ, WRITE, GROUP_ACTIVATE = range(4)
"""Of a bank group: its rank's row, and earliest clocks that hold for the group."""
GROUP, RANK, ROW, HIT, FIRST, LAST, ACTIVATE, COLUMN, PRECHARGE, LISTED = range(10)
"""Of a bank: rows of its group and rank, the open row, the slots of its oldest request to that row, of its oldest and
of its youngest, earliest clocks, and a place in the list of banks with requests."""
WANTED, IS_WRITE, NEXT, TICKET, MISSED, FREE, FREED = range(7)
"""Of a slot: the row that is wanted, the kind, the bank's next request, the ticket, whether a row had to be opened;
and a place in the ring of free slots: which, and since when."""
COLUMNS = 16


class State(NamedTuple):
    """A channel between two commands."""

    table: np.ndarray  # int64 [rows, COLUMNS]
    done: np.ndarray  # int64 [held]: when the requests' data were there, by ticket modulo held; NONE: not yet


def fresh(dram: Dram, held: int = 4096) -> State:
    """A channel before its first command: all rows closed, the first refresh `refi` clocks away.

    held: how many of the last requests' completions are remembered, `dram.queue` at least.
    """
    first_bank, first_slot = FIRST_RANK + dram.ranks * (1 + dram.groups), first_slot_row(dram)
    table = np.zeros((first_slot + dram.queue, COLUMNS), np.int64)
    table[CHANNEL, NEXT_DUE], table[CHANNEL, ENTERED], table[CHANNEL, LAST_RANK] = dram.refi, PAST, NONE
    table[CHANNEL, CLOCK] = NONE
    for place, size in enumerate(part_sizes(dram)):
        part = dram.mapping >> 3 * place & 7
        shift = size.bit_length() - 1 if size & (size - 1) == 0 else NONE
        table[ADDRESS + place, : PART + 1] = size, shift, part
    ranks = table[FIRST_RANK : FIRST_RANK + dram.ranks]
    ranks[:, DUE], ranks[:, REFRESH], ranks[:, RECENT : RECENT + 4] = dram.refi, PAST, PAST
    groups = table[FIRST_RANK + dram.ranks : first_bank]
    groups[:, READ : GROUP_ACTIVATE + 1] = PAST
    groups[:, GROUP_RANK] = FIRST_RANK + np.arange(len(groups)) // dram.groups
    banks = table[first_bank:first_slot]
    banks[:, GROUP] = FIRST_RANK + dram.ranks + np.arange(len(banks)) // dram.banks
    banks[:, RANK] = table[banks[:, GROUP], GROUP_RANK]
    banks[:, ROW : LAST + 1], banks[:, ACTIVATE : PRECHARGE + 1] = NONE, PAST
    slots = table[first_slot:]
    slots[:, FREE], slots[:, FREED] = np.arange(first_slot, len(table)), PAST
    return State(table, np.full(max(held, dram.queue), NONE, np.int64))


def first_slot_row(dram: Dram) -> int:
    """The row of the queue's first slot, behind the last bank."""
    return FIRST_RANK + dram.ranks * (1 + dram.groups * (1 + dram.banks))


def counts_of(dram: Dram, states: list[State], until: int) -> DramCounts:
    """What happened in the channels; rows that are still open count as open up to the clock `until`."""
    counts = np.array([state.table[COUNTS, : ACTIVE_CLOCKS + 1] for state in states])
    for i, state in enumerate(states):
        ranks = state.table[FIRST_RANK : FIRST_RANK + dram.ranks]
        counts[i, ACTIVE_CLOCKS] += np.where(ranks[:, OPEN] > 0, np.maximum(0, until - ranks[:, SINCE]), 0).sum()
    return DramCounts(*counts.T.copy())
