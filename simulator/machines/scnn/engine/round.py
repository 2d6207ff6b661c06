"""The compiled part of the engine: one round, from barrier to barrier.

A step's products are counted by bank. A vector of weights is stored as its number of weights by bank, twice in a row:
an activation shifts all banks by its summand of the bank, so its products by bank are found at an offset in that array.
The queues of all banks are processed together (see `bank_queues`).
"""

import numpy as np
from numba import njit

from simulator.machines.scnn.arch import ChannelLetter, PeLetter
from simulator.machines.scnn.engine.bank_queues import LANES, QUAD, add_activations, drain, push_over_cycles
from simulator.machines.scnn.engine.weight_buffer import (
    HAS_DRAM,
    SENT,
    arrival_cycle,
    count_broadcast,
    path_ready,
    release,
)

STALL, STARVED = ord(PeLetter.BANK_STALL), ord(PeLetter.STARVED)
FETCH, FIFO_FULL, BROADCAST = ord(ChannelLetter.FETCH), ord(ChannelLetter.FIFO_FULL), ord(ChannelLetter.BROADCAST)
NOW, STEPS, STALLED, WAITED, VECTORS, ENTRIES, MULTIPLIES, DROPPED = range(8)
"""Columns of `totals`, a row for each PE. NOW: its current cycle. WAITED: cycles without weights. DROPPED: the cycle
after it last dropped weights without using them."""


@njit(cache=True, nogil=True)
def simulate_round(  # type: ignore[no-untyped-def]
    sizes, weights, inputs, first_weights, first_inputs, queue, totals, channel, trace, sent, arrivals, buffer
):
    """Simulate a round: its blocks by phase and channel, in parts that the weight FIFO holds.

    sizes, weights, inputs: `Sizes`, `WeightBlocks`, `ActivationBlocks`; buffer: a `WeightBuffer`. first_weights int64
    [phases], first_inputs int64 [phases, pes]: their first blocks. queue uint16 [pes + 2, lanes, LANES]: the PEs'
    queues, a scratch row for a step's products, and a mask of the existing banks. totals int64 [pes, 8], channel int64
    [6]: added to. trace uint8 [pes + 1, cycles or 0]: letters other than "multiply" are written. sent int64 [vectors]:
    set to the cycles of the broadcasts. arrivals int64 [vectors]: the cycles in which vectors have arrived from DRAM;
    set if the buffer has a DRAM.
    """
    lanes, most = queue.shape[1], min(sizes.fifo, _longest(weights, first_weights, sizes))
    rows = np.zeros((most, 2 * sizes.banks + lanes * LANES), np.uint16)
    usable, freed = np.zeros(most, np.int64), np.zeros(sizes.fifo, np.int64)
    for phase in range(first_weights.size):
        for c in range(sizes.channels):
            begin, end = weights.start[first_weights[phase] + c], weights.start[first_weights[phase] + c + 1]
            while begin < end:
                stop = min(end, begin + sizes.fifo * sizes.weights)
                nonzero = count_by_bank(sizes, weights, begin, stop, rows)
                vectors = -(-(stop - begin) // sizes.weights)
                span, size = slice(channel[SENT], channel[SENT] + vectors), stop - begin
                _broadcast(
                    sizes, freed, channel, trace[-1], usable[:vectors], sent[span], arrivals[span], buffer, begin, size
                )
                blocks, part = first_inputs[phase] + c, rows[:vectors]
                _run_pes(sizes, inputs, blocks, part, size, nonzero, usable, freed, channel, queue, totals, trace)
                channel[SENT] += vectors
                begin = stop


@njit(cache=True, nogil=True)
def bank_offsets(start, value, bank, width, banks):  # type: ignore[no-untyped-def]
    """The vectors of activations of all blocks, as offsets into the rows of `count_by_bank`.

    start int64 [blocks + 1], value int16 and bank int32 [entries]: of `Blocks`; width: activations in a vector.
    Returns the index of each block's first vector, int64 [blocks + 1]; the offsets, int32 [vectors, width rounded up to
    QUAD]: `banks` less the activation's summand of the bank, or 2 * banks, where rows hold zeros, for a zero or missing
    activation; and the number of non-zeros in each block, int64 [blocks].
    """
    blocks = start.size - 1
    first, nonzero = np.zeros(blocks + 1, np.int64), np.zeros(blocks, np.int64)
    for block in range(blocks):
        first[block + 1] = first[block] - (-(start[block + 1] - start[block]) // width)
    offset = np.full((first[blocks], -(-width // QUAD) * QUAD), 2 * banks, np.int32)
    for block in range(blocks):
        for e in range(start[block], start[block + 1]):
            if value[e] != 0:
                position = e - start[block]
                offset[first[block] + position // width, position % width] = banks - bank[e]
                nonzero[block] += 1
    return first, offset, nonzero


@njit(cache=True, nogil=True)
def _longest(weights, first_weights, sizes):  # type: ignore[no-untyped-def]
    """The number of vectors in the round's longest block of weights.

    weights: a `WeightBlocks`; first_weights int64 [phases]: their first blocks.
    """
    most = 0
    for first in first_weights:
        for block in range(first, first + sizes.channels):
            most = max(most, weights.start[block + 1] - weights.start[block])
    return -(-most // sizes.weights)


@njit(cache=True, nogil=True)
def count_by_bank(sizes, weights, begin, stop, rows):  # type: ignore[no-untyped-def]
    """Count each vector's weights by their summand of the bank, twice in a row; return the number of non-zero weights.

    weights: a `WeightBlocks`, whose entries begin .. stop - 1 are counted; rows uint16 [vectors, 2 * banks +
    lanes * LANES]: set.
    """
    nonzero = 0
    rows[: -(-(stop - begin) // sizes.weights)] = 0
    for e in range(begin, stop):
        if weights.value[e] != 0:
            row, bank = (e - begin) // sizes.weights, weights.bank[e]
            rows[row, bank] += np.uint16(1)
            rows[row, bank + sizes.banks] += np.uint16(1)
            nonzero += 1
    return nonzero


@njit(cache=True, nogil=True)
def _broadcast(sizes, freed, channel, row, usable, sent, arrivals, buffer, before, size):  # type: ignore[no-untyped-def]
    """Broadcast the vectors of a part, each when it has arrived and no FIFO is full.

    The part has `size` weights; `before` weights of the band are broadcast earlier. In and out: freed int64 [fifo], the
    cycle in which the slowest PE dropped the vector of a slot; channel int64 [6]; buffer, a `WeightBuffer`; arrivals
    int64 [vectors]. Out: usable and sent int64 [vectors], the cycles in which a vector can be used and is broadcast;
    row uint8 [cycles or 0], the channel's trace.
    """
    for v in range(usable.size):
        entries = before + min(size, (v + 1) * sizes.weights)
        if buffer.progress[HAS_DRAM]:
            arrivals[v] = arrival_cycle(buffer, entries)
        ready = max(path_ready(channel, sizes.vector_millicycles), arrivals[v])
        slot = (channel[SENT] + v) % sizes.fifo
        now = max(ready, freed[slot] + 1) if channel[SENT] + v >= sizes.fifo else ready
        sent[v], usable[v], freed[slot] = now, now + 1, 0
        if buffer.progress[HAS_DRAM]:
            release(buffer, entries, now)
        begin = count_broadcast(channel, channel[SENT] + v, ready, now)
        if now >= begin:
            _draw(row, begin, ready, FETCH)
            _draw(row, max(ready, begin), now, FIFO_FULL)
            _draw(row, now, now + 1, BROADCAST)


@njit(cache=True, nogil=True)
def _run_pes(sizes, inputs, blocks, rows, size, nonzero, usable, freed, channel, queue, totals, trace):  # type: ignore[no-untyped-def]
    """Simulate every PE for a part of `size` weights, at least one, `nonzero` of them not zero.

    inputs: an `ActivationBlocks`; blocks int64 [pes]: the block of each PE; rows uint16 [vectors, ...]: see
    `count_by_bank`; usable int64 [vectors]; freed int64 [fifo]: set to the cycle in which the slowest PE drops each
    vector; channel int64 [6]; queue, totals and trace as in `simulate_round`.
    """
    vectors, used = rows.shape[0], np.zeros(rows.shape[0], np.int64)
    for pe in range(totals.shape[0]):
        block, total, row = blocks[pe], totals[pe], trace[pe]
        offsets = inputs.offset[inputs.first[block] : inputs.first[block + 1]]
        if offsets.shape[0] == 0:
            until = max(total[NOW], usable[vectors - 1])
            _draw(row, total[NOW], until, STARVED)
            drain(queue[pe], until - total[NOW])
            total[WAITED] += until - total[NOW]
            total[NOW] = until
            total[DROPPED] = until + 1
            used[:] = until
        else:
            now, waited, stalled = _run_steps(
                rows, offsets, sizes.depth, usable, total[NOW], used, queue[pe], queue[-2], queue[-1], row
            )
            total[NOW] = now
            total[WAITED] += waited
            total[STALLED] += stalled
            total[STEPS] += vectors * offsets.shape[0]
            total[VECTORS] += offsets.shape[0]
            total[ENTRIES] += size * (inputs.start[block + 1] - inputs.start[block])
            total[MULTIPLIES] += nonzero * inputs.nonzero[block]
        for v in range(vectors):
            slot = (channel[SENT] + v) % sizes.fifo
            freed[slot] = max(freed[slot], used[v])


@njit(cache=True, nogil=True)
def _run_steps(rows, offsets, depth, usable, now, used, queue, new, mask, row):  # type: ignore[no-untyped-def]
    """Simulate all steps of one PE with a part of a block: each vector of activations with each vector of weights.

    Returns the cycle after the last step, the cycles without weights, and those in which a queue is full. rows uint16
    [vectors, ...]: see `count_by_bank`; offsets int32 [activation vectors, width]: see `bank_offsets`; depth uint16;
    usable int64 [vectors]: the first cycle in which a vector of weights can be used; used int64 [vectors]: set to the
    last cycle in which it was; queue, new, mask uint16 [lanes, LANES]; row uint8 [cycles or 0]: the PE's trace.
    """
    waited = stalled = 0
    for a in range(offsets.shape[0]):
        t0, t1, t2, t3 = offsets[a, 0], offsets[a, 1], offsets[a, 2], offsets[a, 3]
        for v in range(rows.shape[0]):
            if now < usable[v]:
                _draw(row, now, usable[v], STARVED)
                drain(queue, usable[v] - now)
                waited += usable[v] - now
                now = usable[v]
            used[v] = now
            worst = np.uint16(0)
            for lane in range(queue.shape[0]):
                held, fresh, real, at = queue[lane], new[lane], mask[lane], lane * LANES
                r0, r1 = rows[v, t0 + at : t0 + at + LANES], rows[v, t1 + at : t1 + at + LANES]
                r2, r3 = rows[v, t2 + at : t2 + at + LANES], rows[v, t3 + at : t3 + at + LANES]
                for b in range(LANES):
                    fresh[b] = np.uint16(np.uint16(np.uint16(r0[b] + r1[b]) + np.uint16(r2[b] + r3[b])) & real[b])
                    worst = max(worst, np.uint16(held[b] + fresh[b]))
            if offsets.shape[1] > QUAD:
                worst = add_activations(rows[v], offsets[a], queue, new, mask)
            if worst <= depth:
                for lane in range(queue.shape[0]):
                    held, fresh = queue[lane], new[lane]
                    for b in range(LANES):
                        held[b] = np.uint16(max(held[b], np.uint16(1)) - np.uint16(1) + fresh[b])
            else:
                more = push_over_cycles(queue, new, depth)
                _draw(row, now + 1, now + 1 + more, STALL)
                stalled += more
                now += more
            now += 1
    return now, waited, stalled


@njit(cache=True, nogil=True)
def _draw(row, begin, end, letter):  # type: ignore[no-untyped-def]
    """Write a letter for the cycles begin .. end - 1 into a row of the trace, uint8 [cycles or 0]."""
    if row.size and end > begin:
        row[begin:end] = letter
