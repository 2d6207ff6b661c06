"""The DRAM of the memory port, compiled: lines that are asked for, and transfers that end when these are there."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numba import njit

from simulator.hardware.dram.engine.scheduler import advance, clock_of, cycle_of, push
from simulator.hardware.dram.engine.state import NONE, State, initial_state
from simulator.hardware.dram.spec import Dram
from simulator.machines.cambricon.arch import HALVES, Arch
from simulator.machines.cambricon.layout.dram_map import DramMap, dram_map
from simulator.machines.cambricon.layout.streams import Streams

HEAD, TAIL, LEFT = range(3)
"""Columns of `Memory.lines`: of a buffer, lines that are there, lines that were asked for, and lines that the first
transfer which has not ended waits for; 0: it was not looked at."""


class Memory(NamedTuple):
    """The channels, and the lines on their way, in the order in which they were asked for; arrays changed in place."""

    has: int  # 0: no memory, and nothing here is used
    dram: Dram
    chunk_bytes: int
    tables: np.ndarray  # int64 [channels, rows, columns]: of a `simulator.hardware.dram.engine.state.State` each
    done: np.ndarray  # int64 [channels, remembered]: likewise
    first: np.ndarray  # int64 [loads + contents + jobs]: first line of each transfer
    number: np.ndarray  # int64 [loads + contents + jobs]: lines of each
    ring: np.ndarray  # int64 [lines, 2]: channel and ticket; a buffer's are from ring_start[buffer] on, in a ring
    ring_start: np.ndarray  # int64 [selectors + 3]
    lines: np.ndarray  # int64 [selectors + 2, 3], see above
    log: np.ndarray  # int64 [all lines, or 0, 4]: channel, line of it, 1 where it is written, cycle
    logged: np.ndarray  # int64 [1]


NO_DRAM = Dram(*(1 for _ in Dram._fields))


def open_memory(arch: Arch, streams: Streams, log: bool) -> Memory:
    """The memory before the first cycle; log: whether all requests are written down."""
    if arch.dram is None:
        nothing, none = np.zeros(1, np.int64), np.zeros((1, 4), np.int64)
        one = np.zeros((1, 1, 1), np.int64)
        return Memory(0, NO_DRAM, 1, one, none, nothing, nothing, none, nothing, none, none, nothing)
    places = dram_map(arch, arch.dram, streams)
    start = np.cumsum([0, *_most_on_their_way(arch, streams, places)]).astype(np.int64)
    states = [initial_state(arch.dram, int(start[-1])) for _ in range(arch.dram_channels)]
    tables, done = (np.stack(part) for part in zip(*states, strict=True))
    count = np.concatenate([part.number for part in places[:3]])
    asked = int(count.sum()) if log else 0
    return Memory(
        has=1,
        dram=arch.dram,
        chunk_bytes=arch.chunk_bytes,
        tables=tables,
        done=done,
        first=np.concatenate([part.first for part in places[:3]]),
        number=count,
        ring=np.zeros((int(start[-1]), 2), np.int64),
        ring_start=start,
        lines=np.zeros((arch.selectors + 2, 3), np.int64),
        log=np.zeros((asked, 4), np.int64),
        logged=np.zeros(1, np.int64),
    )


def _most_on_their_way(arch: Arch, streams: Streams, places: DramMap) -> list[int]:
    """Lines that are asked for and not there of each SB, of NBin and of NBout, at most and at least one."""
    start, writes = streams.jobs.load_start, places.writes.number[streams.jobs.writes > 0]
    most = [int(places.loads.number[a:b].max(initial=1)) for a, b in pairwise(start)]
    inputs = HALVES * int(places.contents.number.max())
    return [*(arch.sb_slots * one for one in most), inputs, max(1, int(writes.sum()))]


@njit(cache=True, nogil=True)
def ask(memory, now, unit, transfer, write, granted, chunks):  # type: ignore[no-untyped-def]
    """Ask in cycle `now` for the lines of a transfer whose last chunk is the one that was granted.

    memory: `Memory`, changed, of arrays int64 [transfers], [lines, 2] and so on. All else: int64; transfer: its number
    among all; granted, chunks: of it.
    """
    line_bytes, count = memory.dram.line_bytes, memory.number[transfer]
    begin = (granted - 1) * memory.chunk_bytes // line_bytes
    end = count if granted == chunks else granted * memory.chunk_bytes // line_bytes
    arrival, channels = clock_of(memory.dram, now), memory.tables.shape[0]
    room = memory.ring_start[unit + 1] - memory.ring_start[unit]
    for line in range(memory.first[transfer] + begin, memory.first[transfer] + end):
        channel = line % channels
        state = State(memory.tables[channel], memory.done[channel])
        ticket = push(memory.dram, state, line // channels, write, arrival)
        at = memory.ring_start[unit] + memory.lines[unit, TAIL] % room
        memory.ring[at, 0], memory.ring[at, 1] = channel, ticket
        memory.lines[unit, TAIL] += 1
        if memory.log.size:
            row = memory.log[memory.logged[0]]
            row[0], row[1], row[2], row[3] = channel, line // channels, write, now
            memory.logged[0] += 1


@njit(cache=True, nogil=True)
def advance_to(memory, now):  # type: ignore[no-untyped-def]
    """Let all channels work up to cycle `now`, an int64.

    memory: `Memory`, changed, of arrays int64 [transfers], [lines, 2] and so on.
    """
    until = clock_of(memory.dram, now)
    for channel in range(memory.tables.shape[0]):
        advance(memory.dram, State(memory.tables[channel], memory.done[channel]), until)


@njit(cache=True, nogil=True)
def collect(memory, unit, transfer, since):  # type: ignore[no-untyped-def]
    """Look at the lines of a transfer after all were asked for.

    Returns whether all are known, and the first cycle in which all, and what was there in `since`, are there, an int64.
    memory: `Memory`, changed, of arrays int64 [transfers], [lines, 2] and so on; unit, transfer: int64.
    """
    lines = memory.lines[unit]
    if lines[LEFT] == 0:
        lines[LEFT] = memory.number[transfer]
    room = memory.ring_start[unit + 1] - memory.ring_start[unit]
    while lines[LEFT]:
        channel, ticket = memory.ring[memory.ring_start[unit] + lines[HEAD] % room]
        clock = memory.done[channel, ticket % memory.done.shape[1]]
        if clock == NONE:
            return False, since
        since = max(since, cycle_of(memory.dram, clock))
        lines[HEAD] += 1
        lines[LEFT] -= 1
    return True, since
