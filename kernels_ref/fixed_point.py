"""16-bit two's-complement fixed point: the number format of all bit-accurate code.

A stored integer `q` with `f` fraction bits has the value `q / 2**f`. There are three rules:

* **rounding** is to nearest, halfway cases towards plus infinity: `floor(x + 1/2)`. In hardware this is one
  added bit before an arithmetic shift to the right.
* **saturation**: a value that does not fit 16 bits becomes the nearest value that does.
* **wrapping**: a 24-bit accumulator keeps the low 24 bits of its sum. Unlike saturation, wrapping does not depend on
  the order of the additions: a sum is right if its final value fits, even if intermediate values do not.
"""

import math

import numpy as np
from numba import njit

WORD_BITS = 16
LOWEST = -(1 << (WORD_BITS - 1))
HIGHEST = (1 << (WORD_BITS - 1)) - 1
ACCUMULATOR_BITS = 24
"""SCNN, table II: 16-bit multipliers, 24-bit accumulators."""


@njit(cache=True)
def round_shift(value, shift):  # type: ignore[no-untyped-def]
    """`value / 2**shift`, rounded: an integer scalar or array [any shape], of the dtype of `value`; shift >= 0."""
    return (value + ((1 << shift) >> 1)) >> shift


@njit(cache=True)
def saturate(value):  # type: ignore[no-untyped-def]
    """`value`, an integer scalar, or the nearest 16-bit integer to it; not converted to int16."""
    return min(max(value, LOWEST), HIGHEST)


def wrap(sums: np.ndarray) -> np.ndarray:
    """The value of 24-bit accumulators for sums modulo 2**32: int32 [any shape] -> int32, -2**23 .. 2**23 - 1."""
    unused = np.int32(32 - ACCUMULATOR_BITS)
    return (sums << unused) >> unused


def fraction_bits(largest: float, word_bits: int = WORD_BITS) -> int:
    """Return the most fraction bits with which both `largest` and `-largest` fit a word without saturation.

    The result is negative for a number above 2**(word_bits - 1), whose last bits are rounded away. ValueError where
    `largest` is negative or not finite.
    """
    if not math.isfinite(largest) or largest < 0:
        raise ValueError(f"largest is {largest}; expected a finite magnitude")
    if largest == 0:
        return word_bits - 1
    _, exponent = math.frexp(largest)
    bits = word_bits - 1 - exponent
    return bits if math.floor(math.ldexp(largest, bits) + 0.5) < 1 << (word_bits - 1) else bits - 1


def to_fixed(values: np.ndarray, bits: int) -> np.ndarray:
    """Floats [any shape] -> int16 of that shape with `bits` fraction bits, rounded and saturated."""
    scaled = np.floor(np.ldexp(np.asarray(values, np.float64), bits) + 0.5)
    return np.clip(scaled, LOWEST, HIGHEST).astype(np.int16)


def to_float(words: np.ndarray, bits: int) -> np.ndarray:
    """Integers [any shape] with `bits` fraction bits -> float64 of that shape, exactly."""
    return np.ldexp(words.astype(np.float64), -bits)
