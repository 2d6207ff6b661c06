"""The elements of block formats: what a code of a few bits is worth, and which code is nearest to a number."""

from typing import NamedTuple, Protocol

import ml_dtypes
import numpy as np

from kernels_ref.formats import Parts, e2m1, integers, small_float


class Element(Protocol):
    """A set of numbers with a code each; code 0 is zero."""

    @property
    def bits(self) -> int:
        """Of a code."""

    @property
    def largest(self) -> float:
        """The largest number that `cast` gives."""

    @property
    def exponent(self) -> int:
        """Of the largest power of two among the numbers."""

    def cast(self, values: np.ndarray) -> np.ndarray:
        """The codes nearest to `values`, float32 [any shape], within the largest: unsigned integers of that shape."""

    @property
    def parts(self) -> Parts:
        """All codes as integers."""


class Float(NamedTuple):
    """A small float: rounded to nearest, ties to even, by ml_dtypes."""

    bits: int
    largest: float
    exponent: int
    dtype: np.dtype
    sizes: tuple[int, int] | None  # bits of exponent and mantissa; None: E2M1

    def cast(self, values: np.ndarray) -> np.ndarray:
        """The codes nearest to `values`, float32 [any shape], within the largest: uint8 or uint16 of that shape."""
        word = np.uint8 if self.bits <= 8 else np.uint16
        return values.astype(np.float32).astype(self.dtype).view(word)

    @property
    def parts(self) -> Parts:
        """All codes as integers."""
        return e2m1() if self.sizes is None else small_float(*self.sizes)


class Integer(NamedTuple):
    """Integers in two's complement, the same on both sides of zero; ties to even."""

    bits: int

    @property
    def largest(self) -> float:
        """The greatest integer; the least one is not used."""
        return float((1 << (self.bits - 1)) - 1)

    @property
    def exponent(self) -> int:
        """Of the largest power of two."""
        return self.bits - 2

    def cast(self, values: np.ndarray) -> np.ndarray:
        """The codes nearest to `values`, float32 [any shape], within the largest: uint8 of that shape."""
        return (np.rint(values).astype(np.int16) & ((1 << self.bits) - 1)).astype(np.uint8)

    @property
    def parts(self) -> Parts:
        """All codes as integers."""
        return integers(self.bits)


E2M1 = Float(4, 6.0, 2, np.dtype(ml_dtypes.float4_e2m1fn), None)
"""0, 0.5, 1, 1.5, 2, 3, 4, 6 and their negatives (Open Compute Project, MX specification 1.0)."""
E4M3 = Float(8, 448.0, 8, np.dtype(ml_dtypes.float8_e4m3fn), (4, 3))
"""Up to 448, down to 2**-9, no infinities (Micikevicius et al., arXiv 2209.05433)."""
E5M2 = Float(8, 57344.0, 15, np.dtype(ml_dtypes.float8_e5m2), (5, 2))
BF16 = Float(16, 3.3895313892515355e38, 127, np.dtype(ml_dtypes.bfloat16), (8, 7))
FP16 = Float(16, 65504.0, 15, np.dtype(np.float16), (5, 10))
INT4, INT8 = Integer(4), Integer(8)


def stochastic(element: Element, values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Codes of `values`, float32 [any shape], within the largest, each of the two nearest numbers at random.

    The nearer one is the likelier: the expected value of what is decoded is the value itself.
    """
    parts = element.parts
    numbers = parts.value()
    order = np.argsort(numbers, kind="stable")
    ordered = numbers[order]
    kept = np.flatnonzero((np.abs(ordered) <= element.largest) & np.r_[True, np.diff(ordered) > 0])
    levels, codes = ordered[kept], order[kept].astype(np.uint8 if element.bits <= 8 else np.uint16)
    below = np.clip(np.searchsorted(levels, values, side="right") - 1, 0, levels.size - 2)
    gap = levels[below + 1] - levels[below]
    up = rng.random(values.shape) < (values.astype(np.float64) - levels[below]) / gap
    found = codes[below + up]
    return np.where(values == 0, np.zeros(1, found.dtype), found)


HADAMARD_SIGNS = np.array([1, 1, 1, -1, 1, -1, -1, -1, -1, -1, -1, 1, -1, 1, -1, -1], np.float32)
"""The fixed signs of NVIDIA TransformerEngine's random Hadamard transform of 16 elements."""


def hadamard(values: np.ndarray) -> np.ndarray:
    """Each 16 of values, float [..., n], along the last dimension times the signs and Sylvester's matrix / 4: float32.

    The transform is orthogonal: applied to both operands of a product along K it changes no product, but spreads
    outliers over a block. ValueError where the last dimension is no multiple of 16.
    """
    if values.shape[-1] % HADAMARD_SIGNS.size:
        raise ValueError(f"the last dimension is {values.shape[-1]}; expected a multiple of {HADAMARD_SIGNS.size}")
    matrix = np.ones((1, 1), np.float32)
    while len(matrix) < HADAMARD_SIGNS.size:
        matrix = np.block([[matrix, matrix], [matrix, -matrix]])
    blocks = values.astype(np.float32).reshape(*values.shape[:-1], -1, HADAMARD_SIGNS.size)
    return ((blocks * HADAMARD_SIGNS) @ (matrix / 4)).reshape(values.shape).astype(np.float32)
