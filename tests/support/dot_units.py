"""Dot products in rational numbers, with the alignment and the cuts of a unit."""

from fractions import Fraction
from math import floor

from kernels_ref.formats import Parts, Unit


def exact(parts: Parts) -> list[Fraction]:
    """The numbers of one row."""
    pairs = zip(parts.significand.ravel().tolist(), parts.exponent.ravel().tolist(), strict=True)
    return [significand * Fraction(2) ** (exponent - parts.fraction) for significand, exponent in pairs]


def leading(value: Fraction) -> int:
    """The exponent of the leading place, at least that of a normal FP32 number."""
    size, exponent = abs(value), 0
    while size >= 2:
        size, exponent = size / 2, exponent + 1
    while size < 1:
        size, exponent = size * 2, exponent - 1
    return max(exponent, -126)


def cut(value: Fraction, place: int) -> Fraction:
    """Towards zero, to a multiple of 2**place."""
    unit = Fraction(2) ** place
    whole = floor(abs(value) / unit) * unit
    return whole if value > 0 else -whole


def by_hand(operands: tuple[Parts, Parts, Parts, Parts], block: int, unit: Unit) -> float:
    """One dot product in rational numbers, with the unit's alignment and cuts."""
    a, s, b, t = (exact(one) for one in operands)
    exponents = [one.exponent.ravel().tolist() for one in operands]
    held = Fraction(0)
    for first in range(0, len(a), unit.step):
        terms = [(held, leading(held))] if held else []
        for begin in range(first, min(first + unit.step, len(a)), unit.group):
            end, at = min(begin + unit.group, len(a)), begin // block
            value = sum((a[k] * b[k] for k in range(begin, end)), Fraction(0)) * s[at] * t[at]
            if value:
                exponent = sum(e[k] for e, k in zip(exponents, (begin, at, begin, at), strict=True))
                terms.append((value, exponent))
        if terms:
            place = max(exponent for _, exponent in terms) - unit.fraction_bits
            held = sum((cut(value, place) for value, _ in terms), Fraction(0))
            held = cut(held, leading(held) - 23) if held else held
    return float(held)
