"""What pruned convolutions take to store, by the granularity of their zeros (Mao et al., arXiv 1705.08922)."""

from typing import NamedTuple

import numpy as np

from workloads.compression.run_length import to_run_lengths
from workloads.errors import InputError


class GroupStorage(NamedTuple):
    """Bits of a convolution's weights, stored in groups that are all there or all zero."""

    groups: int
    kept: int  # groups with a non-zero weight
    padding: int  # groups of zeros that are stored to cut a long run
    group_weights: int
    value_bits: int  # all weights of the stored groups
    index_bits: int
    dense_bits: int  # all weights, at the same bits each

    @property
    def bits(self) -> int:
        """Weights and indices."""
        return self.value_bits + self.index_bits

    @property
    def percent(self) -> float:
        """Of the dense weights."""
        return 100 * self.bits / self.dense_bits


def store_groups(weight: np.ndarray, dimensions: int, weight_bits: int = 16, run_bits: int = 4) -> GroupStorage:
    """Count the bits of [outputs, inputs, height, width] in groups of `dimensions` dimensions (`masks.by_granularity`).

    Groups stand in row-major order. Of a group with a non-zero weight all weights are stored, and beside them one
    index of `run_bits`: the number of empty groups before it. A run that this cannot say is cut by a stored group of
    zeros. Empty groups behind the last one take nothing.
    """
    if weight.ndim != 4 or dimensions not in range(4):
        told = f"granularity is {dimensions} of a weight {list(weight.shape)}"
        raise InputError(f"{told}; expected 0 to 3 of four dimensions")
    if not 1 <= weight_bits <= 32:
        raise InputError(f"weight_bits is {weight_bits}; expected an integer from 1 to 32")
    size = int(np.prod(weight.shape[4 - dimensions :]))
    there = (weight != 0).reshape(-1, size).any(axis=1)
    zeros, _ = to_run_lengths(there, run_bits)
    kept = int(np.count_nonzero(there))
    return GroupStorage(
        groups=there.size,
        kept=kept,
        padding=zeros.size - kept,
        group_weights=size,
        value_bits=zeros.size * size * weight_bits,
        index_bits=zeros.size * run_bits,
        dense_bits=weight.size * weight_bits,
    )
