"""The cycles of the parts of a slot, for ESE's engine."""

from typing import NamedTuple

import numpy as np
from numba import njit

from simulator.hardware.dram.engine.bulk import count_hits, refill
from simulator.hardware.dram.engine.scheduler import clock_of, cycle_of, push, wait
from simulator.hardware.dram.engine.state import (
    ADDRESS,
    CHANNEL,
    CLOCK,
    NONE,
    PUSHED,
    READING,
    RUN,
    STEP,
    initial_state,
)
from simulator.machines.ese.arch import Arch, bursts


class Product(NamedTuple):
    """The cycles in which a product's columns are broadcast and served, counted from the slot's first."""

    broadcast: np.ndarray  # int32 [columns]
    begin: np.ndarray  # int32 [columns, pes]: the cycle in which a PE begins to serve a column
    end: np.ndarray  # int32 [pes]: the cycle after a PE's last slice
    padding: np.ndarray  # int64 [pes]: padding entries
    empty: np.ndarray  # int64 [pes]: slices without an entry


class Computation(NamedTuple):
    """The cycles of a slot's computation, which does not depend on memory."""

    product: Product | None
    product_cycles: int
    assemble_cycles: int
    element_cycles: int

    @property
    def cycles(self) -> int:
        """Of the whole computation."""
        return max(self.product_cycles, self.assemble_cycles, self.element_cycles)


class Delivery(NamedTuple):
    """The lines that a memory channel delivers in a slot; cycles count from the slot's first."""

    requested: np.ndarray  # int64 [lines]: the cycle in which each line is requested; empty without a DRAM
    last: int  # the cycle after the last line has entered the FIFO
    full: np.ndarray  # int64 [times, 2]: begin and end of the times in which the FIFO is full and no line on its way
    cycles: int  # until the last line is in the buffer

    @property
    def stalled(self) -> int:
        """Cycles in which the channel waits for the FIFO."""
        return int((self.full[:, 1] - self.full[:, 0]).sum())


class Timing(NamedTuple):
    """A slot of a time step: it lasts as long as the longest of its parts."""

    work: Computation
    weights: Delivery
    vectors: Delivery

    @property
    def cycles(self) -> int:
        """Of the slot."""
        return max(self.work.cycles, self.weights.cycles, self.vectors.cycles)


class MemoryChannel:
    """A memory channel: lines go through a FIFO; the last lines of a slot, those of x, take a narrow path after it."""

    def __init__(self, arch: Arch):
        self.arch = arch
        self.narrow_cycles = arch.line_bits // arch.input_path_bits
        self.bursts = bursts(arch)
        self.state = None if arch.dram is None else initial_state(arch.dram, self.bursts * arch.fifo_lines)

    def deliver(self, lines: np.ndarray, narrow: int, begin: int) -> Delivery:
        """Deliver lines, int64 [lines], the last `narrow` of them x, in a slot that begins in the cycle `begin`."""
        if lines.size == 0:
            return Delivery(np.zeros(0, np.int64), 0, np.zeros((0, 2), np.int64), 0)
        wide, depth = lines.size - narrow, self.arch.fifo_lines
        taken, full = np.zeros(lines.size, np.int64), np.zeros((lines.size, 2), np.int64)
        if self.state is None:
            last, done = _fetch_at_rate(wide, self.arch.line_cycles, self.narrow_cycles, depth, taken, full)
        else:
            given = wide, self.narrow_cycles, depth, self.bursts
            last, done = _fetch(self.arch.dram, self.state, lines, *given, begin, taken, full)
        requested = full[:0, 1] if self.state is None else full[:, 1]
        return Delivery(requested, int(last), full[full[:, 1] > full[:, 0]], int(done))


@njit(cache=True, nogil=True)
def _fetch_at_rate(wide, line_cycles, narrow_cycles, depth, taken, full):  # type: ignore[no-untyped-def]
    """Fetch a line every `line_cycles`, pushed into the FIFO of `depth` lines in the last of them.

    The first `wide` lines take a cycle from the FIFO to the buffer, the others `narrow_cycles`. Sets taken int64
    [lines], the cycle in which a line leaves the FIFO, and full int64 [lines, 2], begin and end of waiting for a slot.
    Returns the cycles in which all lines are in the FIFO and in the buffer.
    """
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
def _fetch(dram, state, lines, wide, narrow_cycles, depth, bursts, begin, taken, full):  # type: ignore[no-untyped-def]
    """Request the bursts of each line in the cycle after the FIFO has a free slot for it.

    state: int64 [rows, COLUMNS] and int64 [remembered], a DRAM's `State`, changed in place; lines int64 [lines]; taken
    int64 [lines], in cycles of the run, and full int64 [lines, 2], in cycles of the slot, are set. Returns the cycles
    of the slot, which begins in `begin`, in which all lines are in the FIFO and in the buffer.
    """
    first, arrived, done, i, known = 0, begin, begin, 0, state.done
    while i < lines.size + depth:
        ready = i - depth
        if 0 <= ready < lines.size:
            for ticket in range(first + bursts * ready, first + bursts * (ready + 1)):
                end = known[ticket % known.size]
                if end == NONE:
                    end = wait(dram, state, ticket)
                if end * dram.tck_ps > arrived * dram.core_ps:  # comparing needs no division
                    arrived = cycle_of(dram, end)
            taken[ready] = max(arrived, done)
            done = taken[ready] + (1 if ready < wide else narrow_cycles)
            if ready + 1 < lines.size:
                full[ready + 1, 0] = arrived - begin
        if i < lines.size:
            requested = begin if ready < 0 else taken[ready] + 1
            for burst in range(bursts):
                ticket = push(dram, state, bursts * lines[i] + burst, READING, clock_of(dram, requested))
                first = ticket - bursts * i - burst
            full[i, 1] = requested - begin
            # in a FIFO no longer than the queue, a line waits for data of a request that is still in the full queue
            if bursts == 1 and state.table[CHANNEL, RUN] >= dram.queue and depth > dram.queue:
                given = wide, narrow_cycles, depth, begin, taken, full
                i, arrived, done = _fetch_hits(dram, state, lines, i, arrived, done, *given)
        i += 1
    return arrived - begin, done - begin


@njit(cache=True, nogil=True)
def _fetch_hits(dram, state, lines, i, arrived, done, wide, narrow_cycles, depth, begin, taken, full):  # type: ignore[no-untyped-def]
    """Continue `_fetch` after line i for as long as the queue is full of lines of one DRAM row.

    Arguments as in `_fetch`: state, int64 [rows, COLUMNS] and [remembered]; lines, taken int64 [lines]; full int64
    [lines, 2]. Returns the last line that was
    requested, and the new values of `arrived` and `done`.
    """
    table, known = state
    most = min(count_hits(dram, table, lines[i] + 1, READING), lines.size - 1 - i)
    if most <= 0:
        return i, arrived, done
    oldest, clock, step = table[CHANNEL, PUSHED] - dram.queue, table[CHANNEL, CLOCK], table[ADDRESS, STEP]
    served, awaited = oldest % known.size, (oldest + dram.queue - depth) % known.size
    count, latency = 0, dram.cl + dram.bl
    while count < most and lines[i + count + 1] == lines[i + count] + 1:
        line = i + count + 1
        ready, requested, newest, free = line - depth, begin, arrived, done
        if ready >= 0:
            end = known[awaited]
            if end * dram.tck_ps > arrived * dram.core_ps:  # comparing needs no division
                newest = cycle_of(dram, end)
            requested = max(newest, done) + 1
            free = requested - 1 + (1 if ready < wide else narrow_cycles)
        if requested * dram.core_ps > (clock + 1) * dram.tck_ps:  # the queue has room before the line is requested
            break
        if ready >= 0:
            taken[ready], full[ready + 1, 0] = requested - 1, newest - begin
        full[line, 1] = requested - begin
        known[served] = clock + latency
        served = served + 1 if served + 1 < known.size else 0
        awaited = awaited + 1 if awaited + 1 < known.size else 0
        arrived, done, clock, count = newest, free, clock + step, count + 1
    if count > 0:
        refill(dram, table, known, count)
    return i + count, arrived, done
