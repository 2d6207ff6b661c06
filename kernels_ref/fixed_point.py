"""16-bit two's-complement fixed point: the words that every bit-accurate part agrees on.

A stored integer `q` with `f` fraction bits stands for `q / 2**f`. There are three rules:

* **rounding** is to nearest, halfway cases towards plus infinity: `floor(x + 1/2)`. In hardware this is one
  added bit before an arithmetic shift to the right.
* **saturation**: what does not fit 16 bits becomes the nearest of the two ends.
* **wrapping**: a 24-bit accumulator keeps the low 24 bits of its sum. Unlike saturation it does not depend on the
  order of the additions, so that a sum is right if only its end fits, whatever it was in between.
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
    """`value / 2**shift`, rounded; an integer of the type of `value`, shift >= 0."""
    return (value + ((1 << shift) >> 1)) >> shift


@njit(cache=True)
def saturate(value):  # type: ignore[no-untyped-def]
    """`value`, or the nearest 16-bit integer to it."""
    return min(max(value, LOWEST), HIGHEST)


def wrap(sums: np.ndarray) -> np.ndarray:
    """What 24-bit accumulators hold of sums modulo 2**32: int32 -> int32 of the same shape, -2**23 .. 2**23 - 1."""
    unused = np.int32(32 - ACCUMULATOR_BITS)
    return (sums << unused) >> unused


def fraction_bits(largest: float, word_bits: int = WORD_BITS) -> int:
    """Return the most fraction bits with which both `largest` and `-largest` fit a word without saturation.

    A number above 2**(word_bits - 1) has fewer than none: its last bits are rounded away.
    """
    if not math.isfinite(largest) or largest < 0:
        raise ValueError(f"largest is {largest}; expected a finite magnitude")
    if largest == 0:
        return word_bits - 1
    _, exponent = math.frexp(largest)
    bits = word_bits - 1 - exponent
    return bits if math.floor(math.ldexp(largest, bits) + 0.5) < 1 << (word_bits - 1) else bits - 1


def to_fixed(values: np.ndarray, bits: int) -> np.ndarray:
    """Floats -> int16 of the same shape with `bits` fraction bits, rounded and saturated."""
    scaled = np.floor(np.ldexp(np.asarray(values, np.float64), bits) + 0.5)
    return np.clip(scaled, LOWEST, HIGHEST).astype(np.int16)


def to_float(words: np.ndarray, bits: int) -> np.ndarray:
    """Fixed-point words with `bits` fraction bits -> float64 of the same shape, exactly."""
    return np.ldexp(words.astype(np.float64), -bits)
