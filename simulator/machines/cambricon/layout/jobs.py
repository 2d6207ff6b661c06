"""The jobs of all selectors in their order, and the loads that bring their weights."""

from typing import NamedTuple

import numpy as np

from simulator.machines.cambricon.arch import HALVES, Arch
from simulator.machines.cambricon.layout.stored import Stored
from simulator.machines.cambricon.layout.tiles import nbout_values
from workloads.kinds.convolution.layer import CompressedConvolution


class Jobs(NamedTuple):
    """The jobs of all selectors, those of selector s from start[s] on, each list in its order.

    A job is a piece of the inputs of an owner's outputs on a tile. A load fills a slot of SB with the weights of jobs
    that follow each other on a tile; those of selector s begin at load_start[s].
    """

    start: np.ndarray  # int64 [selectors + 1]
    content: np.ndarray  # int64 [jobs]: which content of NBin it reads; never descends within a selector
    tile: np.ndarray  # int64 [jobs]
    owner: np.ndarray  # int64 [jobs]
    piece: np.ndarray  # int64 [jobs]
    load: np.ndarray  # int64 [jobs]
    writes: np.ndarray  # int64 [jobs]: chunks of outputs after the job; 0 where the sums stay
    load_start: np.ndarray  # int64 [selectors + 1]
    load_bytes: np.ndarray  # int64 [loads, 2]: of weights and of the index
    load_chunks: np.ndarray  # int64 [loads]


class _Lists(NamedTuple):
    """The jobs of a selector on each tile: places in the order of a tile, and their loads, int64 [jobs] each."""

    place: np.ndarray
    load: np.ndarray
    loads: int


def in_order(arch: Arch, layer: CompressedConvolution, positions: int, parts: int, owners: np.ndarray) -> np.ndarray:
    """Group of the convolution, piece and owner of each job of a tile in order, int64 [jobs, 3].

    The inputs of a piece serve all owners, where NBout holds their sums until the last piece; else each group of PEs'
    outputs reads all pieces, one after the other. positions: outputs of a channel in the largest tile; parts: pieces;
    owners: see `Stored`.
    """
    each = layer.outputs // layer.groups
    group, batch = owners[:, 0] // each, owners[:, 0] % each // arch.pes
    owner, piece = (part.ravel() for part in np.meshgrid(*map(np.arange, (len(owners), parts)), indexing="ij"))
    inner = (owner, piece) if positions * each <= nbout_values(arch) else (owner, piece, batch[owner])
    chosen = np.lexsort((*inner, group[owner]))
    return np.column_stack([group[owner], piece, owner])[chosen].astype(np.int64)


def all_jobs(arch: Arch, stored: Stored, area: np.ndarray, order: np.ndarray, content: np.ndarray) -> Jobs:
    """The jobs of all tiles. area: int64 [tiles], outputs of a channel; order, content: int64 of the jobs of a tile."""
    lists = [_list(arch, stored, order, selector) for selector in range(arch.selectors)]
    tiles, contents = area.size, int(content.max()) + 1
    start = np.cumsum([0, *(tiles * one.place.size for one in lists)])
    load_start = np.cumsum([0, *(tiles * one.loads for one in lists)])
    place = np.concatenate([np.tile(one.place, tiles) for one in lists])
    tile = np.concatenate([np.repeat(np.arange(tiles), one.place.size) for one in lists])
    load = np.concatenate(
        [
            first + (np.arange(tiles)[:, None] * one.loads + one.load).ravel()
            for first, one in zip(load_start, lists, strict=False)
        ]
    )
    _, piece, owner = order[place].T
    many = np.column_stack([stored.weight_bytes[owner, piece], stored.index_bytes[owner, piece]])
    load_bytes = np.zeros((int(load_start[-1]), 2), np.int64)
    np.add.at(load_bytes, load, many)
    outputs = (stored.owners[:, 1] - stored.owners[:, 0])[owner] * area[tile]
    writes = chunks_of(arch, outputs * arch.activation_bits // 8) * (piece == stored.weight_bytes.shape[1] - 1)
    return Jobs(
        start=start.astype(np.int64),
        content=tile * contents + content[place],
        tile=tile.astype(np.int64),
        owner=owner,
        piece=piece,
        load=load.astype(np.int64),
        writes=writes,
        load_start=load_start.astype(np.int64),
        load_bytes=load_bytes,
        load_chunks=chunks_of(arch, load_bytes.sum(axis=1)),
    )


def chunks_of(arch: Arch, many: np.ndarray) -> np.ndarray:
    """Chunks of transfers, int64 [any shape] of bytes: at least one each."""
    return np.maximum(1, -(-many // arch.chunk_bytes))


def _list(arch: Arch, stored: Stored, order: np.ndarray, selector: int) -> _Lists:
    """A selector's jobs of a tile; a load takes as many as a slot of SB and a half of the index buffer hold."""
    place = np.flatnonzero(stored.owners[order[:, 2], 2] == selector)
    room = arch.sb_bytes // arch.sb_slots, arch.index_bytes // HALVES
    load, used, number = [], [0, 0], -1
    for _, piece, owner in order[place].tolist():
        first, end, _ = stored.owners[owner].tolist()
        more = -(-int(stored.weight_bytes[owner, piece]) // (end - first)), int(stored.index_bytes[owner, piece])
        used = [used[0] + more[0], used[1] + more[1]]
        if number < 0 or used[0] > room[0] or (arch.shared_selector and used[1] > room[1]):
            number, used = number + 1, [*more]
        load.append(number)
    return _Lists(place, np.array(load, np.int64), number + 1)
