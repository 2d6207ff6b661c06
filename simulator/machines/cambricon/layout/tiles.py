"""What the buffers hold: pieces of an output's inputs, and rectangles of outputs."""

from collections.abc import Sequence

import numpy as np

from simulator.hardware.tiling import rectangles
from simulator.machines.cambricon.arch import HALVES, Arch
from workloads.kinds.convolution.layer import CompressedConvolution


def pieces(arch: Arch, layer: CompressedConvolution, kept: Sequence[np.ndarray], least: int = 1) -> np.ndarray:
    """First and end of each piece of an output's inputs, int64 [pieces, 2].

    Inputs are numbered channel by channel, row by row. There are as few pieces of equal size, whole rows of
    multipliers (or of as many weights as a slot of SB holds, where that is less), as a half of NBin and of the index
    buffer hold, and as the weights of any owner fit a slot of SB; at least as many as `least`. kept: the inputs whose
    weights each owner stores, int64 [stored].
    """
    inputs, most = layer.kernel[0].size, nbin_values(arch)
    if arch.shared_selector and arch.skip_weights:
        most = min(most, arch.index_bytes * 8 // HALVES)
    room = max(1, arch.sb_bytes * 8 // arch.sb_slots // arch.weight_bits)
    row = min(arch.multipliers, room)
    number = max(-(-inputs // max(1, most)), -(-max(places.size for places in kept) // room), least)
    while True:
        size = -(-inputs // number)
        size = min(-(-size // row) * row, max(size, most))
        first = np.arange(0, inputs, size, dtype=np.int64)
        cut = np.append(first, inputs)
        if size == 1 or max(int(np.diff(np.searchsorted(places, cut)).max()) for places in kept) <= room:
            return np.column_stack([first, cut[1:]])
        number += 1


def nbin_values(arch: Arch) -> int:
    """Inputs that a half of NBin holds."""
    return arch.nbin_bytes * 8 // HALVES // arch.activation_bits


def nbout_values(arch: Arch) -> int:
    """Sums that a half of NBout holds."""
    return arch.nbout_bytes * 8 // HALVES // arch.sum_bits


def channels_of(layer: CompressedConvolution, parts: np.ndarray) -> np.ndarray:
    """First and end of the input channels of each piece, int64 [pieces, 2]; parts: see `pieces`."""
    kernel = layer.kernel[0, 0].size
    return np.column_stack([parts[:, 0] // kernel, (parts[:, 1] - 1) // kernel + 1])


def tiles(arch: Arch, layer: CompressedConvolution, parts: np.ndarray) -> np.ndarray:
    """Rectangles of outputs whose inputs fit a half of NBin, int64 [tiles, 4]: see `simulator.hardware.tiling`.

    The most outputs, of equal ones the fewest inputs; at least one. The sums of a group fit a half of NBout.
    """
    touched = channels_of(layer, parts)
    channels = int((touched[:, 1] - touched[:, 0]).max())
    room, sums = nbin_values(arch) // channels, max(1, nbout_values(arch) // arch.outputs_each)
    (high, wide), (down, across) = layer.output_plane, layer.stride
    tall, broad = layer.weight.shape[2:]
    best = (1, -tall * broad, 1, 1)
    for columns in range(1, wide + 1):
        width = (columns - 1) * across + broad
        rows = min(high, ((room // width) - tall) // down + 1, sums // columns)
        if rows >= 1:
            best = max(best, (rows * columns, -((rows - 1) * down + tall) * width, rows, columns))
    _, _, rows, columns = best
    return rectangles(_cut(high, rows), _cut(wide, columns))


def areas(plane: np.ndarray) -> np.ndarray:
    """Outputs of a channel in each tile, int64 [tiles]; plane: int64 [tiles, 4]."""
    return (plane[:, 2] - plane[:, 0]) * (plane[:, 3] - plane[:, 1])


def _cut(length: int, size: int) -> np.ndarray:
    first = np.arange(0, length, size, dtype=np.int64)
    return np.column_stack([first, np.minimum(first + size, length)])


def patch_values(layer: CompressedConvolution, tile: np.ndarray, channels: np.ndarray) -> np.ndarray:
    """Inputs that tiles, int64 [tiles, 4], read of pieces' channels, int64 [pieces, 2]: int64 [tiles, pieces].

    Padding is not read.
    """
    (down, across), (up, left) = layer.stride, layer.padding[:2]
    tall, broad = layer.weight.shape[2:]
    _, high, wide = layer.activation.shape
    rows = np.minimum((tile[:, 2] - 1) * down - up + tall, high) - np.maximum(tile[:, 0] * down - up, 0)
    columns = np.minimum((tile[:, 3] - 1) * across - left + broad, wide) - np.maximum(tile[:, 1] * across - left, 0)
    area = np.maximum(rows, 0) * np.maximum(columns, 0)
    return area[:, None] * (channels[:, 1] - channels[:, 0])[None, :]
