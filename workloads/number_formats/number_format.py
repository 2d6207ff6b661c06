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
    signed: bool = False  # codes are integers in two's complement

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

    def levels(self, shared: Mapping[str, np.ndarray]) -> np.ndarray:
        """What each code means with these shared parts, float64 [2**bits]; signed codes in two's complement."""
        code = np.arange(1 << self.bits, dtype=np.int64)
        if self.signed:
            code = np.where(code >> (self.bits - 1), code - (1 << self.bits), code)
        return self.decode(Encoded(code.astype(np.int16 if self.signed else np.uint16), shared))

    def problem(self, shared: Mapping[str, np.ndarray], shape: tuple[int, int]) -> str | None:  # noqa: ARG002
        """Why arrays, integers or floats [any shape], are not what codes of a matrix [outputs, K] share; else None."""
        return None


def levels_problem(shared: Mapping[str, np.ndarray], count: int) -> str | None:
    """Why arrays cannot be levels, finite float32 [count], the first 0, as a phrase; None: they can."""
    given = shared.get("levels")
    if given is None or given.dtype != np.float32 or given.shape != (count,):
        return f"its levels are not float32 [{count}]"
    return None if np.isfinite(given).all() and given[0] == 0 else "its levels are not finite numbers, the first 0"
