"""How long the parts of a slot take on ESE, as the engine finds it."""

from typing import NamedTuple

import numpy as np
from numba import njit

from simulator.ese.arch import Arch


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


def deliver_lines(arch: Arch, lines: int, narrow: int) -> tuple[np.ndarray, int]:
    """Lines of a memory channel through its FIFO, `narrow` more of which take the inputs' narrow path behind it.

    Returns the cycle after each has been sent, int64 [lines + narrow], and the one after the last is in the buffer.
    """
    sent, taken = np.zeros((2, lines + narrow), np.int64)
    narrow_cycles = arch.line_bits // arch.input_path_bits
    return sent, _deliver(lines, arch.line_cycles, narrow_cycles, arch.fifo_lines, sent, taken)


@njit(cache=True)
def _deliver(lines, line_cycles, narrow_cycles, depth, sent, taken):  # type: ignore[no-untyped-def]
    """Set when each line is sent and taken out of the FIFO; return when the last is in the buffer."""
    done = 0
    for i in range(sent.size):
        sent[i] = (sent[i - 1] if i else 0) + line_cycles
        if i >= depth:
            sent[i] = max(sent[i], taken[i - depth] + 2)
        taken[i] = max(sent[i], done)
        done = taken[i] + (1 if i < lines else narrow_cycles)
    return done
