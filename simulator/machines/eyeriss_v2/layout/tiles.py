"""Tiles of weights: the output and input channels, and the piece of a kernel's row, that a PE holds at a time."""

from typing import NamedTuple

import numpy as np

from simulator.machines.eyeriss_v2.arch import Arch
from workloads.kinds.convolution.layer import CompressedConvolution


class Tiles(NamedTuple):
    """A layer cut into tiles. A tile is a row of tiles (output channels) and a part (input channels, kernel's piece).

    Several small groups of a grouped convolution share a tile; its other columns stay empty for an output.
    """

    outputs: np.ndarray  # int64 [rows of tiles, 2]: first and end of the output channels
    first_input: np.ndarray  # int64 [rows of tiles]: the input channel that is channel 0 of the row of tiles
    channels: np.ndarray  # int64 [input parts, 2]: first and end of the input channels, from `first_input` on
    pieces: np.ndarray  # int64 [pieces, 3]: row of the kernel, first and end of its columns
    kept: np.ndarray  # int32 [rows of tiles, channels, kernel rows, kernel columns]: weights of each column not zero

    @property
    def parts(self) -> int:
        """Parts of the sum of an output: part p has input part p // pieces and piece p % pieces."""
        return len(self.channels) * len(self.pieces)

    def part(self, number: int) -> tuple[range, int, range]:
        """Input channels from `first_input` on, row of the kernel, and its columns."""
        (first, end), (row, left, right) = (
            self.channels[number // len(self.pieces)],
            self.pieces[number % len(self.pieces)],
        )
        return range(first, end), int(row), range(left, right)


def cut_tiles(arch: Arch, layer: CompressedConvolution, outputs: int, inputs: int) -> Tiles:
    """Tiles of at most `outputs` x `inputs` channels, whose columns of weights are as many as scratchpads allow."""
    pieces = _pieces(layer, min(arch.tile_columns, arch.input_addresses, arch.tile_words))
    inputs = max(1, min(inputs, min(arch.tile_columns, arch.tile_words) // int((pieces[:, 2] - pieces[:, 1]).max())))
    per_group, channels = layer.outputs // layer.groups, layer.weight.shape[1]
    together = max(1, min(outputs // per_group, inputs // channels, layer.groups))
    kept = layer.kernel != 0
    if together > 1:
        tiles = -(-layer.groups // together)
        kept = _fold(kept, layer.groups, together)
        rows = np.arange(tiles + 1) * together * per_group
        first = np.arange(tiles) * together * channels
        return Tiles(_spans(rows, layer.outputs), first, _spans(np.array([0, kept.shape[1]])), pieces, kept)
    begins = np.arange(0, per_group, outputs)
    first = (np.arange(layer.groups)[:, None] * per_group + begins).ravel()
    counts = np.add.reduceat(kept, first, axis=0, dtype=np.int32)
    owner = np.repeat(np.arange(layer.groups), begins.size) * channels
    spans = _spans(np.arange(0, channels + inputs, inputs), channels)
    return Tiles(_spans(np.append(first, layer.outputs)), owner, spans, pieces, counts)


def words_of(arch: Arch, tiles: Tiles) -> np.ndarray:
    """Words of weights of each column, int32 [rows of tiles, channels, kernel rows, kernel columns]."""
    return -(-tiles.kept // arch.simd)


def tile_words(tiles: Tiles, words: np.ndarray) -> np.ndarray:
    """Words of each tile, int64 [rows of tiles, parts], of those of each column (see `words_of`)."""
    by_channels = np.add.reduceat(words, tiles.channels[:, 0], axis=1, dtype=np.int64)
    found = [by_channels[:, :, row, left:right].sum(axis=2) for row, left, right in tiles.pieces.tolist()]
    return np.stack(found, axis=2).reshape(len(tiles.outputs), tiles.parts)


def tile_columns(tiles: Tiles) -> np.ndarray:
    """Columns of weights of each part of a tile, int64 [parts]."""
    sizes = tiles.channels[:, 1] - tiles.channels[:, 0]
    return np.outer(sizes, tiles.pieces[:, 2] - tiles.pieces[:, 1]).ravel()


def _pieces(layer: CompressedConvolution, most: int) -> np.ndarray:
    """The rows of the kernel in equal pieces of at most `most` columns, int64 [pieces, 3]."""
    tall, broad = layer.kernel.shape[2:]
    size = -(-broad // -(-broad // most))
    return np.array([[i, j, min(j + size, broad)] for i in range(tall) for j in range(0, broad, size)], np.int64)


def _fold(kept: np.ndarray, groups: int, together: int) -> np.ndarray:
    """Weights not zero of each column where `together` groups share a tile; bool [outputs, channels, rows, columns]."""
    counts = kept.reshape(groups, -1, *kept.shape[1:]).sum(axis=1, dtype=np.int32)
    filled = np.zeros((-(-groups // together) * together, *counts.shape[1:]), np.int32)
    filled[:groups] = counts
    return filled.reshape(-1, together * counts.shape[1], *counts.shape[2:])


def _spans(borders: np.ndarray, end: int | None = None) -> np.ndarray:
    """First and end of each part, int64 [parts, 2]; the last one ends at `end`."""
    borders = borders if end is None else np.minimum(borders, end)
    return np.column_stack([borders[:-1], borders[1:]]).astype(np.int64)
