"""What the model's PEs see: entries decoded into places of the tensors, and products into places of the output."""

from collections.abc import Iterator
from typing import NamedTuple

from simulator.machines.scnn.arch import Arch
from simulator.machines.scnn.layout.blocks import Blocks
from simulator.machines.scnn.layout.streams import Streams

Place = tuple[int, int, int]
"""Output channel, row, column; rows and columns may lie beyond the plane."""


class Weight(NamedTuple):
    """A weight with its place in the tensor."""

    value: int
    output: int  # channel
    row: int
    column: int


class Activation(NamedTuple):
    """An activation with its place in the input plane."""

    value: int
    row: int
    column: int


class Tile:
    """A PE's part of a round."""

    def __init__(self, streams: Streams, number: int, pe: int):
        self.streams, self.doing = streams, streams.rounds[number]
        planes = streams.planes
        self.inputs, self.region, self.owned = (
            part[self.doing.band, pe].tolist() for part in (planes.tile, planes.region, planes.owned)
        )

    def product(self, weight: Weight, activation: Activation) -> tuple[Place, int]:
        """Where a product belongs, and its value: rounded, shifted right."""
        layer = self.streams.layer
        (down, across), (top, left) = layer.stride, layer.padding[:2]
        row, column = activation.row + top - weight.row, activation.column + left - weight.column
        value = (weight.value * activation.value + ((1 << layer.shift) >> 1)) >> layer.shift
        return (weight.output, row // down, column // across), value

    def bank(self, arch: Arch, place: Place) -> int:
        """The bank of a place."""
        channel, row, column = place
        top, left = self.region[:2]
        local = (row - top) * self.streams.planes.pitch[1] + column - left
        return int((channel - self.doing.first_output) * arch.bank_step + local) % arch.banks

    def drained(self) -> Iterator[tuple[Place, bool]]:
        """The places of the output plane that the tile reaches, and whether they belong to the PE."""
        high, wide = self.streams.layer.output_plane
        top, left, bottom, right = self.region
        for row in range(max(0, top), min(high, bottom)):
            for column in range(max(0, left), min(wide, right)):
                mine = self.owned[0] <= row < self.owned[2] and self.owned[1] <= column < self.owned[3]
                for channel in self.channels():
                    yield (channel, row, column), mine

    def owned_places(self) -> int:
        """Outputs that belong to the PE."""
        top, left, bottom, right = self.owned
        return max(0, bottom - top) * max(0, right - left) * self.doing.outputs

    def channels(self) -> range:
        """The round's output channels."""
        return range(self.doing.first_output, self.doing.first_output + self.doing.outputs)


def read_weights(streams: Streams, number: int, phase: int, block: int) -> list[Weight]:
    """A block's weights, decoded from their zero counts."""
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
    """A block's activations, likewise."""
    (down, across), (i, j), (top, left) = streams.layer.stride, streams.phases[phase], streams.layer.padding[:2]
    first_row, first_column, last_row, last_column = tile.inputs
    rows = [row for row in range(first_row, last_row) if (row + top) % down == i]
    columns = [column for column in range(first_column, last_column) if (column + left) % across == j]
    found = []
    for position, value in _entries(streams.activations, block):
        row, column = divmod(position, len(columns))
        found.append(Activation(value, rows[row], columns[column]))
    return found


def _entries(blocks: Blocks, block: int) -> Iterator[tuple[int, int]]:
    """Positions and values of a block's entries."""
    position = -1
    begin, end = blocks.start[block : block + 2].tolist()
    for value, zeros in zip(blocks.value[begin:end].tolist(), blocks.zeros[begin:end].tolist(), strict=True):
        position += zeros + 1
        yield position, value
