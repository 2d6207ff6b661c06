"""How long the parts of a slot take on ESE, as the engine finds it."""

from typing import NamedTuple

import numpy as np


class Product(NamedTuple):
    """When a product's columns are broadcast and served, from the slot's begin on."""

    broadcast: np.ndarray  # int32 [columns]
    begin: np.ndarray  # int32 [columns, pes]
    end: np.ndarray  # int32 [pes]: the cycle after a PE's last slice
    padding: np.ndarray  # int64 [pes]: padding entries
    empty: np.ndarray  # int64 [pes]: slices without an entry


class Timing(NamedTuple):
    """How long the parts of a slot take, each from the slot's begin on; the slot lasts as long as the longest."""

    product: Product | None
    product_cycles: int
    assemble_cycles: int
    element_cycles: int
    weight_cycles: int
    vector_cycles: int
    stalls: tuple[int, int]  # cycles in which a memory channel waits for its FIFO

    @property
    def cycles(self) -> int:
        """Of the slot."""
        parts = self.product_cycles, self.assemble_cycles, self.element_cycles, self.weight_cycles, self.vector_cycles
        return max(parts)
