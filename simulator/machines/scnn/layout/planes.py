"""The distribution of the planes over the PEs: bands, tiles, halos, groups of output channels.

The input plane is cut into bands, which the machine processes in order (one band, if the layer fits), and each band
into tiles, one for each PE. A PE accumulates all outputs that its tile's inputs reach: its region, of tile and halo.
An output is owned by one PE of the first band in which it can be finished.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from simulator.hardware.tiling import rectangles, split_range
from simulator.machines.scnn.arch import Arch
from workloads.kinds.convolution.layer import CompressedConvolution


class Planes(NamedTuple):
    """Rectangles of the planes, each [first row, first column, end row, end column]."""

    tile: np.ndarray  # int64 [bands, pes, 4]: the inputs that a PE holds
    region: np.ndarray  # int64 [bands, pes, 4]: the outputs that they reach, also beyond the plane's edges
    owned: np.ndarray  # int64 [bands, pes, 4]: the outputs that a PE owns
    pitch: tuple[int, int]  # rows and columns of the largest region
    unfinished: np.ndarray  # int64 [bands]: outputs of a channel that a band reaches and a later band finishes


def cut_planes(arch: Arch, layer: CompressedConvolution, rows: int) -> Planes:
    """Cut the planes into bands and tiles, with `rows` rows in the tallest tile."""
    (_, high, wide), (out_high, out_wide) = layer.activation.shape, layer.output_plane
    down, across = layer.stride
    top, left = layer.padding[:2]
    tall, broad = layer.weight.shape[2:]
    starts = range(0, high, rows * arch.rows)
    tile, region, owned, unfinished, first = [], [], [], [], 0
    columns, out_columns = split_range(0, wide, arch.columns), split_range(0, out_wide, arch.columns)
    for start in starts:
        end = min(start + rows * arch.rows, high)
        last = out_high if end == high else max(first, (end - tall + top) // down + 1)
        tile.append(rectangles(split_range(start, end, arch.rows), columns))
        reach = _reach(tile[-1][:, [0, 2]], down, top, tall), _reach(tile[-1][:, [1, 3]], across, left, broad)
        region.append(np.column_stack([reach[0][:, 0], reach[1][:, 0], reach[0][:, 1], reach[1][:, 1]]))
        owned.append(rectangles(split_range(first, last, arch.rows), out_columns))
        reached = min((end - 1 + top) // down + 1, out_high)
        unfinished.append(max(0, reached - last) * out_wide)
        first = last
    regions = np.array(region, np.int64)
    pitch = (regions[:, :, 2:] - regions[:, :, :2]).max(axis=(0, 1))
    return Planes(
        np.array(tile, np.int64),
        regions,
        np.array(owned, np.int64),
        (int(pitch[0]), int(pitch[1])),
        np.array(unfinished, np.int64),
    )


def candidate_planes(arch: Arch, layer: CompressedConvolution) -> Iterator[Planes]:
    """Planes with one band, two bands, and so on to tiles of one row, if their regions fit the accumulators.

    The last candidate, with tiles of one row, is returned even if it does not fit.
    """
    high, bands, tried = layer.activation.shape[1], 0, 0
    while tried != 1:
        bands += 1
        rows = -(-high // (arch.rows * bands))
        if rows != tried:
            planes = cut_planes(arch, layer, rows)
            fits = planes.pitch[0] * planes.pitch[1] <= arch.accumulators
            if rows == 1 or fits or not arch.fit_accumulators:
                yield planes
        tried = rows


def non_zeros(planes: Planes, activation: np.ndarray) -> np.ndarray:
    """The number of non-zero activations of all channels in each tile, int64 [bands, pes].

    activation int16 [channels, rows, columns].
    """
    total = np.zeros((activation.shape[1] + 1, activation.shape[2] + 1), np.int64)
    total[1:, 1:] = np.count_nonzero(activation, axis=0).cumsum(axis=0).cumsum(axis=1)
    top, left, bottom, right = np.moveaxis(planes.tile, -1, 0)
    return total[bottom, right] - total[top, right] - total[bottom, left] + total[top, left]


def channels_per_group(arch: Arch, planes: Planes, outputs: int) -> int:
    """Kc: the number of output channels whose sums the banks hold, limited by `arch.group_channels` and `outputs`.

    The sum of channel k at (y, x) of the region is in bank (k * channel_step + y * columns + x) mod banks.
    """
    rows, columns = planes.pitch
    region = np.bincount(np.arange(rows * columns) % arch.banks, minlength=arch.banks)
    most, held, channels = min(outputs, arch.group_channels or outputs), region, 1
    if not arch.fit_accumulators:
        return most
    while channels < most:
        held = held + np.roll(region, channels * channel_step(arch, planes))
        if held.max() > arch.bank_entries:
            break
        channels += 1
    return channels


def channel_step(arch: Arch, planes: Planes) -> int:
    """Banks, not yet modulo their number, from a sum of one output channel to that of the next at the same place."""
    return planes.pitch[0] * planes.pitch[1] if arch.linear_banks else arch.bank_step


def _reach(edges: np.ndarray, stride: int, padding: int, kernel: int) -> np.ndarray:
    """The outputs, int64 [parts, 2] of first and end, that inputs edges[:, 0] .. edges[:, 1] reach; none for no inputs.

    With a stride there may be one more output at either end, which only an input of another phase reaches; so the bank
    of the first output is the same for all phases.
    """
    first = (edges[:, 0] + padding) // stride - (kernel - 1) // stride
    end = (edges[:, 1] - 1 + padding) // stride + 1
    return np.column_stack([first, np.where(edges[:, 1] > edges[:, 0], end, first)])
