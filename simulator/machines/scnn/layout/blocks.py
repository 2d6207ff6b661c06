"""Compressed blocks: the non-zeros of a part of a tensor in a fixed order, each with the number of zeros before it."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Blocks(NamedTuple):
    """A sequence of blocks; the entries of block b are start[b] .. start[b + 1]."""

    start: np.ndarray  # int64 [blocks + 1]
    value: np.ndarray  # int16 [entries]; 0 is a placeholder, or a zero that a machine does not skip
    zeros: np.ndarray  # uint8 [entries]: zeros skipped before the entry
    bank: np.ndarray  # int32 [entries]: a product's bank is the sum of two of these, modulo the number of banks


def compress(dense: np.ndarray, bank: np.ndarray, index_bits: int, skip: int) -> Blocks:
    """Compress the rows of `dense`, int16 [blocks, elements], each to a block.

    bank int32 [elements]: as in `Blocks`. Zero counts have `index_bits` bits; a longer run of zeros needs placeholders
    (SCNN, section IV). Where `skip` is 0, every element is stored.
    """
    blocks, size = dense.shape
    if not skip:
        start = np.arange(blocks + 1, dtype=np.int64) * size
        return Blocks(start, dense.ravel(), np.zeros(dense.size, np.uint8), np.tile(bank, blocks))
    step = 1 << index_bits
    found = np.flatnonzero(dense)
    block, position = np.divmod(found, max(1, size))
    before = np.empty_like(position)
    before[:1] = -1
    before[1:] = np.where(block[1:] == block[:-1], position[:-1], -1)
    gap = position - before - 1
    cuts = gap // step
    end = np.cumsum(cuts + 1)
    entries = int(end[-1]) if end.size else 0
    value, zeros = np.zeros(entries, np.int16), np.full(entries, step - 1, np.uint8)
    banks = np.zeros(entries, np.int32)
    value[end - 1], zeros[end - 1], banks[end - 1] = dense.ravel()[found], gap % step, bank[position]
    start = np.zeros(blocks + 1, np.int64)
    last = np.cumsum(np.bincount(block, minlength=blocks))
    start[1:] = np.concatenate([[0], end])[last]
    return Blocks(start, value, zeros, banks)


def join(parts: Sequence[Blocks]) -> Blocks:
    """Concatenate sequences of blocks."""
    begins = np.concatenate([[0], np.cumsum([part.value.size for part in parts])])
    starts = [part.start[:-1] + begin for part, begin in zip(parts, begins[:-1], strict=True)]
    return Blocks(
        np.concatenate([*starts, begins[-1:]]).astype(np.int64),
        np.concatenate([part.value for part in parts]),
        np.concatenate([part.zeros for part in parts]),
        np.concatenate([part.bank for part in parts]),
    )
