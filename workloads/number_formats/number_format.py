"""What a number format is: how many values share which bits, and what comes back of them."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np


class Encoded(NamedTuple):
    """Values in a format: a code for each, and what all of them share."""

    code: np.ndarray  # integers, shape of the values
    shared: Mapping[str, np.ndarray]  # by name: levels, scales, fraction bits


class NumberFormat:
    """A format of weights or activations. Zero stays zero in every format: pruning comes first."""

    name: str
    about: str

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
