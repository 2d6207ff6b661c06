"""A layer on Eyeriss v2: its tiles, its mapping, and what each pass moves."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from simulator.hardware.tiling import check_convolution
from simulator.machines.eyeriss_v2.arch import Arch
from simulator.machines.eyeriss_v2.layout.mapping import Mapping, choose
from simulator.machines.eyeriss_v2.layout.tiles import Tiles, tile_columns
from workloads.kinds.convolution.layer import CompressedConvolution
from workloads.kinds.kind import CompressedLayer


class Pass(NamedTuple):
    """What all PEs do between two barriers."""

    block: int  # of output places
    row_step: int  # which `tile_rows` rows of tiles
    step: int  # which parts, as many as a chain has PEs in a column


class Streams(NamedTuple):
    """A whole layer."""

    layer: CompressedConvolution
    tiles: Tiles
    mapping: Mapping
    tile_bits: np.ndarray  # int64 [rows of tiles, parts]: weights and addresses
    tile_words: np.ndarray  # int64 [rows of tiles, parts]
    fits: bool  # whether the global buffer holds all inputs
    input_bits: int  # of all inputs, with counts and addresses

    @property
    def row_steps(self) -> int:
        """Groups of rows of tiles, one after the other."""
        return -(-len(self.tiles.outputs) // self.mapping.tile_rows)

    def steps(self, arch: Arch) -> int:
        """Groups of parts, one after the other."""
        return -(-self.tiles.parts // (self.mapping.chain * arch.pe_rows))

    def passes(self, arch: Arch) -> Iterator[Pass]:
        """All passes in order: the sums of a row of tiles are finished before those of the next begin."""
        for block in range(self.mapping.blocks):
            for row_step in range(self.row_steps):
                for step in range(self.steps(arch)):
                    yield Pass(block, row_step, step)

    def chunk(self, block: int, number: int) -> range:
        """The places of a chunk of a block, numbered row by row of the output plane."""
        places, (high, wide) = self.mapping.places, self.layer.output_plane
        first = (block * self.mapping.chunks + number) * places
        return range(min(first, high * wide), min(first + places, high * wide))

    def work(self, arch: Arch, doing: Pass, pe: int) -> tuple[int, int, int] | None:
        """The row of tiles, the part and the chunk of a PE in a pass; None: it has no work."""
        cluster, (row, column) = pe // (arch.pe_rows * arch.pe_columns), divmod(pe, arch.pe_columns)
        down, across = divmod(cluster, arch.cluster_columns)
        lane = (down // self.mapping.chain * arch.cluster_columns + across) * arch.pe_columns + column
        height = self.mapping.chain * arch.pe_rows
        part = doing.step * height + down % self.mapping.chain * arch.pe_rows + row % arch.pe_rows
        tile_row, chunk = divmod(lane, self.mapping.chunks)
        number = doing.row_step * self.mapping.tile_rows + tile_row
        inside = tile_row < self.mapping.tile_rows and number < len(self.tiles.outputs) and part < self.tiles.parts
        return (number, part, chunk) if inside and self.chunk(doing.block, chunk) else None


def layout(arch: Arch, given: CompressedLayer) -> tuple[Streams, ...]:
    """Divide a layer over the PEs, in one pass. InputError where the machine cannot run it."""
    layer = check_convolution(given, "Eyeriss v2")
    tiles, words, mapping = choose(arch, layer)
    bits = words * arch.weight_word_bits + tile_columns(tiles) * arch.weight_address_bits
    inputs = stored_input_bits(arch, layer)
    return (Streams(layer, tiles, mapping, bits, words, inputs <= 8 * arch.input_buffer_bytes, inputs),)


def stored_input_bits(arch: Arch, layer: CompressedConvolution) -> int:
    """Bits of all inputs: those that are not zero with their counts, and an address for each place of the plane."""
    _, high, wide = layer.activation.shape
    return int(np.count_nonzero(layer.activation)) * arch.input_bits + high * wide * arch.input_address_bits
