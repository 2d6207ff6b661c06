"""Numbers that change over time: how full queues are, how much was broadcast."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from simulator.core.machine import Queue, Track


class Counter(NamedTuple):
    """A number from each of `cycles` on; a value is told where it differs from the one before."""

    name: str
    kind: str  # the group of tracks in which it stands
    unit: str
    cycles: np.ndarray  # int64, ascending
    values: np.ndarray  # int64


QUEUES = "queues"
"""The group of the queues' counters."""


def fill_counters(queues: Sequence[Queue], window: tuple[int, int], width: int) -> list[Counter]:
    """How many slots of each queue are in use, at every change (width 1) or when every `width` cycles begin."""
    found = []
    for queue in queues:
        changes = np.concatenate([queue.pushes, queue.pops]) + 1
        cycles = _sample(changes, window, width)
        found.append(_change(Counter(queue.name, QUEUES, "slots in use", cycles, queue.held(cycles))))
    return found


def broadcast_counters(
    tracks: Sequence[Track], trace: np.ndarray, window: tuple[int, int], width: int
) -> list[Counter]:
    """What each unit with a letter BROADCAST has sent since cycle 0. trace: uint8 [units, cycles from 0 on]."""
    found = []
    for track, row in zip(tracks, trace, strict=True):
        if "BROADCAST" in track.letters.__members__ and track.letters["BROADCAST"] in track.working:
            sent = np.flatnonzero(row == ord(track.letters["BROADCAST"]))
            cycles = _sample(sent + 1, window, width)
            told = np.searchsorted(sent, cycles)
            found.append(_change(Counter(f"broadcasts of {track.name}", track.kind, "sent", cycles, told)))
    return found


def _sample(changes: np.ndarray, window: tuple[int, int], width: int) -> np.ndarray:
    """The cycles at which to look: the window's first, then each with a change or each `width`-th."""
    first, last = window
    if width > 1:
        return np.arange(first, last, width, dtype=np.int64)
    inside = changes[(changes > first) & (changes < last)]
    return np.concatenate([[first], np.unique(inside)]).astype(np.int64)


def _change(counter: Counter) -> Counter:
    """Without the values that equal the one before."""
    kept = np.append(True, counter.values[1:] != counter.values[:-1])
    return counter._replace(cycles=counter.cycles[kept], values=counter.values[kept])
