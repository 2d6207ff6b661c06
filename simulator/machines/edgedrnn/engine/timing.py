"""When the columns of a layer come and go: a recurrence over what was sent, without any value."""

from typing import NamedTuple

import numpy as np
from numba import njit

from simulator.machines.edgedrnn.arch import Arch, activation_cycles
from simulator.machines.edgedrnn.layout.streams import LayerStream

NEVER = -(1 << 60)


class LayerTiming(NamedTuple):
    """A layer in one time step; cycles count from its first."""

    entry: np.ndarray  # int64 [entries]: the element of each entry of the list
    is_change: np.ndarray  # bool [entries]
    push: np.ndarray  # int64 [entries]: cycle in which the entry goes into the list
    pop: np.ndarray  # int64 [entries]: cycle in which the PEs take it out
    request: np.ndarray  # int64 [entries]: cycle in which its column is requested; of a mark: 0
    begin: np.ndarray  # int64 [entries]: first cycle of its column's first beat, or of the mark
    end: np.ndarray  # int64 [entries]: the cycle after its last
    stalled: int  # cycles in which the encoder waited for the list
    cycles: int  # of the layer


def time_layer(arch: Arch, layer: LayerStream, changed: np.ndarray) -> LayerTiming:
    """The cycles of a layer that sends the elements `changed`, bool [1 + inputs + cells]."""
    wanted = changed.copy()
    wanted[[layer.inputs, -1]] = True
    entry = np.flatnonzero(wanted)
    return time_entries(arch, layer, entry, changed[entry], nominal_pushes(arch, layer, entry))


def time_entries(
    arch: Arch, layer: LayerStream, entry: np.ndarray, is_change: np.ndarray, nominal: np.ndarray
) -> LayerTiming:
    """The cycles of a layer with these entries, int64 [entries], is_change bool [entries].

    nominal int64 [entries]: when each would be pushed if the list were never full.
    """
    times = np.zeros((5, len(entry)), np.int64)
    spent = spent_cycles(arch, layer, entry, is_change)
    stalled = int(_entries(nominal, is_change, spent, arch.list_depth, arch.fetch_cycles, times))
    cycles = int(times[4, -1]) + arch.pipeline_cycles + activation_cycles(arch, layer.cells)
    push, pop, request, begin, end = times
    return LayerTiming(entry, is_change, push, pop, request, begin, end, stalled, cycles)


def nominal_pushes(arch: Arch, layer: LayerStream, entry: np.ndarray) -> np.ndarray:
    """When entries, int64 [entries], are pushed if the list is never full: int64 [entries]."""
    found: np.ndarray = arch.encoder_cycles + entry + np.where(entry > layer.inputs, arch.phase_cycles, 0)
    return found


def spent_cycles(arch: Arch, layer: LayerStream, entry: np.ndarray, is_change: np.ndarray) -> np.ndarray:
    """Cycles of the PEs, int64 [entries]: the beats of changes, a cycle of other entries; shapes as `time_entries`."""
    return np.where(is_change, layer.beats[entry] * arch.beat_cycles, 1)


@njit(cache=True)
def _entries(nominal, is_change, spent, depth, fetch, times):  # type: ignore[no-untyped-def]
    """Fill `times`, int64 [5, entries]: push, pop, request, begin and end of each. Returns the encoder's wait.

    nominal int64 [entries]: when each would be pushed if the list were never full; is_change bool [entries]; spent
    int64 [entries]: cycles of the PEs.
    """
    push, pop, request, begin, end = times
    stalled, free, last_beat = np.int64(0), np.int64(0), np.int64(NEVER)
    for n in range(nominal.size):
        push[n] = nominal[n] + stalled
        if n >= depth and push[n] <= pop[n - depth]:
            stalled += pop[n - depth] + 1 - push[n]
            push[n] = pop[n - depth] + 1
        pop[n] = max(free, push[n] + 1)
        begin[n] = pop[n]
        if is_change[n]:
            request[n] = max(push[n] + 1, last_beat)
            begin[n] = max(pop[n], request[n] + fetch)
            last_beat = begin[n] + spent[n] - 1
        end[n] = free = begin[n] + spent[n]
    return stalled
