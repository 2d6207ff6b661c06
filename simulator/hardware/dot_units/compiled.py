"""Dot products of all outputs as the units add them, in integers of 64 bits."""

import math

import numpy as np
from numba import njit

from workloads.kinds.matrix_product.operand import INTEGERS, Numbers

LARGEST = np.finfo(np.float32).max
LEAST = -126
"""The exponent of the least normal number of FP32."""


def sums_of(activation: Numbers, weight: Numbers) -> np.ndarray:
    """Sums of all tokens and outputs, float32 [tokens, outputs]."""
    if weight.unit is INTEGERS:
        left, right = (one.element.significand.astype(np.float64) for one in (activation, weight))
        return (left @ right.T).astype(np.float32)
    parts = activation.element, activation.scale, weight.element, weight.scale
    operands = [array for one in parts for array in (one.significand, one.exponent)]
    sums = np.zeros((len(operands[0]), len(operands[4])), np.float32)
    _all_dots(*operands, weight.block, *weight.unit, sum(one.fraction for one in parts), sums)  # type: ignore[call-arg]
    return sums


@njit(cache=True)
def _all_dots(a, ae, s, se, b, be, t, te, block, step, group, kept, below, sums):  # type: ignore[no-untyped-def]
    """Fill `sums`, float32 [tokens, outputs].

    a, ae, b, be: int32 [tokens or outputs, K], significands and exponents of elements; s, se, t, te: of scales [..,
    blocks]. step, group, kept: the unit's; below: fraction bits of a product of all four.
    """
    count = step // group
    values, exponents = np.zeros(count, np.int64), np.zeros(count, np.int64)
    for i in range(sums.shape[0]):
        for j in range(sums.shape[1]):
            held, top = np.int64(0), np.int64(0)
            for first in range(0, a.shape[1], step):
                greatest, some = top, held != 0
                last = min(first + step, a.shape[1])
                for n in range(count):
                    begin, value = first + n * group, np.int64(0)
                    for k in range(begin, min(begin + group, last)):
                        value += np.int64(a[i, k]) * b[j, k]
                    if value != 0:
                        place = begin // block
                        value *= np.int64(s[i, place]) * t[j, place]
                        exponents[n] = ae[i, begin] + be[j, begin] + se[i, place] + te[j, place]
                        if value != 0 and (not some or exponents[n] > greatest):
                            greatest, some = exponents[n], True
                    values[n] = value
                if not some:
                    held, top = np.int64(0), np.int64(0)
                    continue
                total = shifted(held, top - 23 - greatest + kept)
                for n in range(count):
                    if values[n] != 0:
                        total += shifted(values[n], exponents[n] - below - greatest + kept)
                held, top = normal(total, greatest - kept)
            sums[i, j] = np.float32(math.ldexp(float(held), int(top) - 23))


@njit(cache=True, inline="always")
def shifted(value, shift):  # type: ignore[no-untyped-def]
    """`value * 2**shift`, an int64 scalar, cut towards zero."""
    if shift >= 0:
        return value << shift
    down = min(-shift, 63)
    return value >> down if value >= 0 else -((-value) >> down)


@njit(cache=True, inline="always")
def normal(total, exponent):  # type: ignore[no-untyped-def]
    """`total * 2**exponent`, an int64 scalar, cut to 24 bits: the significand and the exponent of its first place."""
    size, bits = abs(total), 0
    while size >> bits:
        bits += 1
    if bits == 0:
        return np.int64(0), np.int64(0)
    top = max(exponent + bits - 1, LEAST)
    return shifted(total, exponent - top + 23), np.int64(top)
