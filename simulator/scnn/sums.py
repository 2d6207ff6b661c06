"""What a layer computes, and how the outputs are stored: order does not matter, so neither does the machine.

A product of 16-bit operands is rounded, shifted right and added to a sum that wraps around at 24 bits; the bias is added
likewise; then the sum is saturated to 16 bits. Sums that wrap around at 32 bits wrap around at 24 bits too, in the end.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numba import njit

from simulator.scnn.arch import Arch
from simulator.scnn.planes import Planes
from workloads.layers import CompressedConvolution


def outputs(layer: CompressedConvolution, pool: ThreadPoolExecutor) -> np.ndarray:
    """The outputs, int16 [channels, rows, columns]."""
    planes = _phases(layer)
    result = np.zeros((layer.outputs, *layer.output_plane), np.int16)
    bias = np.zeros(layer.outputs, np.int32) if layer.bias is None else layer.bias.astype(np.int32)
    per_group, inputs = layer.outputs // layer.groups, layer.weight.shape[1]

    def fill(channel: int) -> None:
        first = channel // per_group * inputs
        seen = planes[first : first + inputs]
        _channel(layer.weight[channel], seen, np.int32(layer.shift), bias[channel], layer.relu, result[channel])

    list(pool.map(fill, range(layer.outputs)))
    return result


def _phases(layer: CompressedConvolution) -> np.ndarray:
    """The padded inputs, int16 [channels, stride, stride, rows, columns]: input y is row y // stride of y mod stride."""
    (down, across), (top, left, bottom, right) = layer.stride, layer.padding
    channels, high, wide = layer.activation.shape
    rows, columns = -(-(high + top + bottom) // down), -(-(wide + left + right) // across)
    padded = np.zeros((channels, rows * down, columns * across), np.int16)
    padded[:, top : top + high, left : left + wide] = layer.activation
    split = padded.reshape(channels, rows, down, columns, across).transpose(0, 2, 4, 1, 3)
    return np.ascontiguousarray(split)


@njit(cache=True, nogil=True)
def _channel(weight, planes, shift, bias, relu, result):  # type: ignore[no-untyped-def]
    """One output channel: every non-zero weight times all inputs of its phase.

    Rows are taken as long as the input's, so that a plane is one piece; what is behind an output row's end is left out.
    """
    (high, wide), (down, across, pitch) = result.shape, (planes.shape[1], planes.shape[2], planes.shape[4])
    total = np.zeros((high - 1) * pitch + wide, np.int32)
    half = np.int32((1 << shift) >> 1)
    for c in range(weight.shape[0]):
        for i in range(weight.shape[1]):
            for j in range(weight.shape[2]):
                if weight[c, i, j] != 0:
                    first = i // down * pitch + j // across
                    plane = planes[c, i % down, j % across].ravel()
                    _add(total, plane[first : first + total.size], np.int32(weight[c, i, j]), half, shift)
    for y in range(high):
        for x in range(wide):
            kept = ((np.int64(total[y * pitch + x]) + bias + (1 << 23)) & ((1 << 24) - 1)) - (1 << 23)
            result[y, x] = min(max(kept, 0 if relu else -(1 << 15)), (1 << 15) - 1)


@njit(cache=True, nogil=True)
def _add(total, row, w, half, shift):  # type: ignore[no-untyped-def]
    """total += (w * row + half) >> shift, in 32 bits."""
    for x in range(total.size):
        product = np.int32(np.int32(w * np.int32(row[x])) + half)
        total[x] += np.int32(product >> (shift & np.int32(31)))


def stored(arch: Arch, planes: Planes, result: np.ndarray) -> np.ndarray:
    """Entries of the outputs as the OARAMs hold them, int64 [pes]: a block for each tile and channel."""
    held = np.zeros(arch.pes, np.int64)
    if not arch.skip_activations:
        places = (planes.owned[..., 2:] - planes.owned[..., :2]).prod(axis=-1)
        return places.sum(axis=0) * result.shape[0]
    _count(result, planes.owned, 1 << arch.index_bits, held)
    return held


@njit(cache=True, nogil=True)
def _count(result, owned, step, held):  # type: ignore[no-untyped-def]
    """Add the non-zeros and placeholders of each PE's blocks to `held`."""
    for band in range(owned.shape[0]):
        for pe in range(owned.shape[1]):
            y0, x0, y1, x1 = owned[band, pe]
            for k in range(result.shape[0]):
                gap = 0
                for y in range(y0, y1):
                    for x in range(x0, x1):
                        if result[k, y, x] == 0:
                            gap += 1
                        else:
                            held[pe] += 1 + gap // step
                            gap = 0
