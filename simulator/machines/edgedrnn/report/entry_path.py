"""The longest path through the list of a layer of EdgeDRNN in one time step, and how much later each entry may end."""

from typing import NamedTuple

import numpy as np
from numba import njit

from simulator.machines.edgedrnn.arch import Arch
from simulator.machines.edgedrnn.engine.timing import LayerTiming, nominal_pushes, spent_cycles
from simulator.machines.edgedrnn.layout.streams import LayerStream

SCAN, FULL, HAND_OVER, FETCH, BEATS, MARK = range(6)
NAMES = ("scan", "list", "hand-over", "latency", "beats", "end mark")
"""Of the parts of a path."""
SCAN_SLACK, LIST_SLACK, FETCH_SLACK = range(3)


class EntryPath(NamedTuple):
    """What decides when the last entry of a layer ends; cycles count from the layer's first."""

    begin: np.ndarray  # int64 [parts], from 0 on; the last part ends with the last entry
    what: np.ndarray  # int64 [parts]: places in `NAMES`
    entry: np.ndarray  # int64 [parts]: the entry that each is of
    slack: np.ndarray  # int64 [entries]: cycles by which each alone may take longer
    limits: np.ndarray  # int64 [3]: by which any step of the scan, any place of the list, any fetch may


def entry_path(arch: Arch, layer: LayerStream, timing: LayerTiming) -> EntryPath:
    """The path and slack of a layer in a time step."""
    times = np.stack([timing.push, timing.pop, timing.request, timing.begin, timing.end])
    nominal = nominal_pushes(arch, layer, timing.entry)
    spent = spent_cycles(arch, layer, timing.entry, timing.is_change)
    given = nominal, timing.is_change, spent, arch.list_depth, arch.fetch_cycles, times
    found, slack = np.zeros((5 * len(nominal) + 1, 3), np.int64), np.zeros(len(nominal), np.int64)
    begin, what, entry = found[: _find_path(*given, found)][::-1].T
    limits = np.full(3, np.iinfo(np.int64).max)
    _find_slack(*given, slack, limits)
    return EntryPath(begin, what, entry, slack, limits)


@njit(cache=True)
def _find_path(nominal, is_change, spent, depth, fetch, times, found):  # type: ignore[no-untyped-def]  # noqa: ARG001
    """Fill `found`, int64 [parts, 3]: first cycle, kind and entry of each part, the last first. Returns their number.

    nominal int64 [entries], is_change bool [entries], spent int64 [entries], times int64 [5, entries] as `time_layer`
    has them.
    """
    push, pop, request, begin, end = times
    before = np.full(push.size, -1)  # int64 [entries]: the last change before each
    for n in range(1, push.size):
        before[n] = n - 1 if is_change[n - 1] else before[n - 1]
    count, n, is_popped = 0, push.size - 1, False
    while True:
        at_pop = is_popped  # the path goes through the pop of n, not through its end
        is_popped = False
        if not at_pop:
            found[count] = begin[n], BEATS if is_change[n] else MARK, n
            count += 1
            if begin[n] > pop[n]:
                found[count] = request[n], FETCH, n
                count += 1
                if request[n] > push[n] + 1:
                    n = before[n]
                    continue
        if (at_pop or begin[n] == pop[n]) and n and end[n - 1] > push[n]:
            n -= 1
            continue
        found[count] = push[n], HAND_OVER, n
        count += 1
        while n and not is_popped:
            if push[n] > push[n - 1] + nominal[n] - nominal[n - 1]:
                found[count] = pop[n - depth], FULL, n
                n, is_popped = n - depth, True
            else:
                found[count] = push[n - 1], SCAN, n
                n -= 1
            count += 1
        if not is_popped:
            found[count] = 0, SCAN, 0
            return count + 1


@njit(cache=True)
def _find_slack(nominal, is_change, spent, depth, fetch, times, slack, limits):  # type: ignore[no-untyped-def]
    """Fill `slack`, int64 [entries], and `limits`, int64 [3]; the others are those of `_find_path`.

    `after` holds the cycles from a push, pop or request until the last entry ends, at least; `rest` those from an end.
    """
    push, pop, request, _, end = times
    count, total, next_request = push.size, end[-1], np.int64(-1)
    after_push, after_pop, rest = np.zeros(count, np.int64), np.zeros(count, np.int64), np.zeros(count, np.int64)
    for n in range(count - 1, -1, -1):
        rest[n] = after_pop[n + 1] if n + 1 < count else 0
        if is_change[n] and next_request >= 0:
            rest[n] = max(rest[n], next_request - 1)
        slack[n] = total - end[n] - rest[n]
        from_begin = spent[n] + rest[n]
        after_pop[n] = from_begin
        if n + depth < count:
            limits[LIST_SLACK] = min(limits[LIST_SLACK], total - pop[n] - 1 - after_push[n + depth])
            after_pop[n] = max(from_begin, 1 + after_push[n + depth])
        after_push[n] = 1 + after_pop[n]
        if is_change[n]:
            next_request = fetch + from_begin
            after_push[n] = max(after_push[n], 1 + next_request)
            limits[FETCH_SLACK] = min(limits[FETCH_SLACK], total - request[n] - next_request)
        if n + 1 < count:
            step = nominal[n + 1] - nominal[n] + after_push[n + 1]
            limits[SCAN_SLACK] = min(limits[SCAN_SLACK], total - push[n] - step)
            after_push[n] = max(after_push[n], step)
    limits[SCAN_SLACK] = min(limits[SCAN_SLACK], total - nominal[0] - after_push[0])
