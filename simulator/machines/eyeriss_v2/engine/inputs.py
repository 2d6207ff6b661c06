"""How often inputs that are not zero meet each column of weights, and how many of them are new in a window."""

from typing import NamedTuple

import numpy as np
from numba import njit

from simulator.machines.eyeriss_v2.layout.streams import Streams


class Geometry(NamedTuple):
    """What decides which input a place of the output reads."""

    down: int  # strides
    across: int
    top: int  # padding
    left: int
    step_down: int  # dilation
    step_across: int
    wide: int  # columns of the output plane


class Inputs(NamedTuple):
    """Of each chunk of a block, by channel, kernel row and kernel column: int64 [channels, rows, columns, chunks]."""

    met: np.ndarray  # inputs that are not zero
    new: np.ndarray  # of these, those that are not in the window of the place before


def geometry(streams: Streams) -> Geometry:
    """The layer's."""
    layer = streams.layer
    return Geometry(*layer.stride, *layer.padding[:2], *layer.dilation, layer.output_plane[1])


def count_inputs(streams: Streams, active: np.ndarray, block: int) -> Inputs:
    """The inputs of a block's chunks; active: bool [channels, rows, columns], inputs that are not zero."""
    tall, broad = streams.layer.kernel.shape[2:]
    chunks = [streams.chunk(block, number) for number in range(streams.mapping.chunks)]
    spans = np.array([[chunk.start, chunk.stop] for chunk in chunks], np.int64)
    ends = np.zeros(broad, np.int64)
    for _, left, right in streams.tiles.pieces.tolist():
        ends[left:right] = right
    channels = streams.tiles.kept.shape[1] + int(streams.tiles.first_input.max())  # the last folded tile may exceed all
    shape = max(channels, active.shape[0]), tall, broad, len(chunks)
    found = Inputs(np.zeros(shape, np.int64), np.zeros(shape, np.int64))
    _count(active, geometry(streams), spans, ends, found.met, found.new)
    return found


@njit(cache=True)
def _count(active, g, spans, ends, met, new):  # type: ignore[no-untyped-def]
    """Add up `met` and `new`, int64 [channels, kernel rows, kernel columns, chunks].

    active bool [channels, rows, columns]; spans int64 [chunks, 2]: first and end of the places; ends int64 [kernel
    columns]: where the piece of each column ends. Windows slide along a row of the output; a row's first one is new.
    """
    high, wide = active.shape[1], active.shape[2]
    slide = g.across // g.step_across if g.across % g.step_across == 0 else met.shape[2]
    for c in range(active.shape[0]):
        for i in range(met.shape[1]):
            for n in range(spans.shape[0]):
                place = spans[n, 0]
                while place < spans[n, 1]:
                    row = place // g.wide
                    first, end = place - row * g.wide, min(g.wide, spans[n, 1] - row * g.wide)
                    place = row * g.wide + end
                    y = row * g.down - g.top + i * g.step_down
                    if y < 0 or y >= high:
                        continue
                    for j in range(met.shape[2]):
                        here, begin = 0, -g.left + j * g.step_across
                        for column in range(first, end):
                            x = column * g.across + begin
                            here += 0 <= x < wide and active[c, y, x]
                        met[c, i, j, n] += here
                        if j + slide < ends[j]:
                            x = first * g.across + begin
                            here = int(0 <= x < wide and active[c, y, x])
                        new[c, i, j, n] += here
