"""Linear fixed point: one format for a layer's weights (ESE quantises to 12 bits)."""

from typing import NamedTuple

import numpy as np

from kernels_ref.fixed_point import fraction_bits
from workloads.errors import InputError


class Fixed(NamedTuple):
    """Integers that stand for `word / 2**fraction_bits`."""

    word: np.ndarray  # int16, shape of the values
    bits: int
    fraction_bits: int

    def value(self) -> np.ndarray:
        """What the words stand for, float64."""
        return np.ldexp(self.word.astype(np.float64), -self.fraction_bits)


def quantise(values: np.ndarray, bits: int) -> Fixed:
    """Round values to words of `bits` bits (2 .. 16), halves up, in the finest format that holds them all."""
    if not 2 <= bits <= 16:
        raise InputError(f"bits is {bits}; expected an integer from 2 to 16")
    fraction = fraction_bits(float(np.abs(values).max(initial=0)), bits)
    words = np.floor(np.ldexp(np.asarray(values, np.float64), fraction) + 0.5)
    return Fixed(words.astype(np.int16), bits, fraction)
