"""What is seen of the circuit's wires, cycle by cycle, and the counts and letters that it comes to."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from simulator.machines.eie.arch import ControlLetter, PeLetter
from simulator.machines.eie.circuit.sizes import Sizes

LAG = 2
"""Cycles from the model's cycle of an entry to that in which the circuit decodes it."""


class Observed(NamedTuple):
    """Events of the circuit that the model counts too: int64 [1] for the control, [pes] for the others."""

    broadcasts: np.ndarray
    pointer_reads: np.ndarray
    spmat_row_reads: np.ndarray
    entries: np.ndarray
    padding: np.ndarray


class Nothing(NamedTuple):
    """The circuit has no record of reasons; the letters of the trace are compared."""


class Wires(NamedTuple):
    """The wires that are seen, uint8 [pes, cycles], and of the control [cycles]: 1 in cycles in which they are set."""

    slot: np.ndarray  # the decoding stage has a cycle of a slice
    entry: np.ndarray  # with an entry
    weighs: np.ndarray  # of a weight
    row: np.ndarray  # a row of the sparse-matrix SRAM is read
    pop: np.ndarray  # the pointers of a column are read
    push: np.ndarray  # the control broadcasts
    stopped: np.ndarray  # it would, but a queue is full
    scanned: np.ndarray  # it has nothing left to do


def split(sizes: Sizes, seen: Sequence[int]) -> Wires:
    """Take the words that were seen apart: 5 bits of each PE, then 3 of the control, from the lowest bit."""
    width, cycles = 5 * sizes.pes + 3, len(seen)
    packed = b"".join(word.to_bytes(width // 8 + 1, "little") for word in seen)
    bits = np.unpackbits(np.frombuffer(packed, np.uint8).reshape(cycles, -1), axis=1, bitorder="little")[:, :width]
    of_pes = bits[:, : 5 * sizes.pes].reshape(cycles, sizes.pes, 5).transpose(2, 1, 0)
    return Wires(*of_pes, *bits[:, 5 * sizes.pes :].T)


def observe(wires: Wires) -> tuple[Observed, np.ndarray]:
    """Counts, and the letters of every unit, uint8 [pes + 1, cycles]."""
    slot, entry, weighs, row, pop, push, stopped, scanned = wires
    pes, cycles = slot.shape
    trace = np.empty((pes + 1, cycles), np.uint8)
    for k in range(pes):
        letters = _choose(
            (weighs[k], PeLetter.MULTIPLY),
            (entry[k], PeLetter.PADDING),
            (slot[k], PeLetter.EMPTY_SLICE),
            (True, PeLetter.STARVED),
        )
        busy = np.flatnonzero(slot[k])
        letters[busy[-1] + 1 if busy.size else 0 :] = ord(PeLetter.FINISHED)
        trace[k] = np.append(letters[LAG:], np.full(min(LAG, cycles), ord(PeLetter.FINISHED)))
    trace[-1] = _choose(
        (push, ControlLetter.BROADCAST),
        (stopped, ControlLetter.QUEUE_FULL),
        (scanned, ControlLetter.IDLE),
        (np.ones(cycles), ControlLetter.SCAN),
    )
    padding = entry & ~weighs
    broadcasts = np.array([push.sum(dtype=np.int64)])
    counts = Observed(broadcasts, *(events.sum(axis=1, dtype=np.int64) for events in (pop, row, entry, padding)))
    return counts, trace


def _choose(*cases: tuple[object, str]) -> np.ndarray:
    """The letter of the first case that is true, uint8 [cycles]: every case but the last is bool [cycles]."""
    return np.select([np.asarray(when, bool) for when, _ in cases], [np.uint8(ord(letter)) for _, letter in cases])
