"""The buffer in which weights wait for their broadcast, compiled: equal to `prefetch`.

A round can be worked on as if its weights were always there. Then `foresee` goes through its broadcasts with the DRAM:
the times at which lines leave the buffer follow from them, and from these the times at which the next lines come. If
each came in time, that is what happens. If one did not, the round is worked on again and asks the DRAM as it goes.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from simulator.hardware.dram.engine.scheduler import clock_of, cycle_of, push, wait
from simulator.hardware.dram.engine.state import State, fresh
from simulator.hardware.dram.spec import Dram
from simulator.machines.scnn.arch import Arch
from simulator.machines.scnn.layout.dram_map import weight_channels, weight_lines
from simulator.machines.scnn.layout.streams import Streams

ASKS, ENTRY_BITS, LINE_BITS, ENTRIES, LINES, PAST_LINE, BAND_LINE, START, ASKED, GIVEN, THERE = range(11)
"""Of a feed: whether it is asked, sizes, lines of all bands; the band's first line, the round's first cycle; lines
asked for, lines waited for, when the last of them was there."""
SENT, SENDING, FETCHING, BLOCKED, LAST, READY = range(6)
"""What is told of the channel: vectors, cycles of each kind, the last broadcast, when its path is ready (in 1/1000)."""


class Feed(NamedTuple):
    """The channels of the weights and what is on its way, changed in place."""

    dram: Dram
    tables: np.ndarray  # int64 [channels, ...], and so `done`: see `simulator.hardware.dram.engine.state`
    done: np.ndarray
    progress: np.ndarray  # int64 [11], see above
    tickets: np.ndarray  # int64 [lines of the buffer]


AT_ONCE = Feed(Dram(*(1 for _ in Dram._fields)), *(np.zeros(shape, np.int64) for shape in ((1, 1, 1), (1, 1), 11, 1)))
"""A feed that is not asked: weights are there as soon as their path is."""


def open_feed(arch: Arch, dram: Dram, streams: Streams) -> Feed:
    """The feed of a layer before its first cycle; the requests that fill the buffer arrive in cycle 0."""
    buffer, lines = arch.weight_buffer_lines, weight_lines(arch, dram, streams)
    states = [fresh(dram, buffer) for _ in range(weight_channels(arch, streams))]
    progress = np.zeros(11, np.int64)
    progress[[ASKS, ENTRY_BITS, LINE_BITS]] = 1, arch.weight_entry_bits, 8 * dram.line_bytes
    progress[[ENTRIES, LINES]] = streams.weights.value.size, lines
    progress[PAST_LINE] = lines * streams.planes.tile.shape[0]
    tables, done = (np.stack(part) for part in zip(*states, strict=True))
    feed = Feed(dram, tables, done, progress, np.zeros(buffer, np.int64))
    free(feed, 0, -1)
    return feed


def copy(feed: Feed) -> Feed:
    """The feed as it is now."""
    return Feed(feed.dram, *(array.copy() for array in feed[1:]))


@njit(cache=True, nogil=True)
def due(feed, entries):  # type: ignore[no-untyped-def]
    """The cycle of the round in which the first `entries` stored weights of the band, and all before, are there."""
    progress = feed.progress
    end = progress[BAND_LINE] - (-entries * progress[ENTRY_BITS] // progress[LINE_BITS])
    while progress[GIVEN] < end:
        channel = progress[GIVEN] % progress[LINES] % feed.tables.shape[0]
        ticket = feed.tickets[progress[GIVEN] % feed.tickets.size]
        clock = wait(feed.dram, State(feed.tables[channel], feed.done[channel]), ticket)
        progress[THERE] = max(progress[THERE], cycle_of(feed.dram, clock))
        progress[GIVEN] += 1
    return progress[THERE] - progress[START]


@njit(cache=True, nogil=True)
def free(feed, entries, cycle):  # type: ignore[no-untyped-def]
    """So many stored weights of the band are broadcast in a cycle of the round: ask for lines in the next."""
    progress, channels = feed.progress, feed.tables.shape[0]
    used = progress[LINES] if entries == progress[ENTRIES] else entries * progress[ENTRY_BITS] // progress[LINE_BITS]
    arrival = clock_of(feed.dram, progress[START] + cycle + 1)
    while progress[ASKED] < min(progress[PAST_LINE], progress[BAND_LINE] + used + feed.tickets.size):
        line = progress[ASKED] % progress[LINES]
        state = State(feed.tables[line % channels], feed.done[line % channels])
        ticket = push(feed.dram, state, line // channels, 0, arrival)
        feed.tickets[progress[ASKED] % feed.tickets.size] = ticket
        progress[ASKED] += 1


@njit(cache=True, nogil=True)
def tell(channel, vector, there, now):  # type: ignore[no-untyped-def]
    """Count the cycles up to a broadcast in `now`, with the weights there in `there`; returns the first of them."""
    begin = channel[LAST] + 1 if vector > 0 else 0
    channel[LAST] = now
    if now >= begin:
        channel[SENDING] += 1
        channel[FETCHING] += max(0, there - begin)
        channel[BLOCKED] += now - max(there, begin)
    return begin


@njit(cache=True, nogil=True)
def path(channel, millicycles):  # type: ignore[no-untyped-def]
    """The cycle in which the path to the FIFOs has brought the next vector."""
    channel[READY] = max(channel[READY], 1000 * channel[LAST]) + millicycles
    return (channel[READY] - 1) // 1000


@njit(cache=True, nogil=True)
def foresee(feed, weights, first_weights, channels, width, millicycles, sent, dues, channel):  # type: ignore[no-untyped-def]
    """Whether all weights are there when they are broadcast, in the cycles `sent`; then `dues` and `channel` are told.

    int64 [vectors] each, and [6]; all count from the round's begin.
    """
    vector = 0
    for first in first_weights:
        for block in range(first, first + channels):
            held, place = weights.start[block + 1] - weights.start[block], weights.place[block]
            for begin in range(0, held, width):
                entries, now = place + min(held, begin + width), sent[vector]
                dues[vector] = due(feed, entries)
                if dues[vector] > now:
                    return False
                there = max(path(channel, millicycles), dues[vector])
                tell(channel, vector, there, now)
                free(feed, entries, now)
                vector += 1
    channel[SENT] = vector
    return True
