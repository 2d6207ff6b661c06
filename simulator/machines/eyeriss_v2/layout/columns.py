"""The compressed columns of a tile: addresses, and weights with the zeros before them."""

from typing import NamedTuple

import numpy as np

from simulator.machines.eyeriss_v2.layout.streams import Streams


class Columns(NamedTuple):
    """A tile's weights by column, in the order in which a window's inputs come: kernel column, then channel.

    Column j has the words address[j] .. address[j + 1]; it is empty where the two are equal. A word has `simd` weights;
    the last one of a column is filled up with zeros.
    """

    address: np.ndarray  # int64 [columns + 1]
    weight: np.ndarray  # int16 [words, simd]: 0 is padding
    zeros: np.ndarray  # int64 [words, simd]: zeros before the weight in its column
    outputs: np.ndarray  # int64 [words, simd]: the output channel, as zeros added up say; -1 for padding


def read_columns(streams: Streams, simd: int, row: int, part: int) -> Columns:
    """The columns of part `part` of the tiles of row `row`."""
    layer, tiles = streams.layer, streams.tiles
    first, end = tiles.outputs[row].tolist()
    channels, kernel_row, kernel_columns = tiles.part(part)
    words: list[list[tuple[int, int, int]]] = []
    address = [0]
    for j in kernel_columns:
        for channel in channels:
            dense = [_weight(layer, m, int(tiles.first_input[row]) + channel, kernel_row, j) for m in range(first, end)]
            words += _words(dense, first, simd)
            address.append(len(words))
    table = np.array(words, np.int64).reshape(len(words), simd, 3)
    return Columns(np.array(address, np.int64), table[..., 0].astype(np.int16), table[..., 1], table[..., 2])


def _weight(layer, output: int, channel: int, i: int, j: int) -> int:  # type: ignore[no-untyped-def]
    """The weight of an output channel and an input channel of the layer; 0 where they are of different groups."""
    inputs = layer.weight.shape[1]
    first = output // (layer.outputs // layer.groups) * inputs
    return int(layer.kernel[output, channel - first, i, j]) if first <= channel < first + inputs else 0


def _words(column: list[int], first: int, simd: int) -> list[list[tuple[int, int, int]]]:
    """A column as words of (weight, zeros before it, output channel)."""
    entries, before = [], 0
    for place, weight in enumerate(column):
        if weight:
            entries.append((weight, place - before, first + place))
            before = place + 1
    entries += [(0, 0, -1)] * (-len(entries) % simd)
    return [entries[i : i + simd] for i in range(0, len(entries), simd)]
