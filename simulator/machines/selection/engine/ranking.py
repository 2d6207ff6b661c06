"""What the encoder does with a crowd: the cycles of its digits."""

from typing import NamedTuple

import numpy as np

from simulator.machines.selection.arch import Arch, digits


class Digit(NamedTuple):
    """A digit of the magnitudes."""

    updates: int  # candidates that are counted
    bins: int  # that are added up


def rank(arch: Arch, magnitude: np.ndarray, count: int) -> list[Digit]:
    """The digits, the greatest first, of magnitudes, float32 [candidates], until the count-th greatest is known."""
    bits, found, prefix = magnitude.view(np.uint32).astype(np.int64), [], 0
    for low, size in digits(arch):
        here = bits[bits >> (low + size) == prefix] >> low & ((1 << size) - 1)
        at_least = np.bincount(here, minlength=1 << size)[::-1].cumsum()  # of the greatest bins
        read = int(np.searchsorted(at_least, count)) + 1
        found.append(Digit(here.size, read))
        count -= int(at_least[read - 2]) if read > 1 else 0
        prefix = prefix << size | ((1 << size) - read)
    return found
