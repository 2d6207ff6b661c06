"""What a number format is: how many values share which bits, and what comes back of them."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np


class Encoded(NamedTuple):
    """Values in a format: a code for each, and what several of them share."""

    code: np.ndarray  # integers, shape of the values
    shared: Mapping[str, np.ndarray]  # by name: levels, scales, fraction bits


class NumberFormat:
    """A format of weights or activations. Code 0 is zero, and zero is code 0, in every format: pruning comes first.

    A format of up to 8 bits whose codes mean the same wherever they are (`scaled` is False) runs on every machine that
    looks codes up in a table: that needs no more than the members below.
    """

    name: str
    about: str
    bits: int  # of a code
    scaled: bool = False  # blocks of codes share a scale, see `BlockFormat`

    def encode(self, values: np.ndarray) -> Encoded:
        """Values, finite float32 [any shape], as codes of that shape. NotImplementedError in this base class."""
        raise NotImplementedError

    def decode(self, encoded: Encoded) -> np.ndarray:
        """The numbers that codes mean: float64 [shape of the codes]. NotImplementedError in this base class."""
        raise NotImplementedError

    def storage_bits(self, encoded: Encoded) -> int:
        """Bits of all codes, zeros included, and of the shared parts, exactly; no index of any sparse storage.

        NotImplementedError in this base class.
        """
        raise NotImplementedError

    def shared_bits(self, encoded: Encoded) -> int:
        """Bits of the shared parts alone."""
        return self.storage_bits(Encoded(np.zeros(0, encoded.code.dtype), encoded.shared))

    def levels(self, encoded: Encoded) -> np.ndarray:
        """What each code means with these shared parts, float64 [2**bits]; signed codes in two's complement."""
        code = np.arange(1 << self.bits, dtype=np.int64)
        if np.issubdtype(encoded.code.dtype, np.signedinteger):
            code = np.where(code >> (self.bits - 1), code - (1 << self.bits), code)
        return self.decode(Encoded(code.astype(encoded.code.dtype), encoded.shared))
