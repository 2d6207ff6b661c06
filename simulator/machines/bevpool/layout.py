"""The steps of BEV pooling, one after the other; all lanes and DRAM end a step before the next begins.

With ranks: the lanes add up a group of cells, a cell each, group after group. Without: they compute the cell of each
point, keys are sorted in passes of a merger, prefix sums over all points go to DRAM, and those of neighbouring cells
are subtracted. Not fused: the cloud of all points is made first. Fused: weights and contexts are fetched first, where
the buffer holds them.
"""

from typing import NamedTuple

import numpy as np

from simulator.machines.bevpool.arch import ADD, CLOUD, FETCH, KEYS, SCAN, SORT, SUBTRACT, Arch
from workloads.kinds import expect
from workloads.kinds.bev_pooling.layer import CompressedBevPooling, Intervals
from workloads.kinds.kind import CompressedLayer


class Streams(NamedTuple):
    """A whole layer."""

    layer: CompressedBevPooling
    intervals: Intervals  # points by cell
    order: np.ndarray  # int64 [hit cells]: in which they are added up
    step: np.ndarray  # int64 [steps]: what it is, as `arch` has the numbers
    first: np.ndarray  # int64 [steps]: of a group, the place of its first cell in `order`; else 0
    buffered: bool  # the buffer holds all weights and contexts

    @property
    def feature_values(self) -> int:
        """Weights and contexts of all rays."""
        return self.layer.depth.size + self.layer.activation.size


def layout(arch: Arch, given: CompressedLayer) -> tuple[Streams, ...]:
    """One pass. InputError where the layer is of another kind."""
    layer = expect(given, CompressedBevPooling, "the machine for BEV pooling")
    intervals = layer.intervals()
    hit = intervals.cell.size
    order = np.argsort(-intervals.lengths, kind="stable") if arch.by_length and arch.ranks else np.arange(hit)
    buffered = (layer.depth.size + layer.activation.size) * arch.value_bits <= 8 * arch.feature_buffer_bytes
    before = [] if arch.fused else [CLOUD]
    before += [FETCH] if arch.fused and buffered else []
    if arch.ranks:
        groups = np.arange(0, hit, arch.lanes)
    else:
        before += [KEYS, *[SORT] * sort_passes(arch, layer.kept), SCAN, SUBTRACT]
        groups = np.zeros(0, np.int64)
    step = np.concatenate([np.array(before, np.int64), np.full(groups.size, ADD, np.int64)])
    first = np.concatenate([np.zeros(len(before), np.int64), groups])
    return (Streams(layer, intervals, order, step, first, buffered),)


def sort_passes(arch: Arch, points: int) -> int:
    """How often all keys pass a merger that sorts `sort_width` of them at once, and then merges two runs."""
    runs = -(-points // arch.sort_width)
    return 1 + (runs - 1).bit_length()


def violations(arch: Arch, passes: tuple[Streams, ...]) -> list[str]:
    """A sentence for each limit that the layer exceeds."""
    return [
        f"feature buffer: {one.feature_values * arch.value_bits // 8:,} bytes of weights and contexts, "
        f"{arch.feature_buffer_bytes:,} fit (each point fetches its own)"
        for one in passes
        if arch.fused and not one.buffered
    ]
