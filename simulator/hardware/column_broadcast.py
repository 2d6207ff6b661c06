"""When columns are broadcast to PEs and served by them, computed without stepping cycles.

The cycle of a column's broadcast, and those in which the PEs begin to serve it, follow from earlier columns:

    broadcast[i] = max(broadcast[i-1] + 1 + stall[i], max over k of begin[i - slots, k] + 1)
    begin[i, k]  = max(broadcast[i] + 1, begin[i-1, k] + max(1, entries[i-1, k]))

where each PE's queue has `slots` slots. With no slots the PEs run in lockstep: the second term of `broadcast[i]` is
then the cycle in which the last PE uses column i - 1 for the last time.
"""

import numpy as np
from numba import njit


@njit(cache=True)
def schedule_columns(pointer, column, stall, slots, broadcast, begin, end):  # type: ignore[no-untyped-def]
    """Compute in which cycles columns are broadcast and served, into `broadcast`, `begin` and `end`.

    In: pointer int32 [all columns + 1, pes], where each slice begins; column int64 [columns], the columns that are
    broadcast; stall int32 [columns], cycles that the sender needs before it has the i-th; slots of each queue.
    Out: broadcast int32 [columns], the cycle of each broadcast; begin int32 [columns, pes], the cycle in which a PE
    begins to serve it; end int32 [pes], zeros at first, the cycle after a PE's last slice.
    """
    latest = np.empty(column.size, np.int32)
    free = np.int32(0)
    for i in range(column.size):
        if slots == 0:
            free = max(free, end.max() - 1)
        elif i >= slots:
            free = max(free, latest[i - slots] + 1)
        broadcast[i] = max(free, (broadcast[i - 1] + 1 if i else 0) + stall[i])
        first, last = np.int32(broadcast[i] + 1), np.int32(0)
        j = column[i]
        for k in range(end.size):
            start = max(first, end[k])
            last = max(last, start)
            begin[i, k] = start
            end[k] = start + max(np.int32(1), pointer[j + 1, k] - pointer[j, k])
        latest[i] = last


@njit(cache=True)
def draw_pe(pointer, code, first, column, begin, letters, trace):  # type: ignore[no-untyped-def]
    """Write the trace of one PE up to its last slice into `trace`, uint8 [cycles], a letter for each cycle.

    pointer int32 [all columns + 1]: of this PE; code uint8 or int16 [entries], 0 = padding; first int64 [all columns]:
    the index in `code` of each slice's first entry; column int64 [columns], begin int32 [columns]: as in
    `schedule_columns`; letters uint8 [4]: for an entry, padding, an empty slice, waiting.
    """
    now = 0
    for i in range(column.size):
        trace[now : begin[i]] = letters[3]
        now = begin[i]
        j = column[i]
        for e in range(first[j], first[j] + pointer[j + 1] - pointer[j]):
            trace[now] = letters[0] if code[e] else letters[1]
            now += 1
        if pointer[j + 1] == pointer[j]:
            trace[now] = letters[2]
            now += 1
