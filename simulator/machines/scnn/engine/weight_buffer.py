"""The buffer in which weights from DRAM wait for their broadcast, compiled: equal to the model's `WeightBuffer`.

A round is first simulated as if its weights were always in the buffer: that is its estimate. `check_estimate` then
replays the estimate's broadcasts with the DRAM: they determine when lines leave the buffer, and so when the next lines
are requested and arrive. If all weights arrive in time, the estimate holds. If not, the round is simulated again with
the DRAM.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from simulator.hardware.dram.engine.scheduler import clock_of, cycle_of, push, wait
from simulator.hardware.dram.engine.state import READING, State, initial_state
from simulator.hardware.dram.spec import Dram
from simulator.machines.scnn.arch import Arch
from simulator.machines.scnn.layout.dram_map import weight_channels, weight_lines
from simulator.machines.scnn.layout.streams import Streams

HAS_DRAM, ENTRY_BITS, LINE_BITS, ENTRIES, LINES, END_LINE, BAND_LINE, START, REQUESTED, RECEIVED, ARRIVAL = range(11)
"""Elements of `progress`: whether weights come from DRAM; bits of an entry and of a line; entries and lines of a band;
lines of all bands; the band's first line; the round's first cycle; the numbers of lines that were requested and
received; and the cycle in which the last received line arrived."""
SENT, SENDING, FETCHING, BLOCKED, LAST, READY = range(6)
"""Elements of `channel`, the state of the memory channel in a round: vectors broadcast; cycles that it broadcasts,
waits for DRAM, waits for a FIFO; the last broadcast; and the thousandths of a cycle until the path to the FIFOs is
ready."""


class WeightBuffer(NamedTuple):
    """The channels that hold the weights, and the lines in the buffer or on their way; arrays changed in place."""

    dram: Dram
    tables: np.ndarray  # int64 [channels, rows, columns]: of a `simulator.hardware.dram.engine.state.State` each
    done: np.ndarray  # int64 [channels, remembered]: likewise
    progress: np.ndarray  # int64 [11], see above
    tickets: np.ndarray  # int64 [lines of the buffer]


NO_DRAM = WeightBuffer(
    Dram(*(1 for _ in Dram._fields)), *(np.zeros(shape, np.int64) for shape in ((1, 1, 1), (1, 1), 11, 1))
)
"""The buffer of a machine without DRAM: weights are in it as soon as the path to the FIFOs is ready."""


def open_buffer(arch: Arch, dram: Dram, streams: Streams) -> WeightBuffer:
    """The buffer of a layer before its first cycle; the requests that fill it arrive in cycle 0."""
    buffer_lines, lines = arch.weight_buffer_lines, weight_lines(arch, dram, streams)
    states = [initial_state(dram, buffer_lines) for _ in range(weight_channels(arch, streams))]
    progress = np.zeros(11, np.int64)
    progress[[HAS_DRAM, ENTRY_BITS, LINE_BITS]] = 1, arch.weight_entry_bits, 8 * dram.line_bytes
    progress[[ENTRIES, LINES]] = streams.weights.value.size, lines
    progress[END_LINE] = lines * streams.planes.tile.shape[0]
    tables, done = (np.stack(part) for part in zip(*states, strict=True))
    buffer = WeightBuffer(dram, tables, done, progress, np.zeros(buffer_lines, np.int64))
    release(buffer, 0, -1)
    return buffer


def copy_buffer(buffer: WeightBuffer) -> WeightBuffer:
    """A copy of the buffer's current state."""
    return WeightBuffer(buffer.dram, *(array.copy() for array in buffer[1:]))


@njit(cache=True, nogil=True)
def arrival_cycle(buffer, entries):  # type: ignore[no-untyped-def]
    """The cycle of the round in which the band's first `entries` stored weights, and all before them, have arrived.

    buffer: a `WeightBuffer`, whose arrays are changed in place. entries and the result are int64 scalars.
    """
    progress = buffer.progress
    end = progress[BAND_LINE] - (-entries * progress[ENTRY_BITS] // progress[LINE_BITS])
    while progress[RECEIVED] < end:
        channel = progress[RECEIVED] % progress[LINES] % buffer.tables.shape[0]
        ticket = buffer.tickets[progress[RECEIVED] % buffer.tickets.size]
        clock = wait(buffer.dram, State(buffer.tables[channel], buffer.done[channel]), ticket)
        progress[ARRIVAL] = max(progress[ARRIVAL], cycle_of(buffer.dram, clock))
        progress[RECEIVED] += 1
    return progress[ARRIVAL] - progress[START]


@njit(cache=True, nogil=True)
def release(buffer, entries, cycle):  # type: ignore[no-untyped-def]
    """Release the lines of the band's first `entries` weights, broadcast in a cycle of the round; request new lines.

    The requests arrive in the next cycle. buffer: a `WeightBuffer`, whose arrays are changed in place. entries and
    cycle are int64 scalars.
    """
    progress, channels = buffer.progress, buffer.tables.shape[0]
    used = progress[LINES] if entries == progress[ENTRIES] else entries * progress[ENTRY_BITS] // progress[LINE_BITS]
    arrival = clock_of(buffer.dram, progress[START] + cycle + 1)
    while progress[REQUESTED] < min(progress[END_LINE], progress[BAND_LINE] + used + buffer.tickets.size):
        line = progress[REQUESTED] % progress[LINES]
        state = State(buffer.tables[line % channels], buffer.done[line % channels])
        ticket = push(buffer.dram, state, line // channels, READING, arrival)
        buffer.tickets[progress[REQUESTED] % buffer.tickets.size] = ticket
        progress[REQUESTED] += 1


@njit(cache=True, nogil=True)
def count_broadcast(channel, vector, ready, now):  # type: ignore[no-untyped-def]
    """Count the channel's cycles up to a broadcast in cycle `now`; return the first of them.

    channel int64 [6], added to; ready: the cycle in which the vector could have been sent.
    """
    begin = channel[LAST] + 1 if vector > 0 else 0
    channel[LAST] = now
    if now >= begin:
        channel[SENDING] += 1
        channel[FETCHING] += max(0, ready - begin)
        channel[BLOCKED] += now - max(ready, begin)
    return begin


@njit(cache=True, nogil=True)
def path_ready(channel, millicycles):  # type: ignore[no-untyped-def]
    """The cycle in which the path to the FIFOs has transferred the next vector, which takes `millicycles`.

    channel int64 [6], changed in place.
    """
    channel[READY] = max(channel[READY], 1000 * channel[LAST]) + millicycles
    return (channel[READY] - 1) // 1000


@njit(cache=True, nogil=True)
def check_estimate(buffer, weights, first_blocks, channels, width, millicycles, sent, arrivals, channel):  # type: ignore[no-untyped-def]
    """Whether all weights of a round arrive before their broadcasts in the cycles `sent`, int64 [vectors].

    buffer: a `WeightBuffer`, int64 arrays, changed in place; weights: a `WeightBlocks`; first_blocks int64 [phases].
    Sets arrivals, int64 [vectors], and channel, int64 [6]; all cycles count from the round's first.
    """
    vector = 0
    for first in first_blocks:
        for block in range(first, first + channels):
            end = weights.start[block + 1]
            for begin in range(weights.start[block], end, width):
                entries, now = min(end, begin + width), sent[vector]
                arrivals[vector] = arrival_cycle(buffer, entries)
                if arrivals[vector] > now:
                    return False
                ready = max(path_ready(channel, millicycles), arrivals[vector])
                count_broadcast(channel, vector, ready, now)
                release(buffer, entries, now)
                vector += 1
    channel[SENT] = vector
    return True
