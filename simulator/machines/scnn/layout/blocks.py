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
    found = np.flatnonzero(dense)
    block = found // max(1, size)
    position = found - block * size
    return _encode(blocks, block, position, dense.ravel()[found], bank[position], index_bits)


def compress_parts(
    dense: np.ndarray, part: np.ndarray, parts: int, bank: np.ndarray, index_bits: int, skip: int
) -> Blocks:
    """Compress the rows of `dense`, int16 [rows, elements], each to a block for each of its first `parts` parts.

    part: unsigned [elements], the part that an element belongs to. The other arguments are those of `compress`. The
    blocks are ordered by part, then by row. Entries of all further parts follow after the last block, and are in none.
    The cost is that of the stored elements and of an index for each block.
    """
    if parts == 1 and not np.count_nonzero(part):
        return compress(dense, bank, index_bits, skip)
    rows, size = dense.shape
    found = np.flatnonzero(dense) if skip else np.arange(dense.size)
    row = found // max(1, size)
    element = found - row * size
    order = np.argsort(part[element], kind="stable")
    row, element = row[order], element[order]
    block = part[element].astype(np.int64) * rows + row
    return _encode(parts * rows, block, _places(part)[element], dense.ravel()[found[order]], bank[element], index_bits)


def _places(part: np.ndarray) -> np.ndarray:
    """The number of earlier elements of the same part, int64 [elements]; part: unsigned [elements]."""
    order = np.argsort(part, kind="stable")
    ordered, place = part[order], np.empty(part.size, np.int64)
    place[order] = np.arange(part.size) - np.searchsorted(ordered, ordered)
    return place


def _encode(
    blocks: int, block: np.ndarray, position: np.ndarray, stored: np.ndarray, bank: np.ndarray, index_bits: int
) -> Blocks:
    """Put placeholders between stored elements, which are given in the order of their blocks and positions.

    blocks: the number of blocks; entries of further ones follow after the last, and are in none. Of each element: block
    int64 [elements]; position in it int64 [elements]; stored int16 [elements], the value; bank int32 [elements].
    """
    step = 1 << index_bits
    gap = position.copy()
    gap[1:] -= np.where(block[1:] == block[:-1], position[:-1] + 1, 0)
    end = np.zeros(block.size + 1, np.int64)
    np.cumsum((gap >> index_bits) + 1, out=end[1:])
    entry, entries = end[1:] - 1, int(end[-1])
    value, zeros = np.zeros(entries, np.int16), np.full(entries, step - 1, np.uint8)
    banks = np.zeros(entries, np.int32)
    value[entry], zeros[entry], banks[entry] = stored, gap & (step - 1), bank
    start = np.zeros(blocks + 1, np.int64)
    start[1:] = end[np.cumsum(np.bincount(block[: block.searchsorted(blocks)], minlength=blocks))]
    return Blocks(start, value, zeros, banks)


def join(parts: Sequence[Blocks]) -> Blocks:
    """Concatenate sequences of blocks. Each is followed by one more block, of its entries that are in none."""
    begins = np.concatenate([[0], np.cumsum([part.value.size for part in parts])])
    starts = [part.start + begin for part, begin in zip(parts, begins[:-1], strict=True)]
    return Blocks(
        np.concatenate([*starts, begins[-1:]]).astype(np.int64),
        np.concatenate([part.value for part in parts]),
        np.concatenate([part.zeros for part in parts]),
        np.concatenate([part.bank for part in parts]),
    )
