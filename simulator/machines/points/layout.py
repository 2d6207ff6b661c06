"""From a compressed layer to blocks of pairs: what is gathered, multiplied and scattered as one.

Outputs are cut into tiles, and the pairs of a tile into blocks, offset after offset. Gather, multiply, scatter has one
tile, with all outputs; fetch on demand has as many outputs in a tile as the sum buffer holds; implicit GEMM has
`tile_sites`, and streams a row for each of them where any has a pair at the offset.
"""

from typing import NamedTuple

import numpy as np

from simulator.machines.points.arch import GATHER_SCATTER, IMPLICIT, ON_DEMAND, Arch
from workloads.errors import refuse
from workloads.kinds import expect
from workloads.kinds.kind import CompressedLayer
from workloads.kinds.sparse_convolution.layer import CompressedSparseConvolution

MOST_BLOCKS = 1 << 24
MOST_GROUPS = 1 << 23
"""Tiles times offsets: what is noted of them takes some hundred megabytes."""


class Streams(NamedTuple):
    """A whole layer. Arrays of blocks are in running order, int64 [blocks]."""

    layer: CompressedSparseConvolution
    begin: np.ndarray  # the first pair of each block, a number in the layer's rulebook
    end: np.ndarray
    offset: np.ndarray  # place of the kernel
    rows: np.ndarray  # that stream: pairs, or outputs of the tile
    sites: np.ndarray  # outputs that are finished after a block, else 0
    loads: np.ndarray  # bool: the block's weights are not those of the block before
    fetches: np.ndarray  # bool: the weights come from DRAM
    weight_bytes: int  # of the layer

    @property
    def blocks(self) -> int:
        """How many there are."""
        return self.begin.size


def layout(arch: Arch, given: CompressedLayer) -> tuple[Streams, ...]:
    """One pass. InputError where the layer is of another kind, or has too many blocks."""
    layer = expect(given, CompressedSparseConvolution, "the machine for pairs")
    tile = tile_sites(arch, layer)
    groups = -(-max(1, layer.sites) // tile) * layer.geometry.offsets
    if groups > MOST_GROUPS:
        what = f"it has {groups:,} tiles of outputs times places of the kernel"
        refuse(layer.name, what, f"at most {MOST_GROUPS:,}, with larger tiles")
    starts = np.arange(0, max(1, layer.sites), tile)
    bounds = _bounds(layer, np.append(starts, layer.sites))
    counts = np.diff(bounds, axis=0).ravel()  # pairs of each tile and offset, tile after tile
    step = tile if arch.dataflow == IMPLICIT else arch.block_pairs
    pieces = -(-counts // step)
    if int(pieces.sum()) > MOST_BLOCKS:
        refuse(layer.name, f"it has {int(pieces.sum()):,} blocks", f"at most {MOST_BLOCKS:,}, with larger ones")
    group = np.repeat(np.arange(counts.size), pieces)
    piece = np.arange(group.size) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    offset, where = group % layer.geometry.offsets, group // layer.geometry.offsets
    begin = bounds[:-1].ravel()[group] + piece * step
    end = np.minimum(begin + step, bounds[1:].ravel()[group])
    size = np.minimum(starts + tile, layer.sites) - starts
    last = np.append(where[1:] != where[:-1], [True])[: where.size]
    weight_bytes = layer.weight.size * arch.value_bits // 8
    loads = piece == 0
    return (
        Streams(
            layer, begin, end, offset,
            rows=size[where] if arch.dataflow == IMPLICIT else end - begin,
            sites=np.where(last, size[where], 0),
            loads=loads,
            fetches=loads & (_first_use(offset) if weight_bytes <= arch.weight_buffer_bytes else True),
            weight_bytes=weight_bytes,
        ),
    )  # fmt: skip


def tile_sites(arch: Arch, layer: CompressedSparseConvolution) -> int:
    """Outputs of a tile."""
    if arch.dataflow == GATHER_SCATTER:
        return max(1, layer.sites)
    if arch.dataflow == ON_DEMAND:
        return max(1, arch.sum_buffer_bytes * 8 // (arch.sum_bits * layer.outputs))
    return arch.tile_sites


def _bounds(layer: CompressedSparseConvolution, edges: np.ndarray) -> np.ndarray:
    """The first pair of each tile and offset, int64 [tiles + 1, offsets]; edges: int64 [tiles + 1], first outputs."""
    book = layer.book
    found = np.empty((edges.size, layer.geometry.offsets), np.int64)
    for offset in range(layer.geometry.offsets):
        first, last = book.first[offset], book.first[offset + 1]
        found[:, offset] = first + np.searchsorted(book.target[first:last], edges)
    return found


def _first_use(offset: np.ndarray) -> np.ndarray:
    """Whether an offset comes for the first time, bool [blocks], of int64 [blocks]."""
    found = np.zeros(offset.size, np.bool_)
    found[np.unique(offset, return_index=True)[1]] = True
    return found


def violations(arch: Arch, passes: tuple[Streams, ...]) -> list[str]:
    """A sentence for each limit that the layer exceeds."""
    return [
        f"weight buffer: {one.weight_bytes:,} bytes of weights, {arch.weight_buffer_bytes:,} fit (each tile fetches "
        "its weights)"
        for one in passes
        if one.weight_bytes > arch.weight_buffer_bytes
    ]
