"""How long the parts of a slot take on ESE, as the engine finds it."""

from typing import NamedTuple

import numpy as np
from numba import njit

from simulator.hardware.dram.engine.bulk import hits, oldest_ticket, refill
from simulator.hardware.dram.engine.scheduler import clock_of, cycle_of, push, wait
from simulator.hardware.dram.engine.state import CHANNEL, CLOCK, fresh
from simulator.machines.ese.arch import Arch, bursts


class Product(NamedTuple):
    """When a product's columns are broadcast and served, from the slot's begin on."""

    broadcast: np.ndarray  # int32 [columns]
    begin: np.ndarray  # int32 [columns, pes]
    end: np.ndarray  # int32 [pes]: the cycle after a PE's last slice
    padding: np.ndarray  # int64 [pes]: padding entries
    empty: np.ndarray  # int64 [pes]: slices without an entry


class Work(NamedTuple):
    """How long a slot's computation takes; it knows nothing of memory."""

    product: Product | None
    product_cycles: int
    assemble_cycles: int
    element_cycles: int

    @property
    def cycles(self) -> int:
        """Of all that is computed."""
        return max(self.product_cycles, self.assemble_cycles, self.element_cycles)


class Delivery(NamedTuple):
    """What a memory channel delivers in a slot, from the slot's begin on."""

    asked: np.ndarray  # int64 [lines]: when each line was asked for; without a DRAM, not told
    last: int  # the cycle after the last line is in the FIFO
    full: np.ndarray  # int64 [times, 2]: from when to when the FIFO has no room and no line is on its way
    cycles: int  # until the last line is in the buffer

    @property
    def stalled(self) -> int:
        """Cycles in which the channel waits for the FIFO."""
        return int((self.full[:, 1] - self.full[:, 0]).sum())


class Timing(NamedTuple):
    """A slot of a time step: it lasts as long as the longest of its parts."""

    work: Work
    weights: Delivery
    vectors: Delivery

    @property
    def cycles(self) -> int:
        """Of the slot."""
        return max(self.work.cycles, self.weights.cycles, self.vectors.cycles)


class Memory:
    """A memory channel: lines through a FIFO; a slot's last ones, those of x, take a narrow path behind it."""

    def __init__(self, arch: Arch):
        self.arch = arch
        self.narrow_cycles = arch.line_bits // arch.input_path_bits
        self.bursts = bursts(arch)
        self.state = None if arch.dram is None else fresh(arch.dram, self.bursts * arch.fifo_lines)

    def deliver(self, places: np.ndarray, narrow: int, begin: int) -> Delivery:
        """Deliver lines, the last `narrow` of which are x, in a slot that begins in the cycle `begin`."""
        if places.size == 0:
            return Delivery(np.zeros(0, np.int64), 0, np.zeros((0, 2), np.int64), 0)
        wide, depth = places.size - narrow, self.arch.fifo_lines
        taken, full = np.zeros(places.size, np.int64), np.zeros((places.size, 2), np.int64)
        if self.state is None:
            last, done = _deliver(wide, self.arch.line_cycles, self.narrow_cycles, depth, taken, full)
        else:
            given = wide, self.narrow_cycles, depth, self.bursts
            last, done = _read(self.arch.dram, self.state, places, *given, begin, taken, full)
        asked = full[:0, 1] if self.state is None else full[:, 1]
        return Delivery(asked, last, full[full[:, 1] > full[:, 0]], done)


@njit(cache=True, nogil=True)
def _deliver(wide, line_cycles, narrow_cycles, depth, taken, full):  # type: ignore[no-untyped-def]
    """A line each `line_cycles`, into the FIFO in the last of them. Returns when all are in the FIFO, in the buffer."""
    done = sent = 0
    for i in range(taken.size):
        full[i, 0] = sent + line_cycles - 1
        sent += line_cycles
        if i >= depth:
            sent = max(sent, taken[i - depth] + 2)
        full[i, 1] = sent - 1
        taken[i] = max(sent, done)
        done = taken[i] + (1 if i < wide else narrow_cycles)
    return sent, done


@njit(cache=True, nogil=True)
def _read(dram, state, places, wide, narrow_cycles, depth, bursts, begin, taken, full):  # type: ignore[no-untyped-def]
    """Ask for a line's bursts when the FIFO has a slot for it, which is free in the cycle after a line left it.

    Returns when all are in the FIFO, in the buffer; all from `begin` on.
    """
    first, there, done, i = 0, begin, begin, 0
    while i < places.size + depth:
        ready = i - depth
        if 0 <= ready < places.size:
            for ticket in range(first + bursts * ready, first + bursts * (ready + 1)):
                there = max(there, cycle_of(dram, wait(dram, state, ticket)))
            taken[ready] = max(there, done)
            done = taken[ready] + (1 if ready < wide else narrow_cycles)
            if ready + 1 < places.size:
                full[ready + 1, 0] = there - begin
        if i < places.size:
            asked = begin if ready < 0 else taken[ready] + 1
            for burst in range(bursts):
                ticket = push(dram, state, bursts * places[i] + burst, 0, clock_of(dram, asked))
                first = ticket - bursts * i - burst
            full[i, 1] = asked - begin
            if bursts == 1 and i & 3 == 3 and depth >= dram.queue:  # often enough
                given = wide, narrow_cycles, depth, begin, taken, full
                i, there, done = _read_hits(dram, state, places, i, there, done, *given)
        i += 1
    return there - begin, done - begin


@njit(cache=True, nogil=True)
def _read_hits(dram, state, places, i, there, done, wide, narrow_cycles, depth, begin, taken, full):  # type: ignore[no-untyped-def]
    """`_read` goes on behind line i for as long as the queue stays full of lines of one row; the last line's state."""
    table, known = state
    most = min(hits(dram, table, places[i] + 1, 0), places.size - 1 - i)
    if most <= 0:
        return i, there, done
    oldest, clock = oldest_ticket(dram, table), table[CHANNEL, CLOCK]
    first, count = oldest + dram.queue - 1 - i, 0
    while count < most and places[i + count + 1] == places[i + count] + 1:
        line = i + count + 1
        ready, asked, came, free = line - depth, begin, there, done
        if ready >= 0:
            came = max(there, cycle_of(dram, known[(first + ready) % known.size]))
            asked = max(came, done) + 1
            free = asked - 1 + (1 if ready < wide else narrow_cycles)
        if clock_of(dram, asked) > clock + 1:  # the queue has room before it is asked for
            break
        if ready >= 0:
            taken[ready], full[ready + 1, 0] = asked - 1, came - begin
        full[line, 1] = asked - begin
        known[(oldest + count) % known.size] = clock + dram.cl + dram.bl
        there, done, clock, count = came, free, clock + dram.ccd_l, count + 1
    if count > 0:
        refill(dram, table, known, count, 0)
    return i + count, there, done
