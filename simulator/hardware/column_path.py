"""What decides when columns are broadcast and served: the critical path of a schedule, slack, and what-ifs.

The recurrence of `simulator.hardware.column_broadcast` is a longest path of a graph: its nodes are broadcasts and the
begins of slices, and its edges are the terms of its maxima. Going through the schedule backwards gives the latest cycle
of each node that does not delay the end.
"""

import numpy as np
from numba import njit

SERVICE, EMPTY, BROADCAST, STALL, SLOT = range(5)
"""What decides a cycle: a PE works on a slice; a PE serves an empty one; a broadcast; the sender is not ready; a PE
takes a column out of its full queue."""
NAMES = {SERVICE: "entries", EMPTY: "empty slices", BROADCAST: "broadcast", SLOT: "queue"}
"""What decides a cycle, as a path names it; what makes a sender wait is the machine's."""
SERVICE_SLACK, SLOT_SLACK, STALL_SLACK, BROADCAST_SLACK = range(4)
NEVER = np.iinfo(np.int64).max
"""The slack of what no edge of the graph has."""


@njit(cache=True)
def find_slack(  # type: ignore[no-untyped-def]
    pointer, column, stall, slots, broadcast, begin, latest_end, latest_sent, pe_slack, slack, least, first, cycles
):
    """The slack of the PEs into pe_slack, int64 [pes], of all limits into slack, int64 [4], of slices into `least`.

    All NEVER at first. least: int64 [times, lines], by the time in which a slice begins, of a run of `cycles` with the
    schedule from its cycle `first` on, and by PE, see `simulator.core.slack_map`. In: pointer int32 [all columns + 1,
    pes]; column int64, stall and broadcast int32 [columns]; begin int32 [columns, pes]; slots of a queue: as
    `schedule_columns` takes and gives them. latest_end: the cycle by which the PEs must end; latest_sent: by which the
    last broadcast must be.
    """
    count, pes = begin.shape
    times, lines = least.shape
    late_begin = np.full(pes, latest_end, np.int64)
    late_sent = np.empty(count, np.int64)
    for i in range(count - 1, -1, -1):
        j, late = column[i], latest_sent if i == count - 1 else late_sent[i + 1] - 1 - stall[i + 1]
        for k in range(pes):
            work = max(1, pointer[j + 1, k] - pointer[j, k])
            end = late_begin[k]
            if slots == 0 and i + 1 < count:
                end = min(end, late_sent[i + 1] + 1)
            spare, time, line = end - begin[i, k] - work, (first + begin[i, k]) * times // cycles, k * lines // pes
            pe_slack[k], least[time, line] = min(pe_slack[k], spare), min(least[time, line], spare)
            latest = end - work
            if slots > 0 and i + slots < count:
                latest = min(latest, late_sent[i + slots] - 1)
            late_begin[k] = latest
            late = min(late, latest - 1)
        late_sent[i] = late
    for i in range(count):
        before = broadcast[i - 1] + 1 if i else 0
        spare = late_sent[i] - before - stall[i]
        if i:
            slack[BROADCAST_SLACK] = min(slack[BROADCAST_SLACK], spare)
        if stall[i] > 0:
            slack[STALL_SLACK] = min(slack[STALL_SLACK], spare)
        if i >= max(slots, 1):
            freed = _slot_freed(pointer, column, slots, begin, i)
            slack[SLOT_SLACK] = min(slack[SLOT_SLACK], late_sent[i] - freed)


@njit(cache=True)
def _slot_freed(pointer, column, slots, begin, i):  # type: ignore[no-untyped-def]
    """The first cycle in which every queue has a slot for broadcast i.

    Arguments as in `find_slack`: pointer int32 [all columns + 1, pes], column int64 [columns], begin int32 [columns,
    pes].
    """
    freed = 0
    for k in range(begin.shape[1]):
        if slots > 0:
            freed = max(freed, begin[i - slots, k] + 1)
        else:
            j = column[i - 1]
            freed = max(freed, begin[i - 1, k] + max(1, pointer[j + 1, k] - pointer[j, k]) - 1)
    return freed


@njit(cache=True)
def find_path(pointer, column, stall, slots, broadcast, begin, last, spans):  # type: ignore[no-untyped-def]
    """Write a longest path to the end backwards into spans, int64 [most, 3], and return how many there are.

    A span is its first cycle, what decides it, and the PE (of a stall the broadcast, else -1); it ends where the one
    before it in the list begins. At most 3 * columns + 1 are written. Arguments as in `find_slack`: pointer int32 [all
    columns + 1, pes], column int64, stall and broadcast int32 [columns], begin int32 [columns, pes]. last: the PE that
    ends last; -1: the path ends with the last broadcast. Where several edges are equally late, the same PE comes first,
    then the sender.
    """
    i, k, found = column.size - 1, last, 0
    if k >= 0:
        found = _put(spans, found, begin[i, k], _work_of(pointer, column, i, k), k)
    else:
        found = _put(spans, found, broadcast[i], BROADCAST, -1)
    while True:
        before = broadcast[i - 1] + 1 if i else 0
        if k >= 0 and i > 0 and _end(pointer, column, begin, i - 1, k) == begin[i, k]:
            i -= 1
            found = _put(spans, found, begin[i, k], _work_of(pointer, column, i, k), k)
        elif k >= 0:
            found, k = _put(spans, found, broadcast[i], BROADCAST, -1), -1
        elif broadcast[i] == before + stall[i]:
            if stall[i] > 0:
                found = _put(spans, found, before, STALL, i)
            if i == 0:
                return found
            i -= 1
            found = _put(spans, found, broadcast[i], BROADCAST, -1)
        else:
            k = _blocking(pointer, column, slots, begin, i, broadcast[i])
            i -= max(slots, 1)
            what = SLOT if slots > 0 else _work_of(pointer, column, i, k)
            found = _put(spans, found, begin[i, k], what, k)


@njit(cache=True)
def _put(spans, found, begin, what, which):  # type: ignore[no-untyped-def]
    """Write a span into row `found` of spans, int64 [most, 3]; return the number of the next row."""
    spans[found, 0], spans[found, 1], spans[found, 2] = begin, what, which
    return found + 1


def in_order(spans: np.ndarray) -> np.ndarray:
    """What `find_path` wrote, int64 [spans, 3], from the first to the last, neighbours of one kind and PE as one."""
    path = spans[::-1]
    kept = np.ones(len(path), bool)
    kept[1:] = (path[1:, 1:] != path[:-1, 1:]).any(axis=1)
    return path[kept]


@njit(cache=True)
def _work_of(pointer, column, i, k):  # type: ignore[no-untyped-def]
    """Whether a PE has an entry in a broadcast column; pointer int32 [all columns + 1, pes], column int64 [columns]."""
    return SERVICE if pointer[column[i] + 1, k] > pointer[column[i], k] else EMPTY


@njit(cache=True)
def _end(pointer, column, begin, i, k):  # type: ignore[no-untyped-def]
    """The cycle after a PE's slice.

    pointer int32 [all columns + 1, pes], column int64 [columns], begin int32 [columns, pes].
    """
    return begin[i, k] + max(1, pointer[column[i] + 1, k] - pointer[column[i], k])


@njit(cache=True)
def _blocking(pointer, column, slots, begin, i, sent):  # type: ignore[no-untyped-def]
    """The first PE whose queue makes broadcast i wait until the cycle `sent`.

    Arguments as in `find_path`: pointer int32 [all columns + 1, pes], column int64 [columns], begin int32 [columns,
    pes].
    """
    for k in range(begin.shape[1]):
        freed = begin[i - slots, k] + 1 if slots > 0 else _end(pointer, column, begin, i - 1, k) - 1
        if freed == sent:
            return k
    return -1


@njit(cache=True)
def find_end(pointer, column, stall, slots, absent, earlier):  # type: ignore[no-untyped-def]
    """The cycle after the PEs' last slice and that of the last broadcast, with one PE (-1: none) without an entry.

    The recurrence of `simulator.hardware.column_broadcast`. pointer int32 [all columns + 1, pes]; column int64 and
    stall int32 [columns]; earlier: cycles by which each broadcast but the first may come earlier than a cycle after the
    one before it.
    """
    latest, end = np.zeros(column.size, np.int64), np.zeros(pointer.shape[1], np.int64)
    sent = 0
    for i in range(column.size):
        free = 0
        if slots == 0:
            free = end.max() - 1
        elif i >= slots:
            free = latest[i - slots] + 1
        sent = max(free, (sent + 1 - earlier if i else 0) + stall[i])
        j, last = column[i], 0
        for k in range(end.size):
            start = max(sent + 1, end[k])
            last = max(last, start)
            end[k] = start + (1 if k == absent else max(1, pointer[j + 1, k] - pointer[j, k]))
        latest[i] = last
    return end.max(), sent
