"""The compiled part of the engine: one round, from barrier to barrier.

A step's products are counted by bank. A vector of weights is kept as its counts by bank, written down twice, so that
an activation, which moves all of them by its own part of the bank, only has to look at another place. The queues of all
banks are worked on side by side: 16-bit numbers, LANES at a time, a constant, so that they become vector operations.
"""

import numpy as np
from numba import njit

from simulator.machines.scnn.arch import Channel, Pe
from simulator.machines.scnn.engine.weight_buffer import ASKS, SENT, due, free, path, tell

LANES = 32
QUAD = 4
"""Activations are added so many at a time."""
STALL, STARVED = ord(Pe.BANK_STALL), ord(Pe.STARVED)
FETCH, FIFO_FULL, BROADCAST = ord(Channel.FETCH), ord(Channel.FIFO_FULL), ord(Channel.BROADCAST)
NOW, STEPS, STALLED, WAITED, VECTORS, ENTRIES, MULTIPLIES, DROPPED = range(8)
"""What is told of a PE; DROPPED: the cycle after it last dropped weights that it did not use."""


@njit(cache=True, nogil=True)
def simulate_round(  # type: ignore[no-untyped-def]
    numbers, weights, inputs, first_weights, first_inputs, queue, told, channel, lines, sent, dues, feed
):
    """Go through a round's blocks: phase by phase, channel by channel, in parts that the weight FIFO holds.

    first_weights int64 [phases], first_inputs int64 [phases, pes]: their first blocks. queue uint16 [pes + 2, n,
    LANES]: the PEs', room for a step's products, and a mask of the banks that there are.
    told int64 [pes, 8], channel int64 [6]: added to. lines uint8 [pes + 1, cycles or 0]: drawn on where not "multiply".
    sent int64 [vectors]: set to the cycles of the broadcasts. dues int64 [vectors]: when each vector has come out of
    DRAM; set where the feed is to be asked.
    """
    lanes, most = queue.shape[1], min(numbers.fifo, _longest(weights, first_weights, numbers))
    rows = np.zeros((most, 2 * numbers.banks + lanes * LANES), np.uint16)
    arrival, freed = np.zeros(most, np.int64), np.zeros(numbers.fifo, np.int64)
    for phase in range(first_weights.size):
        for c in range(numbers.channels):
            begin, end = weights.start[first_weights[phase] + c], weights.start[first_weights[phase] + c + 1]
            while True:
                stop = min(end, begin + numbers.fifo * numbers.weights)
                some = _spread(numbers, weights, begin, stop, rows)
                vectors = -(-(stop - begin) // numbers.weights)
                place = weights.place[first_weights[phase] + c] + begin - weights.start[first_weights[phase] + c]
                span = slice(channel[SENT], channel[SENT] + vectors)
                _broadcast(
                    numbers,
                    freed,
                    channel,
                    lines[-1],
                    arrival[:vectors],
                    sent[span],
                    dues[span],
                    feed,
                    place,
                    stop - begin,
                )
                blocks, part = first_inputs[phase] + c, rows[:vectors]
                _all_pes(numbers, inputs, blocks, part, stop - begin, some, arrival, freed, channel, queue, told, lines)
                channel[SENT] += vectors
                begin = stop
                if begin >= end:
                    break


@njit(cache=True, nogil=True)
def aim(start, value, bank, width, banks):  # type: ignore[no-untyped-def]
    """Vectors of activations, made once for all rounds: where a block's begin, and where each activation looks.

    Returns int64 [blocks + 1] and int32 [vectors, width rounded up to QUAD]: `banks` less the activation's part of the
    bank; 2 * banks, where the rows hold zeros, for a zero or for none. And the non-zeros of each block, int64 [blocks].
    """
    blocks = start.size - 1
    first, some = np.zeros(blocks + 1, np.int64), np.zeros(blocks, np.int64)
    for block in range(blocks):
        first[block + 1] = first[block] - (-(start[block + 1] - start[block]) // width)
    turn = np.full((first[blocks], -(-width // QUAD) * QUAD), 2 * banks, np.int32)
    for block in range(blocks):
        for e in range(start[block], start[block + 1]):
            if value[e] != 0:
                at = e - start[block]
                turn[first[block] + at // width, at % width] = banks - bank[e]
                some[block] += 1
    return first, turn, some


@njit(cache=True, nogil=True)
def _longest(weights, first_weights, numbers):  # type: ignore[no-untyped-def]
    """Vectors of the round's longest block."""
    most = 0
    for first in first_weights:
        for block in range(first, first + numbers.channels):
            most = max(most, weights.start[block + 1] - weights.start[block])
    return -(-most // numbers.weights)


@njit(cache=True, nogil=True)
def _spread(numbers, weights, begin, stop, rows):  # type: ignore[no-untyped-def]
    """Count each vector's weights by their part of the bank, twice over. Returns how many are not zero."""
    some = 0
    rows[: -(-(stop - begin) // numbers.weights)] = 0
    for e in range(begin, stop):
        if weights.value[e] != 0:
            row, bank = (e - begin) // numbers.weights, weights.bank[e]
            rows[row, bank] += np.uint16(1)
            rows[row, bank + numbers.banks] += np.uint16(1)
            some += 1
    return some


@njit(cache=True, nogil=True)
def _broadcast(numbers, freed, channel, line, arrival, sent, dues, feed, place, held):  # type: ignore[no-untyped-def]
    """Send a part's vectors: each when DRAM has it and the slowest PE has room. Sets when each can be used.

    The part is `held` weights that stand behind `place` others of the band.
    """
    for v in range(arrival.size):
        entries = place + min(held, (v + 1) * numbers.weights)
        if feed.progress[ASKS]:
            dues[v] = due(feed, entries)
        there = max(path(channel, numbers.vector_millicycles), dues[v])
        slot = (channel[SENT] + v) % numbers.fifo
        now = max(there, freed[slot] + 1) if channel[SENT] + v >= numbers.fifo else there
        sent[v], arrival[v], freed[slot] = now, now + 1, 0
        if feed.progress[ASKS]:
            free(feed, entries, now)
        begin = tell(channel, channel[SENT] + v, there, now)
        if now >= begin:
            _draw(line, begin, there, FETCH)
            _draw(line, max(there, begin), now, FIFO_FULL)
            _draw(line, now, now + 1, BROADCAST)


@njit(cache=True, nogil=True)
def _all_pes(numbers, inputs, blocks, rows, held, some, arrival, freed, channel, queue, told, lines):  # type: ignore[no-untyped-def]
    """What every PE does with a part of `held` weights, `some` not zero; sets when the slowest drops each vector."""
    vectors, used = rows.shape[0], np.zeros(rows.shape[0], np.int64)
    for pe in range(told.shape[0]):
        block, mine, line = blocks[pe], told[pe], lines[pe]
        turns = inputs.turn[inputs.first[block] : inputs.first[block + 1]]
        if vectors == 0 or turns.shape[0] == 0:
            until = max(mine[NOW], arrival[vectors - 1] if vectors else 0)
            _draw(line, mine[NOW], until, STARVED)
            _idle(queue[pe], until - mine[NOW])
            mine[WAITED] += until - mine[NOW]
            mine[NOW] = until
            mine[DROPPED] = until + 1 if vectors else mine[DROPPED]
            used[:] = until
        else:
            now, waited, stalled = _serve(
                rows, turns, numbers.depth, arrival, mine[NOW], used, queue[pe], queue[-2], queue[-1], line
            )
            mine[NOW] = now
            mine[WAITED] += waited
            mine[STALLED] += stalled
            mine[STEPS] += vectors * turns.shape[0]
            mine[VECTORS] += turns.shape[0]
            mine[ENTRIES] += held * (inputs.start[block + 1] - inputs.start[block])
            mine[MULTIPLIES] += some * inputs.some[block]
        for v in range(vectors):
            slot = (channel[SENT] + v) % numbers.fifo
            freed[slot] = max(freed[slot], used[v])


@njit(cache=True, nogil=True)
def _serve(rows, turns, depth, arrival, now, used, queue, new, mask, line):  # type: ignore[no-untyped-def]
    """All steps of a block's part: each vector of activations with each of weights; sets when each was last used.

    Returns the cycle after the last, the cycles without weights, and those without room before a bank.
    """
    waited = stalled = 0
    for turn in range(turns.shape[0]):
        t0, t1, t2, t3 = turns[turn, 0], turns[turn, 1], turns[turn, 2], turns[turn, 3]
        for v in range(rows.shape[0]):
            if now < arrival[v]:
                _draw(line, now, arrival[v], STARVED)
                _idle(queue, arrival[v] - now)
                waited += arrival[v] - now
                now = arrival[v]
            used[v] = now
            worst = np.uint16(0)
            for lane in range(queue.shape[0]):
                held, fresh, real, at = queue[lane], new[lane], mask[lane], lane * LANES
                r0, r1 = rows[v, t0 + at : t0 + at + LANES], rows[v, t1 + at : t1 + at + LANES]
                r2, r3 = rows[v, t2 + at : t2 + at + LANES], rows[v, t3 + at : t3 + at + LANES]
                for b in range(LANES):
                    fresh[b] = np.uint16(np.uint16(np.uint16(r0[b] + r1[b]) + np.uint16(r2[b] + r3[b])) & real[b])
                    worst = max(worst, np.uint16(held[b] + fresh[b]))
            if turns.shape[1] > QUAD:
                worst = _further(rows[v], turns[turn], queue, new, mask)
            if worst <= depth:
                for lane in range(queue.shape[0]):
                    held, fresh = queue[lane], new[lane]
                    for b in range(LANES):
                        held[b] = np.uint16(max(held[b], np.uint16(1)) - np.uint16(1) + fresh[b])
            else:
                more = _push(queue, new, depth)
                _draw(line, now + 1, now + 1 + more, STALL)
                stalled += more
                now += more
            now += 1
    return now, waited, stalled


@njit(cache=True, nogil=True)
def _further(row, turn, queue, new, mask):  # type: ignore[no-untyped-def]
    """Add the activations beyond the first QUAD; returns the longest queue that they would make."""
    worst = np.uint16(0)
    for lane in range(queue.shape[0]):
        held, fresh, real = queue[lane], new[lane], mask[lane]
        for t in turn[QUAD:]:
            r = row[t + lane * LANES : t + (lane + 1) * LANES]
            for b in range(LANES):
                fresh[b] = np.uint16(fresh[b] + np.uint16(r[b] & real[b]))
        for b in range(LANES):
            worst = max(worst, np.uint16(held[b] + fresh[b]))
    return worst


@njit(cache=True, nogil=True)
def _push(queue, new, depth):  # type: ignore[no-untyped-def]
    """Push, cycle by cycle, what finds room, while every bank takes a product; returns the cycles after the first."""
    cycles, left = -1, np.uint16(1)
    while left > 0:
        left = np.uint16(0)
        for lane in range(queue.shape[0]):
            held, fresh = queue[lane], new[lane]
            for b in range(LANES):
                taken = min(fresh[b], np.uint16(depth - held[b]))
                held[b] = np.uint16(max(held[b], np.uint16(1)) - np.uint16(1) + taken)
                fresh[b] = np.uint16(fresh[b] - taken)
                left = max(left, fresh[b])
        cycles += 1
    return cycles


@njit(cache=True, nogil=True)
def _idle(queue, cycles):  # type: ignore[no-untyped-def]
    """No new products for so long: every bank takes what its queue has."""
    gone = np.uint16(min(cycles, (1 << 16) - 1))
    for lane in range(queue.shape[0]):
        held = queue[lane]
        for b in range(LANES):
            held[b] = np.uint16(max(held[b], gone) - gone)


@njit(cache=True, nogil=True)
def _draw(line, begin, end, letter):  # type: ignore[no-untyped-def]
    if line.size and end > begin:
        line[begin:end] = letter
