"""From BEV pooling in floating point to 16-bit words."""

import numpy as np
from numba import njit

from kernels_ref.fixed_point import WORD_BITS, round_shift, saturate
from workloads.distinct import distinct
from workloads.errors import refuse
from workloads.kinds.bev_pooling.layer import BevPooling, CompressedBevPooling
from workloads.number_formats.fixed_point import quantise

SAMPLED = 512
"""Cells whose sums decide the output's format, spread evenly; with fewer, all of them do."""
HEADROOM_BITS = 1
"""The largest of these sums stays this far below saturation."""
MOST_POINTS, MOST_OUTPUTS = 1 << 28, 1 << 26
"""Of all rays; of all cells with a point: those of a detector are 4 millions."""


def compress_pooling(layer: BevPooling) -> CompressedBevPooling:
    """The finest formats of 16 bits for weights and contexts; words of the cloud that never saturate.

    The output's format is that of the largest sum of `SAMPLED` cells with a bit of headroom.

    InputError where there is no context, its parts do not fit each other, or no point is in a cell.
    """
    if layer.activation is None:
        refuse(layer.name, "it has no context", "an input [rays, channels]")
    rays = len(layer.depth)
    if layer.cell.shape != layer.depth.shape or len(layer.activation) != rays or layer.activation.ndim != 2:
        found = f"it has cells {list(layer.cell.shape)}, weights {list(layer.depth.shape)} and contexts "
        refuse(layer.name, f"{found}{list(layer.activation.shape)}", "[rays, depths] twice and [rays, channels]")
    if layer.cell.size > MOST_POINTS:
        refuse(layer.name, f"it has {layer.cell.size:,} points", f"at most {MOST_POINTS:,}")
    inside = layer.cell[layer.cell >= 0]
    if not inside.size:
        refuse(layer.name, f"none of its {layer.cell.size:,} points is in a cell", "one at least")
    if int(inside.max()) >= layer.cells:
        refuse(layer.name, f"a point is in cell {int(inside.max()):,}", f"cells below {layer.cells:,}")
    hit, channels = distinct(inside), layer.activation.shape[1]
    if hit.size * channels > MOST_OUTPUTS:
        refuse(
            layer.name,
            f"{hit.size:,} cells with a point have {channels:,} channels",
            f"at most {MOST_OUTPUTS:,} in all",
        )
    depth, image = quantise(layer.depth, WORD_BITS), quantise(layer.activation, WORD_BITS)
    largest = int(np.abs(depth.word.astype(np.int64)).max()) * int(np.abs(image.word.astype(np.int64)).max())
    cloud_shift = max(0, largest.bit_length() - (WORD_BITS - 1))
    largest = _largest_sum(depth.word, image.word, layer.cell, hit, cloud_shift)
    return CompressedBevPooling(
        name=layer.name,
        cell=layer.cell,
        cells=layer.cells,
        depth=depth.word,
        activation=image.word,
        depth_fraction_bits=depth.fraction_bits,
        activation_fraction_bits=image.fraction_bits,
        cloud_shift=cloud_shift,
        shift=max(0, largest.bit_length() - (WORD_BITS - 1 - HEADROOM_BITS)),
    )


def _largest_sum(depth: np.ndarray, image: np.ndarray, cell: np.ndarray, hit: np.ndarray, cloud_shift: int) -> int:
    """The greatest magnitude of a sum among evenly spread cells with a point.

    depth: int16 [rays, depths]; image: int16 [rays, channels]; cell: int32 [rays, depths]; hit: int32 [hit cells], the
    cells with a point, ascending.
    """
    chosen = hit[np.unique(np.linspace(0, hit.size - 1, min(hit.size, SAMPLED)).astype(np.int64))]
    sampled = np.zeros(int(hit[-1]) + 2, np.bool_)  # the last is that of points in no cell
    sampled[chosen] = True
    return int(np.abs(sums_of(depth, image, np.where(sampled[cell], cell, -1), cloud_shift)).max(initial=0))


def sums_of(depth: np.ndarray, image: np.ndarray, cell: np.ndarray, cloud_shift: int) -> np.ndarray:
    """Exact sums of the cloud's words of all cells with a point, int64 [cells, channels], in ascending order.

    depth: int16 [rays, depths]; image: int16 [rays, channels]; cell: int32 [rays, depths], below 0 outside.
    """
    ray, place = np.nonzero(cell >= 0)
    hit, row = np.unique(cell[ray, place], return_inverse=True)
    found = np.zeros((hit.size, image.shape[1]), np.int64)
    _add_words(depth[ray, place], ray, image, row, cloud_shift, found)
    return found


@njit(cache=True)
def _add_words(weight, ray, image, row, cloud_shift, found):  # type: ignore[no-untyped-def]
    """Add words of points to sums, int64 [cells, channels]; weight: int16 [points]; ray, row: int64 [points].

    image: int16 [rays, channels].
    """
    for point in range(weight.size):
        for channel in range(image.shape[1]):
            product = np.int64(weight[point]) * np.int64(image[ray[point], channel])
            found[row[point], channel] += saturate(round_shift(product, cloud_shift))
