"""The work of each tile on each chunk of a block: sums over the tile's columns of weights."""

from typing import NamedTuple

import numpy as np
from numba import njit

from simulator.machines.eyeriss_v2.engine.inputs import Inputs
from simulator.machines.eyeriss_v2.layout.streams import Streams


class Work(NamedTuple):
    """Of each tile and chunk: int64 [rows of tiles, parts, chunks]."""

    words: np.ndarray  # of weights that are read: cycles in which the PE multiplies
    multiplies: np.ndarray
    empty: np.ndarray  # inputs whose column of weights is empty
    read: np.ndarray  # inputs that are not zero
    new: np.ndarray  # of these, those that the PE does not have yet


def tile_work(streams: Streams, simd: int, inputs: Inputs) -> Work:
    """The work of all tiles on the chunks of `inputs`."""
    tiles = streams.tiles
    shape = len(tiles.outputs), tiles.parts, inputs.met.shape[3]
    work = Work(*(np.zeros(shape, np.int64) for _ in Work._fields))
    _add_up(tiles.kept, tiles.first_input, tiles.channels, tiles.pieces, simd, inputs, work)
    return work


@njit(cache=True)
def _add_up(kept, first_input, channels, pieces, simd, inputs, work):  # type: ignore[no-untyped-def]
    """Add each column's share to `work`.

    kept int32 [rows of tiles, channels, kernel rows, kernel columns]; first_input int64 [rows of tiles]; channels int64
    [input parts, 2]; pieces int64 [pieces, 3]: see `Tiles`.
    """
    for row in range(kept.shape[0]):
        for part in range(work.words.shape[1]):
            i, left, right = pieces[part % len(pieces)]
            for c in range(channels[part // len(pieces), 0], channels[part // len(pieces), 1]):
                for j in range(left, right):
                    weights = np.int64(kept[row, c, i, j])
                    words = (weights + simd - 1) // simd
                    for n in range(work.words.shape[2]):
                        met = inputs.met[first_input[row] + c, i, j, n]
                        work.words[row, part, n] += words * met
                        work.multiplies[row, part, n] += weights * met
                        work.empty[row, part, n] += met * (weights == 0)
                        work.read[row, part, n] += met
                        work.new[row, part, n] += inputs.new[first_input[row] + c, i, j, n]
