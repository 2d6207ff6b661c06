"""Which PE holds what of the planes: bands, tiles, halos, groups of output channels.

The input plane is cut into bands that the machine works on one after the other (one, where the layer fits), each band
into tiles, one for each PE. A PE adds up all outputs that its tile's inputs reach: its region, tile and halo.
An output belongs to one PE of the first band in which it can be finished.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from simulator.hardware.tiling import cut, grid
from simulator.machines.scnn.arch import Arch
from workloads.kinds.convolution.layer import CompressedConvolution


class Planes(NamedTuple):
    """Rectangles are [first row, first column, row behind the last, column behind the last]."""

    tile: np.ndarray  # int64 [bands, pes, 4]: of the inputs that a PE holds
    region: np.ndarray  # int64 [bands, pes, 4]: of the outputs that they reach, beyond the plane's edges too
    owned: np.ndarray  # int64 [bands, pes, 4]: of the outputs that belong to a PE
    pitch: tuple[int, int]  # rows and columns of the largest region
    unfinished: np.ndarray  # int64 [bands]: places of the output plane that a band reaches and a later one finishes


def shape(arch: Arch, layer: CompressedConvolution, rows: int) -> Planes:
    """The planes, with `rows` rows in the tallest tile."""
    (_, high, wide), (out_high, out_wide) = layer.activation.shape, layer.output_plane
    down, across = layer.stride
    top, left = layer.padding[:2]
    tall, broad = layer.weight.shape[2:]
    starts = range(0, high, rows * arch.rows)
    tile, region, owned, unfinished, first = [], [], [], [], 0
    columns, out_columns = cut(0, wide, arch.columns), cut(0, out_wide, arch.columns)
    for start in starts:
        end = min(start + rows * arch.rows, high)
        last = out_high if end == high else max(first, (end - tall + top) // down + 1)
        tile.append(grid(cut(start, end, arch.rows), columns))
        reach = _reach(tile[-1][:, [0, 2]], down, top, tall), _reach(tile[-1][:, [1, 3]], across, left, broad)
        region.append(np.column_stack([reach[0][:, 0], reach[1][:, 0], reach[0][:, 1], reach[1][:, 1]]))
        owned.append(grid(cut(first, last, arch.rows), out_columns))
        behind = min((end - 1 + top) // down + 1, out_high)
        unfinished.append(max(0, behind - last) * out_wide)
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


def candidates(arch: Arch, layer: CompressedConvolution) -> Iterator[Planes]:
    """Planes with one band, two, and so on to tiles of one row; only those whose regions fit the accumulators.

    The last comes whether it fits or not.
    """
    high, bands, tried = layer.activation.shape[1], 0, 0
    while tried != 1:
        bands += 1
        rows = -(-high // (arch.rows * bands))
        if rows != tried:
            planes = shape(arch, layer, rows)
            if rows == 1 or planes.pitch[0] * planes.pitch[1] <= arch.accumulators:
                yield planes
        tried = rows


def non_zeros(planes: Planes, activation: np.ndarray) -> np.ndarray:
    """Non-zero activations of all channels in each tile, int64 [bands, pes]."""
    total = np.zeros((activation.shape[1] + 1, activation.shape[2] + 1), np.int64)
    total[1:, 1:] = np.count_nonzero(activation, axis=0).cumsum(axis=0).cumsum(axis=1)
    top, left, bottom, right = np.moveaxis(planes.tile, -1, 0)
    return total[bottom, right] - total[top, right] - total[bottom, left] + total[top, left]


def channels_per_group(arch: Arch, planes: Planes, outputs: int) -> int:
    """Kc: as many output channels as the banks hold the sums of, and no more than asked for, or than there are.

    The sum of channel k at (y, x) of the region is in bank (k * bank_step + y * columns + x) mod banks.
    """
    rows, columns = planes.pitch
    region = np.bincount(np.arange(rows * columns) % arch.banks, minlength=arch.banks)
    most, held, channels = min(outputs, arch.group_channels or outputs), region, 1
    while channels < most:
        held = held + np.roll(region, channels * arch.bank_step)
        if held.max() > arch.bank_entries:
            break
        channels += 1
    return channels


def _reach(edges: np.ndarray, stride: int, padding: int, kernel: int) -> np.ndarray:
    """The outputs, first and behind the last, that inputs edges[:, 0] .. edges[:, 1] reach; none for no inputs.

    With a stride there may be one more at either end, which only an input of another phase would reach: so the first
    output's part of a bank is the same for all phases.
    """
    first = (edges[:, 0] + padding) // stride - (kernel - 1) // stride
    behind = (edges[:, 1] - 1 + padding) // stride + 1
    return np.column_stack([first, np.where(edges[:, 1] > edges[:, 0], behind, first)])
