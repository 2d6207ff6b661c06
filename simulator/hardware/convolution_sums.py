"""The output of a compressed convolution, the same for every machine: its sums do not depend on their order.

A product of 16-bit operands is rounded, shifted right and added to a sum that wraps around at 24 bits; the bias is
added in the same way; then the sum is saturated to 16 bits. Sums are kept in 32 bits here and wrapped to 24 bits at the
end, which gives the same result.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numba import njit

from workloads.kinds.convolution.layer import CompressedConvolution

MOST_PARTS = 256
"""In which the channels are computed: enough for any number of threads, and few enough to cost nothing to start."""


def compute_outputs(layer: CompressedConvolution, pool: ThreadPoolExecutor) -> np.ndarray:
    """The layer's outputs, int16 [channels, rows, columns]; each thread of the pool computes whole channels."""
    planes = _split_by_phase(layer)
    result = np.zeros((layer.outputs, *layer.output_plane), np.int16)
    bias = np.zeros(layer.outputs, np.int32) if layer.bias is None else layer.bias.astype(np.int32)
    kernel = np.ascontiguousarray(layer.kernel)
    per_group, inputs = layer.outputs // layer.groups, layer.weight.shape[1]

    def fill(part: int) -> None:
        begin, end = part * layer.outputs // parts, (part + 1) * layer.outputs // parts
        given = kernel, np.array(layer.dilation), planes, np.int32(layer.shift), bias, layer.relu, result
        _compute_channels(*given, per_group, inputs, begin, end)

    parts = min(layer.outputs, MOST_PARTS)
    list(pool.map(fill, range(parts)))
    return result


def _split_by_phase(layer: CompressedConvolution) -> np.ndarray:
    """The padded inputs, int16 [channels, stride, stride, rows, columns]: row y is row y // stride of y mod stride."""
    (top, left, bottom, right), (channels, high, wide) = layer.padding, layer.activation.shape
    down = min(layer.stride[0], high + top + bottom)  # a stride longer than the plane gives one output, too
    across = min(layer.stride[1], wide + left + right)
    rows, columns = -(-(high + top + bottom) // down), -(-(wide + left + right) // across)
    padded = np.zeros((channels, rows * down, columns * across), np.int16)
    padded[:, top : top + high, left : left + wide] = layer.activation
    split = padded.reshape(channels, rows, down, columns, across).transpose(0, 2, 4, 1, 3)
    return np.ascontiguousarray(split)


@njit(cache=True, nogil=True)
def _compute_channels(  # type: ignore[no-untyped-def]
    weight, dilation, planes, shift, bias, relu, result, per_group, inputs, begin, end
):
    """Compute the output channels begin .. end - 1 into `result`, int16 [channels, rows, columns].

    weight int16 [channels, inputs, kernel rows, kernel columns]; planes int16 [all inputs, ...], bias int32 [channels];
    per_group: output channels of a group, whose input channels are `inputs`. See `_compute_channel`.
    """
    for k in range(begin, end):
        first = k // per_group * inputs
        _compute_channel(weight[k], dilation, planes[first : first + inputs], shift, bias[k], relu, result[k])


@njit(cache=True, nogil=True)
def _compute_channel(weight, dilation, planes, shift, bias, relu, result):  # type: ignore[no-untyped-def]
    """Compute one output channel into `result`, int16 [rows, columns]: each non-zero weight times its phase's inputs.

    weight int16 [inputs, kernel rows, kernel columns]; dilation int64 [2]: down, right; planes int16 [inputs, stride,
    stride, rows, columns]: see `_split_by_phase`; shift int32; bias int32; relu bool. Sums are computed for rows as
    long as the input's, so that a plane is one contiguous piece; sums after the end of an output row are dropped.
    """
    (high, wide), pitch, count = result.shape, planes.shape[4], 0
    total, flat = np.zeros((high - 1) * pitch + wide, np.int32), planes.ravel()
    first, value = np.zeros(weight.size + 1, np.int64), np.zeros(weight.size + 1, np.int32)
    places = _first_inputs(weight.shape[1], weight.shape[2], dilation, planes.shape)
    step = planes.shape[1] * planes.shape[2] * planes.shape[3] * pitch
    for c in range(weight.shape[0]):
        for i in range(weight.shape[1]):
            for j in range(weight.shape[2]):
                first[count], value[count] = c * step + places[i, j], weight[c, i, j]
                count += int(weight[c, i, j] != 0)
    half = np.int32((1 << shift) >> 1)
    for n in range(count):
        _add_products(total, flat[first[n] : first[n] + total.size], value[n], half, shift)
    for y in range(high):
        for x in range(wide):
            kept = ((np.int64(total[y * pitch + x]) + bias + (1 << 23)) & ((1 << 24) - 1)) - (1 << 23)
            result[y, x] = min(max(kept, 0 if relu else -(1 << 15)), (1 << 15) - 1)


@njit(cache=True, nogil=True)
def _first_inputs(tall, broad, dilation, shape):  # type: ignore[no-untyped-def]
    """Where the inputs of each place of the kernel begin in the planes of a channel, int64 [tall, broad]."""
    places = np.zeros((tall, broad), np.int64)
    down, across, high, pitch = shape[1:]
    for i in range(tall):
        for j in range(broad):
            y, x = i * dilation[0], j * dilation[1]
            places[i, j] = ((y % down * across + x % across) * high + y // down) * pitch + x // across
    return places


@njit(cache=True, nogil=True)
def _add_products(total, inputs, w, half, shift):  # type: ignore[no-untyped-def]
    """`total += (w * inputs + half) >> shift`, in place and in 32 bits.

    total int32 [sums]; inputs int16 [sums]; w, half and shift int32.
    """
    for x in range(total.size):
        product = np.int32(np.int32(w * np.int32(inputs[x])) + half)
        total[x] += np.int32(product >> (shift & np.int32(31)))
