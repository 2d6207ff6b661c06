"""The trace of the first cycles, letter by letter, from a schedule."""

import numpy as np
from numba import njit

from simulator.machines.eyeriss_v2.arch import Arch, InputLetter, MemoryLetter, PeLetter, SumLetter
from simulator.machines.eyeriss_v2.engine.inputs import geometry
from simulator.machines.eyeriss_v2.engine.schedule import Schedule
from simulator.machines.eyeriss_v2.layout.streams import Streams


def trace_of(arch: Arch, streams: Streams, times: Schedule, length: int) -> np.ndarray:
    """Letters, uint8 [pes + 3, length]."""
    trace = np.empty((arch.pes + 3, length), np.uint8)
    trace[:-3], trace[-3] = ord(PeLetter.MEMORY_WAIT), ord(MemoryLetter.IDLE)
    trace[-2], trace[-1] = ord(InputLetter.IDLE), ord(SumLetter.IDLE)
    trace[-3, : times.load[0]] = ord(MemoryLetter.LOAD)
    ends, following = times.start + times.duration, np.append(times.load[1:], times.store)
    loading = times.start if arch.prefetch else ends
    loading = np.append(loading[:-1], ends[-1])  # the last outputs leave after the last pass
    active = np.ascontiguousarray(streams.layer.activation != 0)
    for number, doing in enumerate(streams.passes(arch)):
        begin = int(times.start[number])
        if begin >= length:
            break
        _fill(trace[-3], loading[number], following[number], MemoryLetter.LOAD)
        _fill(trace[-2], begin, times.deliver[number], InputLetter.DELIVER)
        _fill(trace[-1], begin, times.sums[number], SumLetter.MOVE)
        for pe in range(arch.pes):
            row = trace[pe]
            _fill(row, begin, times.duration[number], PeLetter.MESH_WAIT)
            _fill(row, begin, times.compute[number], PeLetter.BARRIER)
            _fill(row, begin, arch.fill_cycles, PeLetter.FILL)
            found = streams.work(arch, doing, pe)
            if found is not None:
                _work(arch, streams, active, doing.block, found, row[begin + arch.fill_cycles :])
    return trace


def _fill(row: np.ndarray, begin: int, cycles: int, letter: str) -> None:
    """The same letter for some cycles; row: uint8 [length]."""
    row[begin : begin + cycles] = ord(letter)


def _work(
    arch: Arch, streams: Streams, active: np.ndarray, block: int, work: tuple[int, int, int], row: np.ndarray
) -> None:
    """The letters of a PE's work, from its first cycle on, into `row`, uint8 [cycles that are left]."""
    (tile_row, part, chunk), tiles = work, streams.tiles
    channels, kernel_row, columns = tiles.part(part)
    kept = tiles.kept[tile_row, channels.start : channels.stop, kernel_row, columns.start : columns.stop]
    first, places = int(tiles.first_input[tile_row]) + channels.start, streams.chunk(block, chunk)
    letters = ord(PeLetter.MULTIPLY), ord(PeLetter.BUBBLE)
    _walk(
        np.ascontiguousarray(-(-kept // arch.simd)), active, geometry(streams), (first, kernel_row, columns.start),
        (places.start, places.stop), arch.bubble, letters, row,
    )  # fmt: skip


@njit(cache=True)
def _walk(words, active, g, begin, places, bubble, letters, row):  # type: ignore[no-untyped-def]
    """Write a letter for each word and each bubble into `row`, uint8 [cycles], until it is full.

    words int32 [channels, kernel columns]; active bool [channels, rows, columns]; begin: first channel, kernel row and
    first kernel column; places: first and end; letters: of a word, of a bubble.
    """
    at = 0
    for place in range(places[0], places[1]):
        y = place // g.wide * g.down - g.top + begin[1] * g.step_down
        if y < 0 or y >= active.shape[1]:
            continue
        for j in range(words.shape[1]):
            x = place % g.wide * g.across - g.left + (begin[2] + j) * g.step_across
            if x < 0 or x >= active.shape[2]:
                continue
            for c in range(words.shape[0]):
                if begin[0] + c >= active.shape[0] or not active[begin[0] + c, y, x]:
                    continue
                spent, letter = words[c, j], letters[0]
                if spent == 0:
                    spent, letter = bubble, letters[1]
                for _ in range(spent):
                    if at == row.size:
                        return
                    row[at] = letter
                    at += 1
