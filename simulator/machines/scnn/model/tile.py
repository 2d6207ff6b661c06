"""The model's view of a PE's data: entries decoded to positions in the tensors, products to positions in the output."""

from collections.abc import Iterator
from typing import NamedTuple

from simulator.machines.scnn.arch import Arch
from simulator.machines.scnn.layout.blocks import Blocks
from simulator.machines.scnn.layout.streams import Streams

Position = tuple[int, int, int]
"""Output channel, row, column; rows and columns may be beyond the plane."""


class Weight(NamedTuple):
    """A weight with its position in the tensor."""

    value: int
    output: int  # channel
    row: int
    column: int


class Activation(NamedTuple):
    """An activation with its position in the input plane."""

    value: int
    row: int
    column: int


class Tile:
    """A PE's part of a round."""

    def __init__(self, streams: Streams, number: int, pe: int):
        self.streams, self.round = streams, streams.rounds[number]
        planes = streams.planes
        self.inputs, self.region, self.owned = (
            part[self.round.band, pe].tolist() for part in (planes.tile, planes.region, planes.owned)
        )

    def product(self, weight: Weight, activation: Activation) -> tuple[Position, int]:
        """The output position of a product, and its value, rounded and shifted right."""
        layer = self.streams.layer
        (down, across), (top, left) = layer.stride, layer.padding[:2]
        row, column = activation.row + top - weight.row, activation.column + left - weight.column
        value = (weight.value * activation.value + ((1 << layer.shift) >> 1)) >> layer.shift
        return (weight.output, row // down, column // across), value

    def bank(self, arch: Arch, position: Position) -> int:
        """The accumulator bank of an output position."""
        channel, row, column = position
        top, left = self.region[:2]
        rows, columns = self.streams.planes.pitch
        number, place = channel - self.round.first_output, (row - top) * columns + column - left
        if arch.linear_banks:
            return int(number * rows * columns + place) % arch.banks
        return int(number * arch.bank_step + place) % arch.banks

    def reached_outputs(self) -> Iterator[tuple[Position, bool]]:
        """The positions in the output plane that the tile reaches, and whether the PE owns them."""
        high, wide = self.streams.layer.output_plane
        top, left, bottom, right = self.region
        for row in range(max(0, top), min(high, bottom)):
            for column in range(max(0, left), min(wide, right)):
                owned = self.owned[0] <= row < self.owned[2] and self.owned[1] <= column < self.owned[3]
                for channel in self.output_channels():
                    yield (channel, row, column), owned

    def owned_outputs(self) -> int:
        """The number of outputs that the PE owns."""
        top, left, bottom, right = self.owned
        return max(0, bottom - top) * max(0, right - left) * self.round.outputs

    def output_channels(self) -> range:
        """The round's output channels."""
        return range(self.round.first_output, self.round.first_output + self.round.outputs)


def read_weights(streams: Streams, number: int, phase: int, block: int) -> list[Weight]:
    """The weights of a block, their positions decoded from the zero counts."""
    (down, across), (i, j) = streams.layer.stride, streams.phases[phase]
    tall, broad = streams.layer.weight.shape[2:]
    rows, columns = range(i, tall, down), range(j, broad, across)
    found = []
    for position, value in _entries(streams.weights, block):
        rest, column = divmod(position, len(columns))
        channel, row = divmod(rest, len(rows))
        found.append(Weight(value, streams.rounds[number].first_output + channel, rows[row], columns[column]))
    return found


def read_activations(streams: Streams, tile: Tile, phase: int, block: int) -> list[Activation]:
    """The activations of a block, their positions decoded from the zero counts."""
    (down, across), (i, j), (top, left) = streams.layer.stride, streams.phases[phase], streams.layer.padding[:2]
    first_row, first_column, end_row, end_column = tile.inputs
    rows = [row for row in range(first_row, end_row) if (row + top) % down == i]
    columns = [column for column in range(first_column, end_column) if (column + left) % across == j]
    found = []
    for position, value in _entries(streams.activations, block):
        row, column = divmod(position, len(columns))
        found.append(Activation(value, rows[row], columns[column]))
    return found


def _entries(blocks: Blocks, block: int) -> Iterator[tuple[int, int]]:
    """Position within the block, and value, of each of its entries."""
    position = -1
    begin, end = blocks.start[block : block + 2].tolist()
    for value, zeros in zip(blocks.value[begin:end].tolist(), blocks.zeros[begin:end].tolist(), strict=True):
        position += zeros + 1
        yield position, value
