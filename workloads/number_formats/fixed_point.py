"""Linear fixed point: one format for all weights of a layer (ESE quantises to 12 bits)."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from kernels_ref.fixed_point import fraction_bits
from workloads.errors import InputError
from workloads.number_formats.number_format import Encoded, NumberFormat

MOST_FRACTION_BITS = 256
"""Of either sign: float32 reaches from 2**-149 to 2**128."""


class Fixed(NamedTuple):
    """Fixed-point numbers: each has the value `word / 2**fraction_bits`."""

    word: np.ndarray  # int16, the shape of the values
    bits: int  # of a word
    fraction_bits: int  # of a word

    def value(self) -> np.ndarray:
        """Return the values of the words, float64 [any shape], the shape of `word`."""
        return np.ldexp(self.word.astype(np.float64), -self.fraction_bits)


def quantise(values: np.ndarray, bits: int) -> Fixed:
    """Round `values`, float [any shape], to words of `bits` bits, halves up, in the finest format that holds them all.

    The words are int16 [any shape], of the values' shape. InputError where `bits` is not 2 .. 16.
    """
    if not 2 <= bits <= 16:
        raise InputError(f"bits is {bits}; expected an integer from 2 to 16")
    fraction = fraction_bits(float(np.abs(values).max(initial=0)), bits)
    words = np.floor(np.ldexp(np.asarray(values, np.float64), fraction) + 0.5)
    return Fixed(words.astype(np.int16), bits, fraction)


class FixedPointFormat(NumberFormat):
    """Linear fixed point: integers with one binary exponent a layer (ESE's weights have 12 bits, SCNN's 16)."""

    signed = True

    def __init__(self, bits: int):
        self.bits, self.name = bits, f"linear{bits}"
        self.about = f"{bits}-bit integers, the finest binary point that holds all"

    def encode(self, values: np.ndarray) -> Encoded:
        """Words, int16, shape of the float32 values. The fraction bits, int16 [1], are shared."""
        fixed = quantise(values, self.bits)
        return Encoded(fixed.word, {"fraction_bits": np.array([fixed.fraction_bits], np.int16)})

    def decode(self, encoded: Encoded) -> np.ndarray:
        """The words as numbers: float64 [shape of the codes]."""
        return Fixed(encoded.code, self.bits, int(encoded.shared["fraction_bits"][0])).value()

    def storage_bits(self, encoded: Encoded) -> int:
        """Words, and 16 bits for the binary point."""
        return encoded.code.size * self.bits + 16

    def problem(self, shared: Mapping[str, np.ndarray], shape: tuple[int, int]) -> str | None:  # noqa: ARG002
        """Why arrays cannot be the fraction bits, int16 [1]."""
        given = shared.get("fraction_bits")
        if given is None or given.dtype != np.int16 or given.shape != (1,) or abs(int(given[0])) > MOST_FRACTION_BITS:
            return "its fraction bits are not int16 [1] from -256 to 256"
        return None
