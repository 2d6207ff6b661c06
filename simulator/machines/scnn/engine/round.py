"""The compiled part of the engine: the time of one round, from barrier to barrier."""

import numpy as np
from numba import njit

from simulator.machines.scnn.arch import ChannelLetter
from simulator.machines.scnn.engine.bank_queues import STARVED, draw, latest_lead, run_steps
from simulator.machines.scnn.engine.bank_vectors import load, splat, store, subtract
from simulator.machines.scnn.engine.operand_vectors import count_by_bank
from simulator.machines.scnn.engine.weight_buffer import (
    HAS_DRAM,
    SENT,
    arrival_cycle,
    count_broadcast,
    path_ready,
    release,
)

FETCH, FIFO_FULL, BROADCAST = (
    np.int64(ord(one)) for one in (ChannelLetter.FETCH, ChannelLetter.FIFO_FULL, ChannelLetter.BROADCAST)
)
NOW, WAITED, DROPPED = range(3)
"""Columns of `times`, a row for each PE: its current cycle; cycles without weights; the cycle after it last dropped
weights without using them."""


@njit(cache=True, nogil=True)
def simulate_round(  # type: ignore[no-untyped-def]
    sizes, weights, inputs, first_weights, first_rows, queues, times, channel, trace, sent, arrivals, buffer
):
    """Simulate a round: its blocks by phase and channel, in parts that the weight FIFO holds.

    sizes, weights, inputs: `Sizes`, `WeightBlocks`, `ActivationBlocks`; buffer: a `WeightBuffer`. first_weights,
    first_rows int64 [phases]: their first blocks, and rows of blocks. queues: `BankQueues`, changed in place. times
    int64 [pes, 3], channel int64 [6]: added to. trace uint8 [pes + 1, cycles or 0]: letters other than "multiply" are
    written. sent int64 [vectors]: set to the cycles of the broadcasts. arrivals int64 [vectors]: the cycles in which
    vectors have arrived from DRAM; set if the buffer has a DRAM.
    """
    most = min(sizes.fifo, _longest(weights, first_weights, sizes))
    rows = np.zeros((most, 2 * sizes.banks + queues.held.shape[1]), queues.held.dtype)
    usable, freed = np.zeros(most, np.int64), np.zeros(sizes.fifo, np.int64)
    for phase in range(first_weights.size):
        for c in range(sizes.channels):
            begin, end = weights.start[first_weights[phase] + c], weights.start[first_weights[phase] + c + 1]
            while begin < end:
                stop = min(end, begin + sizes.fifo * sizes.weights)
                count_by_bank(sizes.weights, sizes.banks, weights, begin, stop, rows)
                vectors = -(-(stop - begin) // sizes.weights)
                span, part = slice(channel[SENT], channel[SENT] + vectors), usable[:vectors]
                _broadcast(sizes, freed, channel, trace, part, sent[span], arrivals[span], buffer, begin, stop)
                row = first_rows[phase] + c
                last = run_pes(sizes, inputs, row, rows[:vectors], part, queues, times, trace)
                for v in range(vectors):
                    freed[(channel[SENT] + v) % sizes.fifo] = last[v]
                channel[SENT] += vectors
                begin = stop


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
def _broadcast(sizes, freed, channel, trace, usable, sent, arrivals, buffer, begin, end):  # type: ignore[no-untyped-def]
    """Broadcast the vectors of a part, each when it has arrived and no FIFO is full.

    The part has the weights begin .. end - 1 of the band. In and out: freed int64 [fifo], the
    cycle in which the slowest PE dropped the vector of a slot; channel int64 [6]; buffer, a `WeightBuffer`; arrivals
    int64 [vectors]. Out: usable and sent int64 [vectors], the cycles in which a vector can be used and is broadcast;
    trace uint8 [pes + 1, cycles or 0]; its last row is the channel's.
    """
    for v in range(usable.size):
        entries = min(end, begin + (v + 1) * sizes.weights)
        if buffer.progress[HAS_DRAM]:
            arrivals[v] = arrival_cycle(buffer, entries)
        ready = max(path_ready(channel, sizes.vector_millicycles), arrivals[v])
        slot = (channel[SENT] + v) % sizes.fifo
        now = max(ready, freed[slot] + 1) if channel[SENT] + v >= sizes.fifo else ready
        sent[v], usable[v] = now, now + 1
        if buffer.progress[HAS_DRAM]:
            release(buffer, entries, now)
        since, unit = count_broadcast(channel, channel[SENT] + v, ready, now), trace.shape[0] - 1
        if now >= since:
            draw(trace, unit, since, ready, FETCH)
            draw(trace, unit, max(ready, since), now, FIFO_FULL)
            draw(trace, unit, now, now + 1, BROADCAST)


@njit(cache=True, nogil=True)
def run_pes(sizes, inputs, row, rows, usable, queues, times, trace):  # type: ignore[no-untyped-def]
    """Simulate every PE for a part of a block of weights; return the last cycle in which each vector is used.

    inputs: an `ActivationBlocks`, whose blocks of `row` are processed; rows uint8 or uint16 [vectors, ...]: see
    `count_by_bank`; usable int64 [vectors]; queues, times and trace as in `simulate_round`. The result is int64
    [vectors].
    """
    (lanes, depth, held), offset, first, vectors = queues, inputs.offset, inputs.first, rows.shape[0]
    last, late = np.zeros(vectors, np.int64), latest_lead(usable)
    for pe in range(sizes.pes):
        now, block = times[pe, NOW], row * sizes.pes + pe
        span, queue = (first[block], first[block + 1]), load(held, pe * held.shape[1], lanes)
        if span[0] == span[1]:
            end = max(now, usable[vectors - 1])
            waited = end - now
            draw(trace, pe, now, end, STARVED)
            queue = subtract(queue, splat(waited, queue))
            times[pe, DROPPED] = end + 1
            for v in range(vectors):
                last[v] = max(last[v], end)
        else:
            queue, end, waited = run_steps(lanes, depth, queue, rows, offset, span, usable, late, now, last, trace, pe)
        store(held, pe * held.shape[1], queue)
        times[pe, NOW] = end
        times[pe, WAITED] += waited
    return last
