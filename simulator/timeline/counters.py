"""Numbers that change over time: slots in use of each queue, broadcasts sent so far."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from simulator.core.machine import Queue, Track


class Counter(NamedTuple):
    """A number over time: `values[i]` holds from `cycles[i]` on. Neighbouring values differ."""

    name: str
    kind: str  # the group of tracks that shows it
    unit: str
    cycles: np.ndarray  # int64 [changes], ascending
    values: np.ndarray  # int64 [changes]


QUEUES = "queues"
"""The group that shows the counters of queues."""


def fill_counters(queues: Sequence[Queue], window: tuple[int, int], width: int) -> list[Counter]:
    """Slots in use of each queue over time.

    window: the first cycle, and the one after the last. width: values are taken at every change (1), else every `width`
    cycles.
    """
    found = []
    for queue in queues:
        changes = np.concatenate([queue.pushes, queue.pops]) + 1
        cycles = _sample(changes, window, width)
        found.append(_change(Counter(queue.name, QUEUES, "slots in use", cycles, queue.held(cycles))))
    return found


def broadcast_counters(
    tracks: Sequence[Track], trace: np.ndarray, window: tuple[int, int], width: int
) -> list[Counter]:
    """Broadcasts since cycle 0 of each unit whose letters have a working BROADCAST.

    trace: uint8 [units, cycles], from cycle 0 on. window, width: as in `fill_counters`.
    """
    found = []
    for track, row in zip(tracks, trace, strict=True):
        if "BROADCAST" in track.letters.__members__ and track.letters["BROADCAST"] in track.working:
            sent = np.flatnonzero(row == ord(track.letters["BROADCAST"]))
            cycles = _sample(sent + 1, window, width)
            so_far = np.searchsorted(sent, cycles)
            found.append(_change(Counter(f"broadcasts of {track.name}", track.kind, "sent", cycles, so_far)))
    return found


def _sample(changes: np.ndarray, window: tuple[int, int], width: int) -> np.ndarray:
    """The cycles to sample at, int64: the window's first, then each with a change (width 1) or each `width`-th."""
    first, last = window
    if width > 1:
        return np.arange(first, last, width, dtype=np.int64)
    inside = changes[(changes > first) & (changes < last)]
    return np.concatenate([[first], np.unique(inside)]).astype(np.int64)


def _change(counter: Counter) -> Counter:
    """The counter without values that equal their predecessor."""
    kept = np.append(True, counter.values[1:] != counter.values[:-1])
    return counter._replace(cycles=counter.cycles[kept], values=counter.values[kept])
