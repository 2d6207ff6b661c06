"""A PE: a window of compressed inputs against a tile of compressed weights, one word of weights in a cycle."""

from collections.abc import Iterator
from typing import NamedTuple

import simpy

from simulator.hardware.clock import Process
from simulator.machines.eyeriss_v2.arch import Arch, PeLetter
from simulator.machines.eyeriss_v2.layout.columns import Columns, read_columns
from simulator.machines.eyeriss_v2.layout.streams import Streams
from simulator.machines.eyeriss_v2.model.ledger import Ledger


class Input(NamedTuple):
    """An input of a window that is not zero: the column of weights that it meets, where it is, and its value."""

    column: int
    place: tuple[int, int, int]  # channel, row, column of the layer's input
    value: int


def window(streams: Streams, tile_row: int, part: int, place: int) -> Iterator[Input]:
    """The inputs that are not zero of the window of an output place: kernel column by column, channel by channel."""
    layer, (channels, kernel_row, columns) = streams.layer, streams.tiles.part(part)
    row, column = divmod(place, layer.output_plane[1])
    y = row * layer.stride[0] - layer.padding[0] + kernel_row * layer.dilation[0]
    for n, j in enumerate(columns):
        x = column * layer.stride[1] - layer.padding[1] + j * layer.dilation[1]
        for c, channel in enumerate(channels):
            at = int(streams.tiles.first_input[tile_row]) + channel, y, x
            inside = all(0 <= index < size for index, size in zip(at, layer.activation.shape, strict=True))
            if inside and layer.activation[at]:
                yield Input(n * len(channels) + c, at, int(layer.activation[at]))


def work(env: simpy.Environment, arch: Arch, ledger: Ledger, pe: int, found: tuple[int, int, range]) -> Process:
    """A PE's share of a pass: a row of tiles, a part of it, and the places of its chunk."""
    (tile_row, part, places), streams, events = found, ledger.streams, ledger.events[pe]
    tile = read_columns(streams, arch.simd, tile_row, part)
    first, end = streams.tiles.outputs[tile_row].tolist()
    for place in places:
        events["input_address_reads"] += len(streams.tiles.part(part)[2])
        for given in window(streams, tile_row, part, place):
            events["input_reads"] += 1
            events["weight_address_reads"] += 1
            words = range(tile.address[given.column], tile.address[given.column + 1])
            if words:
                yield env.timeout(len(words))
                ledger.timeline.fill(pe, PeLetter.MULTIPLY, env.now)
                _multiply(ledger, pe, tile, words, place, given.value)
            else:
                events["empty_columns"] += 1
                yield env.timeout(arch.bubble)
                ledger.timeline.fill(pe, PeLetter.BUBBLE, env.now)
        events["sums_sent"] += end - first


def _multiply(ledger: Ledger, pe: int, tile: Columns, words: range, place: int, value: int) -> None:
    """Multiply an input with all words of a column; each product is rounded, shifted and added to a sum."""
    layer, events = ledger.streams.layer, ledger.events[pe]
    row, column = divmod(place, layer.output_plane[1])
    for word in words:
        events["weight_reads"] += 1
        for weight, output in zip(tile.weight[word].tolist(), tile.outputs[word].tolist(), strict=True):
            if output < 0:
                events["padding"] += 1
                continue
            events["multiplies"] += 1
            events["accumulations"] += 1
            ledger.total[output, row, column] += (weight * value + ((1 << layer.shift) >> 1)) >> layer.shift
