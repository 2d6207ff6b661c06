"""How a layer is divided over the PEs: the fastest of the mappings that the hierarchical mesh allows, by an estimate.

Columns of PEs add up sums: a chain of `chain` clusters in a column of clusters works on as many parts of a tile's sums
as it has PEs in a column. Each column of PEs of a chain is a lane: it has a row of tiles and a chunk of the places of
the output plane. Lanes share weights where they have the same row of tiles, and inputs where they have the same chunk.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from simulator.machines.eyeriss_v2.arch import Arch
from simulator.machines.eyeriss_v2.layout.tiles import Tiles, cut_tiles, tile_columns, tile_words, words_of
from workloads.kinds.convolution.layer import CompressedConvolution


class Mapping(NamedTuple):
    """Lane l of a pass has row of tiles l // chunks and chunk l % chunks, of those of the pass."""

    chain: int  # clusters whose columns of PEs are one chain; divides the rows of clusters
    tile_rows: int  # rows of tiles in a pass
    chunks: int  # of output places in a pass
    blocks: int  # of output places, one after the other: the sums of a block fit the global buffer
    places: int  # of a chunk, row by row of the output plane; the last chunks may be shorter or empty


class Choice(NamedTuple):
    """Tiles with their words, and the mapping of them."""

    tiles: Tiles
    words: np.ndarray  # int64 [rows of tiles, parts]
    mapping: Mapping


class Sizes(NamedTuple):
    """What an estimate is made of: of a mean tile where not said otherwise."""

    rows: int  # of tiles
    parts: int
    outputs: int  # of the largest tile
    places: int  # of the whole output plane
    words: int
    bits: int  # of a tile's weights and addresses
    inputs: int  # that a place needs, if none is zero
    grouped: bool  # whether rows of tiles have inputs of their own


def choose(arch: Arch, layer: CompressedConvolution) -> Choice:
    """The fastest mapping; of equals the first, of the largest tiles."""
    found = [
        (time, number, Choice(tiles, words, mapping))
        for number, (tiles, words) in enumerate(_candidates(arch, layer))
        for time, mapping in [best_mapping(arch, sizes_of(arch, layer, tiles, words))]
    ]
    return min(found, key=lambda one: one[:2])[2]


def _candidates(arch: Arch, layer: CompressedConvolution) -> Iterator[tuple[Tiles, np.ndarray]]:
    """Tiles that fit the scratchpads: the largest, and with `search_tiles` smaller ones until all PEs have one."""
    lanes, chain = arch.clusters * arch.pe_columns, arch.cluster_rows * arch.pe_rows
    for inputs in _halves(min(arch.tile_inputs, layer.weight.shape[1] * layer.groups)):
        for outputs in _halves(min(arch.tile_outputs, arch.sum_words, layer.outputs)):
            tiles = cut_tiles(arch, layer, outputs, inputs)
            words = tile_words(tiles, words_of(arch, tiles))
            if words.max(initial=0) <= arch.tile_words and _has_room(arch, tiles):
                yield tiles, words
                if not arch.search_tiles or len(tiles.outputs) >= lanes:
                    break
        if not arch.search_tiles or tiles.parts >= chain:
            break


def _halves(number: int) -> Iterator[int]:
    """The number, half of it, and so on, down to 1."""
    while number > 1:
        yield number
        number = -(-number // 2)
    yield 1


def _has_room(arch: Arch, tiles: Tiles) -> bool:
    """Whether the global buffer holds the sums of one place of a tile."""
    return int((tiles.outputs[:, 1] - tiles.outputs[:, 0]).max()) <= global_sums(arch)


def global_sums(arch: Arch) -> int:
    """Sums that the global buffer holds."""
    return 8 * arch.sum_buffer_bytes // arch.sum_bits


def sizes_of(arch: Arch, layer: CompressedConvolution, tiles: Tiles, words: np.ndarray) -> Sizes:
    """The sizes of a layer's mean tile; words: int64 [rows of tiles, parts]."""
    high, wide = layer.output_plane
    columns = tile_columns(tiles)
    bits = int(words.sum()) * arch.weight_word_bits // words.size + int(columns.mean()) * arch.weight_address_bits
    return Sizes(
        rows=len(tiles.outputs),
        parts=tiles.parts,
        outputs=int((tiles.outputs[:, 1] - tiles.outputs[:, 0]).max()),
        places=high * wide,
        words=max(1, int(words.sum()) // words.size),
        bits=bits,
        inputs=int((tiles.channels[:, 1] - tiles.channels[:, 0]).max()) * min(layer.stride[1], layer.weight.shape[3]),
        grouped=layer.groups > 1,
    )


def best_mapping(arch: Arch, sizes: Sizes) -> tuple[int, Mapping]:
    """The estimated cycles of the fastest mapping of these tiles, and the mapping; of equals the first."""
    return min(
        ((estimate(arch, sizes, mapping), mapping) for mapping in mappings(arch, sizes)), key=lambda found: found[0]
    )


def mappings(arch: Arch, sizes: Sizes) -> Iterator[Mapping]:
    """All mappings: a chain of one cluster or more, and lanes divided over rows of tiles and chunks of places."""
    for chain in (size for size in range(1, arch.cluster_rows + 1) if arch.cluster_rows % size == 0):
        lanes, tried = arch.clusters // chain * arch.pe_columns, 0
        for rows in range(1, min(lanes, sizes.rows) + 1):
            together = -(-sizes.rows // -(-sizes.rows // rows))  # no fewer passes with more
            held = global_sums(arch) // (together * sizes.outputs)
            if together == tried or not held:
                continue
            tried, chunks = together, min(lanes // together, sizes.places, held)
            blocks = -(-sizes.places // (chunks * (held // chunks)))
            places = -(-sizes.places // (chunks * blocks))
            yield Mapping(chain, together, chunks, -(-sizes.places // (chunks * places)), places)


def estimate(arch: Arch, sizes: Sizes, mapping: Mapping) -> int:
    """Cycles of a mapping if all passes were equal and no input were zero."""
    height = mapping.chain * arch.pe_rows
    steps, row_steps = -(-sizes.parts // height), -(-sizes.rows // mapping.tile_rows)
    compute = arch.fill_cycles + mapping.places * sizes.words
    if arch.ideal_mesh:
        return row_steps * steps * mapping.blocks * compute
    sharing = min(mapping.tile_rows, -(-arch.pe_columns // mapping.chunks))
    lanes = min(arch.pe_columns, mapping.chunks * (mapping.tile_rows if sizes.grouped else 1))
    streams = lanes * min(arch.pe_rows, sizes.parts)
    inputs = -(-streams * mapping.places * sizes.inputs * arch.input_bits // (arch.input_ports * arch.input_port_bits))
    sums = -(-mapping.places * sizes.outputs * arch.sum_bits // arch.sum_port_bits)
    weights = -(-sharing * sizes.bits // arch.weight_port_bits)
    dram = mapping.tile_rows * min(height, sizes.parts) * sizes.bits * 125 // arch.dram_bytes_per_kcycle
    load = max(weights, dram) if row_steps * steps > 1 else 0
    work = max(compute, inputs, sums)
    return row_steps * steps * mapping.blocks * (max(work, load) if arch.prefetch else work + load)
