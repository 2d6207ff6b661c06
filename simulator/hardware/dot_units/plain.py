"""A dot unit: how it adds products to its accumulator, in whole numbers of any size.

An accumulator holds FP32: `significand * 2**(exponent - 23)`, with a significand of 24 bits. In a step, products of a
group are added exactly, and become a term with the exponents of their scales and, in groups of one, of their elements.
Terms and accumulator are aligned to the greatest exponent, cut towards zero below the unit's fraction bits, added, and
cut towards zero to FP32. INT8 has no exponents: its accumulator is a plain whole number.
"""

from typing import NamedTuple

import numpy as np

from workloads.kinds.matrix_product.operand import Numbers

SIGNIFICAND, LEAST = 24, -126
"""Of FP32: bits of a significand, and the exponent of the least normal number."""


class Accumulator(NamedTuple):
    """The sum of a dot unit."""

    significand: int = 0
    exponent: int = 0

    @property
    def value(self) -> np.float32:
        """The number that it holds; what FP32 does not hold is infinite."""
        return np.float32(np.ldexp(np.float64(self.significand), self.exponent - SIGNIFICAND + 1))


def add_step(sum_: Accumulator, left: Numbers, i: int, right: Numbers, j: int, places: range) -> Accumulator:
    """The accumulator after the products of row `i` of `left` and row `j` of `right` at `places` of K.

    places: at most as many as the unit adds at once, from a multiple of that on.
    """
    fraction = sum(parts.fraction for one in (left, right) for parts in (one.element, one.scale))
    terms = []
    for first in range(places.start, places.stop, left.unit.group):
        group = slice(first, min(first + left.unit.group, places.stop))
        block = first // left.block
        total = _products(left, i, right, j, group)
        total *= int(left.scale.significand[i, block]) * int(right.scale.significand[j, block])
        exponent = sum(int(parts.exponent[row, place]) for parts, row, place in (
            (left.element, i, first), (right.element, j, first), (left.scale, i, block), (right.scale, j, block),
        ))  # fmt: skip
        terms.append((total, exponent, fraction))
    if sum_.significand:
        terms.append((sum_.significand, sum_.exponent, SIGNIFICAND - 1))
    terms = [term for term in terms if term[0]]
    if not terms:
        return Accumulator()
    greatest = max(exponent for _, exponent, _ in terms)
    last = greatest - left.unit.fraction_bits  # the exponent of the last place that is kept
    return _to_fp32(sum(_cut(value, exponent - below - last) for value, exponent, below in terms), last)


def add_integers(total: int, left: Numbers, i: int, right: Numbers, j: int, places: range) -> int:
    """The same for whole numbers: exactly."""
    return total + _products(left, i, right, j, slice(places.start, places.stop))


def _products(left: Numbers, i: int, right: Numbers, j: int, places: slice) -> int:
    """The sum of products of significands."""
    rows = left.element.significand[i, places], right.element.significand[j, places]
    return sum(one * other for one, other in zip(*(row.tolist() for row in rows), strict=True))


def _to_fp32(total: int, exponent: int) -> Accumulator:
    """`total * 2**exponent`, cut towards zero to FP32."""
    if not total:
        return Accumulator()
    top = max(exponent + abs(total).bit_length() - 1, LEAST)
    return Accumulator(_cut(total, exponent - (top - SIGNIFICAND + 1)), top)


def _cut(value: int, shift: int) -> int:
    """`value * 2**shift`, cut towards zero."""
    if shift >= 0:
        return value << shift
    return abs(value) >> -shift if value > 0 else -(abs(value) >> -shift)
