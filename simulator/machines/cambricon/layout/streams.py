"""The layout of a convolution: jobs, each a piece of the inputs of a group of outputs on a tile of the plane."""

from typing import NamedTuple

import numpy as np

from simulator.hardware.tiling import check_convolution
from simulator.machines.cambricon.arch import Arch
from simulator.machines.cambricon.layout.jobs import Jobs, all_jobs, chunks_of, in_order
from simulator.machines.cambricon.layout.stored import Stored, kept_places, owners_of, store
from simulator.machines.cambricon.layout.tiles import areas, channels_of, nbin_values, patch_values, pieces, tiles
from workloads.errors import refuse
from workloads.kinds.convolution.layer import CompressedConvolution
from workloads.kinds.kind import CompressedLayer

MOST_JOBS = 1 << 24
"""Of a run, so that memory stays bounded."""


class Streams(NamedTuple):
    """A whole layer."""

    layer: CompressedConvolution
    pieces: np.ndarray  # int64 [pieces, 2]: first input of an output and end
    tiles: np.ndarray  # int64 [tiles, 4]: see `simulator.hardware.tiling`
    stored: Stored
    jobs: Jobs
    content_bytes: np.ndarray  # int64 [contents]: inputs that are loaded into a half of NBin
    content_chunks: np.ndarray  # int64 [contents]
    levels: int  # different weights, zero included


def layout(arch: Arch, given: CompressedLayer) -> tuple[Streams, ...]:
    """Cut a layer into jobs, in one pass. InputError where the machine cannot run it."""
    layer = check_convolution(given, "Cambricon")
    owners = owners_of(arch, layer)
    kept = kept_places(arch, layer, owners)
    parts = pieces(arch, layer, kept)
    plane = tiles(arch, layer, parts)
    stored = store(arch, owners, kept, parts)
    if len(plane) * len(parts) * len(stored.owners) > MOST_JOBS:
        refuse(layer.name, f"it makes {len(plane) * len(parts) * len(stored.owners):,} jobs", f"at most {MOST_JOBS:,}")
    order = in_order(arch, layer, int(areas(plane).max()), len(parts), stored.owners)
    content, begin = _contents(order, len(plane))
    values = patch_values(layer, plane, channels_of(layer, parts))[begin[:, 0], begin[:, 1]]
    content_bytes = values * arch.activation_bits // 8
    return (
        Streams(
            layer=layer,
            pieces=parts,
            tiles=plane,
            stored=stored,
            jobs=all_jobs(arch, stored, areas(plane), order, content),
            content_bytes=content_bytes,
            content_chunks=chunks_of(arch, content_bytes),
            levels=np.unique(layer.kernel).size,
        ),
    )


def _contents(order: np.ndarray, plane: int) -> tuple[np.ndarray, np.ndarray]:
    """What NBin holds for each job of a tile: its number, int64 [jobs]; and tile and piece of all, int64 [contents, 2].

    order: see `in_order`. It is loaded again where another group or piece was there before, and for each tile.
    """
    new = np.any(np.diff(order[:, :2], axis=0, prepend=-1) != 0, axis=1)
    piece = order[new, 1]
    begin = np.column_stack([np.repeat(np.arange(plane), piece.size), np.tile(piece, plane)])
    return np.cumsum(new) - 1, begin


def violations(arch: Arch, passes: tuple[Streams, ...]) -> list[str]:
    """A sentence for each limit that the layer exceeds; cycles are counted all the same."""
    found = []
    for streams in passes:
        codes = 1 << arch.weight_bits
        if arch.weight_bits < streams.layer.weight.itemsize * 8 and streams.levels > codes:
            found.append(f"decoder: the weights have {streams.levels} levels, a table of {codes} fits")
        room, most = nbin_values(arch), int(streams.content_bytes.max()) * 8 // arch.activation_bits
        if most > room:
            found.append(f"NBin: the inputs of an output are {most}, a half holds {room}")
    return found
