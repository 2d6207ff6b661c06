"""Bits that a pruned convolution takes, by the granularity of its zeros (Mao et al., arXiv 1705.08922)."""

from typing import NamedTuple

import numpy as np

from workloads.compression.run_length import to_run_lengths
from workloads.errors import InputError


class GroupStorage(NamedTuple):
    """Bits of a convolution's weights, stored in groups: a group is stored whole or is all zero."""

    groups: int
    kept: int  # groups with a non-zero weight
    padding: int  # groups of zeros that are stored to cut a long run
    group_weights: int  # weights in a group
    value_bits: int  # bits of all weights of the stored groups
    index_bits: int  # bits of the indices of all stored groups
    dense_bits: int  # bits of all weights without pruning, at the same width

    @property
    def bits(self) -> int:
        """Bits of weights and indices."""
        return self.value_bits + self.index_bits

    @property
    def percent(self) -> float:
        """Bits in percent of the dense weights."""
        return 100 * self.bits / self.dense_bits


def store_groups(weight: np.ndarray, dimensions: int, weight_bits: int = 16, run_bits: int = 4) -> GroupStorage:
    """Count the bits of a convolution's weights, float32 [outputs, inputs, height, width], stored in groups.

    A group spans the last `dimensions` dimensions, as in `masks.by_granularity`: 0 = single weights .. 3 = filters.
    Groups are in row-major order. A group with a non-zero weight is stored whole, at `weight_bits` bits a weight, with
    an index of `run_bits` bits: the number of empty groups before it. A longer run is cut by a stored group of zeros;
    empty groups after the last stored one take no bits. InputError where the weights do not have four
    dimensions, `dimensions` is not 0 .. 3, `weight_bits` is not 1 .. 32, or `run_bits` is not 1 .. 8.
    """
    if weight.ndim != 4 or dimensions not in range(4):
        found = f"granularity is {dimensions} of a weight {list(weight.shape)}"
        raise InputError(f"{found}; expected 0 to 3 of four dimensions")
    if not 1 <= weight_bits <= 32:
        raise InputError(f"weight_bits is {weight_bits}; expected an integer from 1 to 32")
    size = int(np.prod(weight.shape[4 - dimensions :]))
    nonzero = (weight != 0).reshape(-1, size).any(axis=1)
    zeros, _ = to_run_lengths(nonzero, run_bits)
    kept = int(np.count_nonzero(nonzero))
    return GroupStorage(
        groups=nonzero.size,
        kept=kept,
        padding=zeros.size - kept,
        group_weights=size,
        value_bits=zeros.size * size * weight_bits,
        index_bits=zeros.size * run_bits,
        dense_bits=weight.size * weight_bits,
    )
