"""How a layer is cut and in which order it runs: the fewest bytes of DRAM of a few candidates, by a formula.

    bytes = stored weights and index x (tiles where tiles are outermost, else 1)
          + inputs of a tile, summed over tiles, contents of NBin and visits
          + outputs, the same for all

Tiles outermost: all weights pass by on each tile. Weights outermost: as many outputs as SB holds the weights of run on
all tiles before the next ones, which needs all weights of a group of PEs' outputs in SB, as sums do not leave NBout.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from simulator.machines.cambricon.arch import FEWEST_BYTES, TILES_OUTERMOST, WEIGHTS_OUTERMOST, Arch
from simulator.machines.cambricon.layout.stored import Stored, kept_places, owners_of, store
from simulator.machines.cambricon.layout.tiles import areas, channels_of, patch_values, pieces, tiles
from simulator.machines.cambricon.layout.visits import Visit, one_visit, visits_by_weights
from workloads.errors import refuse
from workloads.kinds.convolution.layer import CompressedConvolution

MOST_JOBS = 1 << 24
"""Of a run, so that memory stays bounded."""


class Plan(NamedTuple):
    """A layer, cut, and its order."""

    weights_outermost: bool
    pieces: np.ndarray  # int64 [pieces, 2]: first input of an output and end
    tiles: np.ndarray  # int64 [tiles, 4]: see `simulator.hardware.tiling`
    stored: Stored
    visits: Sequence[Visit]  # one visit after the other, each to all tiles; tiles outermost: one visit
    content_bytes: np.ndarray  # int64 [tiles, pieces]: of inputs in NBin

    @property
    def bytes(self) -> int:
        """Of DRAM, without the outputs."""
        stored = int(self.stored.weight_bytes.sum() + self.stored.index_bytes.sum())
        loaded = np.concatenate([one.loaded[:, 1] for one in self.visits])
        inputs = int(self.content_bytes.sum(axis=0)[loaded].sum())
        return stored * (1 if self.weights_outermost else len(self.tiles)) + inputs


def choose(arch: Arch, layer: CompressedConvolution) -> Plan:
    """The candidate of the fewest bytes, the first of equals. InputError where the layer makes too many jobs."""
    best, least = None, 0
    for plan in _candidates(arch, layer):
        found = plan.bytes
        if best is None or found < least:
            best, least = plan, found
    assert best is not None
    return best


def _candidates(arch: Arch, layer: CompressedConvolution) -> Iterator[Plan]:
    """The fewest pieces first; for each number of pieces, tiles outermost, then weights."""
    owners = owners_of(arch, layer)
    kept = kept_places(arch, layer, owners)
    fewest = pieces(arch, layer, kept)
    found = list(_plans(arch, layer, owners, kept, fewest))
    if not found:
        many = len(tiles(arch, layer, fewest)) * len(fewest) * len(owners)
        refuse(layer.name, f"it makes {many:,} jobs", f"at most {MOST_JOBS:,}")
    yield from found
    if len(found[0].tiles) > 1:
        for number in _more_pieces(arch, kept, len(fewest)):
            yield from _plans(arch, layer, owners, kept, pieces(arch, layer, kept, number))


def _more_pieces(arch: Arch, kept: Sequence[np.ndarray], fewest: int) -> Iterator[int]:
    """Twice as many pieces, four times, and so on, and the most that `piece_rows` allows."""
    mean = sum(places.size for places in kept) // len(kept)
    most = mean // (arch.multipliers * arch.piece_rows) if arch.piece_rows else 0
    number = 2 * fewest
    while number < most:
        yield number
        number *= 2
    if most > fewest:
        yield most


def _plans(
    arch: Arch, layer: CompressedConvolution, owners: np.ndarray, kept: Sequence[np.ndarray], parts: np.ndarray
) -> Iterator[Plan]:
    """Both orders, unless the configuration or SB's size rules one out; none where there are too many jobs.

    owners, kept: see `stored`; parts: int64 [pieces, 2].
    """
    plane = tiles(arch, layer, parts)
    if len(plane) * len(parts) * len(owners) > MOST_JOBS:
        return
    stored, positions = store(arch, owners, kept, parts), int(areas(plane).max())
    inputs = patch_values(layer, plane, channels_of(layer, parts)) * arch.activation_bits // 8
    by_weights = list[Visit]()
    if arch.loop_order == WEIGHTS_OUTERMOST or (arch.loop_order == FEWEST_BYTES and len(plane) > 1):
        by_weights = visits_by_weights(arch, layer, positions, stored)
    if arch.loop_order in (FEWEST_BYTES, TILES_OUTERMOST) or not by_weights:
        yield Plan(False, parts, plane, stored, [one_visit(arch, layer, positions, stored)], inputs)
    if by_weights:
        yield Plan(True, parts, plane, stored, by_weights, inputs)
