"""When PEs serve the columns that are broadcast into their queues, without stepping cycles.

A column's broadcast and the cycles in which the PEs begin to serve it follow from those before it (max, plus):

    broadcast[i] = max(broadcast[i-1] + 1 + stall[i], max over k of begin[i - held, k] + 1)
    begin[i, k]  = max(broadcast[i] + 1, begin[i-1, k] + max(1, entries[i-1, k]))

where each queue holds `held` columns. Where it holds none, the PEs move in lockstep: the second term is the cycle in
which the last PE uses column i - 1 for the last time.
"""

import numpy as np
from numba import njit


@njit(cache=True)
def serve(pointer, column, stall, held, broadcast, begin, end):  # type: ignore[no-untyped-def]
    """Set `broadcast`, int32 [columns], `begin`, int32 [columns, pes], and `end`, int32 [pes], which begins as zeros.

    pointer int32 [all columns + 1, pes]: where each slice begins; column int64 [columns]: which of all are broadcast;
    stall int32 [columns]: cycles that the sender needs before it has the i-th.
    """
    latest = np.empty(column.size, np.int32)
    free = np.int32(0)
    for i in range(column.size):
        if held == 0:
            free = max(free, end.max() - 1)
        elif i >= held:
            free = max(free, latest[i - held] + 1)
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
def draw_pe(pointer, code, place, column, begin, letters, line):  # type: ignore[no-untyped-def]
    """Draw one PE in `line`, uint8 [cycles], up to its last slice; its slice of column j begins at `code[place[j]]`.

    letters: uint8, for an entry, for padding (code 0), for an empty slice and for waiting.
    """
    now = 0
    for i in range(column.size):
        line[now : begin[i]] = letters[3]
        now = begin[i]
        j = column[i]
        for e in range(place[j], place[j] + pointer[j + 1] - pointer[j]):
            line[now] = letters[0] if code[e] else letters[1]
            now += 1
        if pointer[j + 1] == pointer[j]:
            line[now] = letters[2]
            now += 1
