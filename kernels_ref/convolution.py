"""Convolution in 16-bit fixed point with 24-bit accumulators; zero weights are skipped.

The rule, in this order for each output:

1. each product of two 16-bit words (32 bits) is rounded to the output's format: `round(w * a / 2**shift)`;
2. these and the bias, which has the output's format already, are added modulo 2**24;
3. the sum, read as a 24-bit two's-complement number, saturates to 16 bits; ReLU follows where there is one.

With an accumulator that saturates at each addition the output would depend on the order of the additions, and each
machine adds in another order; modulo 2**24 it does not. Rounding comes first because a sum of 32-bit products does not
fit 24 bits: an accumulator holds the output's 16 bits and 8 more for intermediate sums (SCNN, table II, gives only the
widths).
"""

import numpy as np
from numba import njit

from kernels_ref.fixed_point import HIGHEST, LOWEST, wrap


def convolve(
    weight: np.ndarray,
    bias: np.ndarray | None,
    activation: np.ndarray,
    stride: tuple[int, int],
    padding: tuple[int, int, int, int],
    groups: int,
    shift: int,
    relu: bool,
) -> np.ndarray:
    """Return the output, int16 [outputs, oh, ow].

    weight int16 [outputs, inputs / groups, height, width]; bias int32 [outputs]; activation int16 [inputs, h, w];
    stride: down, right; padding with zeros: top, left, bottom, right; shift: 0 .. 30.

    Zero weights and channels without a non-zero activation are skipped. Single zero activations are not skipped: an
    addition is one of many in a vector instruction, and skipping it would cost ten times as much.
    """
    outputs, (_, inputs, tall, broad) = weight.shape[0], weight.shape
    top, left, bottom, right = padding
    plane = activation.shape[1] + top + bottom, activation.shape[2] + left + right
    stride = min(stride[0], plane[0]), min(stride[1], plane[1])  # a longer one gives the same single output
    high = (plane[0] - tall) // stride[0] + 1
    wide = (plane[1] - broad) // stride[1] + 1
    phase_height, pitch = high + (tall - 1) // stride[0], wide + (broad - 1) // stride[1]
    phases = _split_by_phase(activation, stride, (top, left), (phase_height, pitch))
    sums = np.zeros((outputs, high * pitch), np.int32)
    if bias is not None:
        sums += bias[:, None]
    active = activation.any(axis=(1, 2))
    with np.errstate(over="ignore"):  # int32 wraps, and 2**24 divides 2**32
        add_products(weight, phases, active, outputs // groups, inputs, pitch, wide, np.int32(shift), sums)
    words = np.clip(wrap(sums), 0 if relu else LOWEST, HIGHEST).astype(np.int16)
    return np.ascontiguousarray(words.reshape(outputs, high, pitch)[:, :, :wide])


def _split_by_phase(
    activation: np.ndarray, stride: tuple[int, int], start: tuple[int, int], plane: tuple[int, int]
) -> np.ndarray:
    """Padded planes split by their phase: int16 [down, right, inputs, height x width].

    Phase (p, q) has the rows p, p + down, ... and the columns q, q + right, ... of the padded plane, so that the
    activations of a weight are one contiguous piece for any stride.
    """
    (down, across), (top, left), (height, width) = stride, start, plane
    padded = np.zeros((activation.shape[0], height * down, width * across), np.int16)
    inside = activation[:, : max(0, height * down - top), : max(0, width * across - left)]
    padded[:, top : top + inside.shape[1], left : left + inside.shape[2]] = inside
    phases = padded.reshape(-1, height, down, width, across).transpose(2, 4, 0, 1, 3)
    return np.ascontiguousarray(phases).reshape(down, across, activation.shape[0], height * width)


@njit(cache=True)
def add_products(weight, phases, active, outputs, inputs, pitch, wide, shift, sums):  # type: ignore[no-untyped-def]
    """Add each weight's products to `sums`, int32 [all outputs, high x pitch], modulo 2**32, in place.

    weight int16 [all outputs, inputs, height, width]; phases int16 [down, right, all inputs, phase height x pitch];
    active bool [all inputs]: whether a channel has a non-zero activation; outputs, inputs: channels of a group; shift
    int32. A row of sums has `pitch` elements; those from `wide` on are not part of the output.
    """
    down, across = phases.shape[0], phases.shape[1]
    size = sums.shape[1] - (pitch - wide)
    for k in range(weight.shape[0]):
        total = sums[k, :size]
        for c in range(inputs):
            channel = k // outputs * inputs + c
            if not active[channel]:
                continue
            for r in range(weight.shape[2]):
                for s in range(weight.shape[3]):
                    w = np.int32(weight[k, c, r, s])
                    if w != 0:
                        begin = r // down * pitch + s // across
                        part = phases[r % down, s % across, channel, begin : begin + size]
                        _add_scaled(part, w, shift, total)


@njit(cache=True)
def _add_scaled(part, w, shift, total):  # type: ignore[no-untyped-def]
    """`total += round(w * part / 2**shift)`, in place; total int32 [sums], part int16 [sums], w and shift int32.

    All arithmetic is in int32: a vector register holds twice as many of these as of int64.
    """
    half = np.int32((1 << shift) >> 1)
    low = shift & np.int32(31)
    for i in range(part.size):
        total[i] += np.right_shift(np.int32(np.int32(w * part[i]) + half), low)
