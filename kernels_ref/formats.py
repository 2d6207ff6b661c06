"""Narrow number formats, bit for bit: what codes mean as integers, and the dot product of a unit with block scales.

A number is `significand / 2**fraction * 2**exponent` with a whole significand. Elements: E2M1 (4 bits: sign, 2 bits of
exponent, 1 of mantissa), E4M3 and E5M2 (8 bits), integers. Block scales: E4M3 (its sign is not used) and E8M0 (a power
of two). E2M1 is read as a fixed-point number in halves, as in a unit that adds products of a block before it looks at
any exponent.

The unit (microsoft/MMA-Sim, which measured it on Blackwell): of `step` products, those of each group are added exactly;
each sum is multiplied by the significands of both scales and has the exponents of the scales, and where a group is a
single product those of its elements too. These terms and the accumulator are aligned to the greatest exponent among
those that are not zero, cut towards zero behind `fraction_bits`, added, and cut towards zero to FP32.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit

FP32_LEAST = -126
"""The exponent of the least normal number."""


class Parts(NamedTuple):
    """Numbers as whole significands and exponents: `significand / 2**fraction * 2**exponent`."""

    significand: np.ndarray  # int32 [any shape]
    exponent: np.ndarray  # int32, the same shape
    fraction: int

    def value(self) -> np.ndarray:
        """The numbers, float64 [the same shape], exactly."""
        return np.ldexp(self.significand.astype(np.float64), self.exponent - self.fraction)

    def of(self, code: np.ndarray) -> "Parts":
        """The numbers of codes, integers [any shape]; these are the table of all codes."""
        return Parts(self.significand[code], self.exponent[code], self.fraction)


class Unit(NamedTuple):
    """How a dot product is added."""

    step: int  # products added to the accumulator at once
    group: int  # products that are added exactly, before exponents are looked at
    fraction_bits: int  # that are kept behind the greatest exponent


NVFP4_UNIT = Unit(64, 16, 35)
"""Blackwell, NVFP4 and MXFP4, k = 64 (microsoft/MMA-Sim)."""
MXFP8_UNIT = Unit(32, 1, 25)
"""Blackwell, MXFP8 and FP8, k = 32 (microsoft/MMA-Sim)."""
HALF_UNIT = Unit(16, 1, 25)
"""Hopper and Blackwell, FP16 and BF16, k = 16 (microsoft/MMA-Sim)."""


def e2m1() -> Parts:
    """The sixteen codes of E2M1 in halves, all with the exponent 0: int32 [16]. Bit 3 is the sign; code 8 is zero."""
    halves = np.array([0, 1, 2, 3, 4, 6, 8, 12], np.int32)
    return Parts(np.concatenate([halves, -halves]), np.zeros(16, np.int32), 1)


def small_float(exponent_bits: int, mantissa_bits: int) -> Parts:
    """All codes of a float with a sign, as E4M3 (4, 3) or BF16 (8, 7): int32 [2**bits].

    Codes of infinities and of what is not a number are not marked: they get the number that the pattern would have.
    """
    code = np.arange(1 << (1 + exponent_bits + mantissa_bits), dtype=np.int32)
    stored = (code >> mantissa_bits) & ((1 << exponent_bits) - 1)
    bias = (1 << (exponent_bits - 1)) - 1
    mantissa = code & ((1 << mantissa_bits) - 1)
    significand = np.where(stored > 0, mantissa + (1 << mantissa_bits), mantissa)
    sign = np.where(code >> (exponent_bits + mantissa_bits), -1, 1)
    exponent = np.maximum(stored, 1) - bias
    return Parts((sign * significand).astype(np.int32), exponent.astype(np.int32), mantissa_bits)


def e8m0() -> Parts:
    """All codes of E8M0, powers of two from 2**-127 on: int32 [256]. Code 255, which is no number, is 2**128 here."""
    return Parts(np.ones(256, np.int32), np.arange(256, dtype=np.int32) - 127, 0)


def integers(bits: int) -> Parts:
    """All codes of integers in two's complement: int32 [2**bits]."""
    code = np.arange(1 << bits, dtype=np.int32)
    value = np.where(code < 1 << (bits - 1), code, code - (1 << bits))
    return Parts(value.astype(np.int32), np.zeros(1 << bits, np.int32), 0)


def as_fixed(parts: Parts) -> Parts:
    """The same numbers with one exponent, 0, as a table of integers has them.

    ValueError where one takes more than 24 bits.
    """
    least = int(parts.exponent[parts.significand != 0].min(initial=0))
    wide = parts.significand.astype(np.int64) << (parts.exponent - least).clip(0, 40)
    if np.abs(wide).max(initial=0) >= 1 << 24:
        raise ValueError("a number takes more than 24 bits")
    return Parts(wide.astype(np.int32), np.zeros_like(parts.exponent), parts.fraction - least)


def multiply(left: Parts, left_scale: Parts, right: Parts, right_scale: Parts, block: int, unit: Unit) -> np.ndarray:
    """The products of rows of `left` [rows, K] and `right` [columns, K] as the unit adds them: float32 [rows, columns].

    left_scale, right_scale: [rows, blocks] and [columns, blocks], a scale for each `block` elements along K; the last
    block may be short. ValueError where shapes do not fit, or a block is no multiple of a group.
    """
    rows, depth = left.significand.shape
    columns = right.significand.shape[0]
    blocks = -(-depth // block)
    shapes = right.significand.shape, left_scale.significand.shape, right_scale.significand.shape
    if shapes != ((columns, depth), (rows, blocks), (columns, blocks)) or block % unit.group:
        raise ValueError(f"shapes are {shapes} for {rows} rows of {depth}, blocks of {block} in groups of {unit.group}")
    fraction = left.fraction + right.fraction + left_scale.fraction + right_scale.fraction
    output = np.zeros((rows, columns), np.float32)
    arrays = [array for one in (left, left_scale, right, right_scale) for array in (one.significand, one.exponent)]
    _multiply(*arrays, block, tuple(unit), fraction, output)  # type: ignore[call-arg]
    return output


@njit(cache=True)
def _multiply(a, ae, s, se, b, be, t, te, block, unit, fraction, output):  # type: ignore[no-untyped-def]
    """Fill `output`, float32 [rows, columns].

    a, ae: significands and exponents, int32 [rows, K]; s, se: of its scales [rows, blocks]; b, be, t, te: likewise.
    unit: int64 [3], see `Unit`; fraction: of a product of all four.
    """
    for i in range(output.shape[0]):
        for j in range(output.shape[1]):
            output[i, j] = dot(a[i], ae[i], s[i], se[i], b[j], be[j], t[j], te[j], block, unit, fraction)


@njit(cache=True)
def dot(a, ae, s, se, b, be, t, te, block, unit, fraction):  # type: ignore[no-untyped-def]
    """A dot product, float32. a, ae, b, be: int32 [K]; s, se, t, te: int32 [blocks]; the others as in `_multiply`."""
    step, group, kept = unit
    terms, exponents = np.zeros(step // group + 1, np.int64), np.zeros(step // group + 1, np.int64)
    held, held_exponent = np.int64(0), np.int64(0)  # the accumulator: held * 2**(held_exponent - 23)
    for first in range(0, a.size, step):
        count = 0
        for begin in range(first, min(first + step, a.size), group):
            found = np.int64(0)
            for k in range(begin, min(begin + group, a.size)):
                found += np.int64(a[k]) * b[k]
            found *= np.int64(s[begin // block]) * t[begin // block]
            if found != 0:
                terms[count] = found
                exponents[count] = ae[begin] + be[begin] + se[begin // block] + te[begin // block]
                count += 1
        held, held_exponent = _add(terms, exponents, count, held, held_exponent, kept, fraction)
    return np.float32(math.ldexp(float(held), int(held_exponent) - 23))


@njit(cache=True)
def _add(terms, exponents, count, held, held_exponent, kept, fraction):  # type: ignore[no-untyped-def]
    """The accumulator after `count` terms, int64 [terms]: a significand of 24 bits and an exponent; cut towards zero.

    terms, exponents: int64 [terms], the rest int64 scalars.
    """
    greatest = held_exponent
    some = held != 0
    for k in range(count):
        if not some or exponents[k] > greatest:
            greatest, some = exponents[k], True
    if not some:
        return np.int64(0), np.int64(0)
    total = _aligned(held, held_exponent - 23 - greatest + kept) if held != 0 else np.int64(0)
    for k in range(count):
        total += _aligned(terms[k], exponents[k] - fraction - greatest + kept)
    return _cut(total, greatest - kept)


@njit(cache=True)
def _aligned(value, shift):  # type: ignore[no-untyped-def]
    """`value * 2**shift`, an int64 scalar, cut towards zero."""
    if shift >= 0:
        return value << shift
    size = abs(value) >> min(-shift, 63)
    return size if value > 0 else -size


@njit(cache=True)
def _cut(total, exponent):  # type: ignore[no-untyped-def]
    """`total * 2**exponent`, an int64 scalar, cut to a significand of FP32 and the exponent of its first place."""
    size, bits = abs(total), 0
    while size >> bits:
        bits += 1
    if bits == 0:
        return np.int64(0), np.int64(0)
    top = max(exponent + bits - 1, FP32_LEAST)
    moved = top - 23 - exponent  # places that the last one of the significand is above the last one of `total`
    size = size >> min(moved, 63) if moved >= 0 else size << -moved
    return (size if total > 0 else -size), np.int64(top)


def multiply_plain(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The same in plain FP32, rounded to nearest: products one after the other, float32 [rows, columns].

    left: float32 [rows, K], right: float32 [columns, K], decoded with their scales.
    """
    output = np.zeros((left.shape[0], right.shape[0]), np.float32)
    _multiply_plain(left, right, output)
    return output


@njit(cache=True)
def _multiply_plain(left, right, output):  # type: ignore[no-untyped-def]
    """Fill `output`, float32 [rows, columns]; left float32 [rows, K], right float32 [columns, K]."""
    for i in range(output.shape[0]):
        for j in range(output.shape[1]):
            total = np.float32(0)
            for k in range(left.shape[1]):
                total += left[i, k] * right[j, k]
            output[i, j] = total
