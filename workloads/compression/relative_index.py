"""Relative index: compressed columns spread over banks, each entry a code and the count of zeros before it.

Row i is in bank i mod banks (EIE, section III). Within a column and a bank, an entry's `zeros` counts the rows of that
bank that are skipped before it. Runs of zeros too long for `index_bits` are bridged by padding entries: code 0 and the
highest count. Entries are ordered by column, then bank, then row, so that a broadcast column is contiguous.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from workloads.compression.columns import Columns


class Banks(NamedTuple):
    """The entries of a matrix in banks; a `slice` is the part of a column in one bank."""

    pointer: np.ndarray  # int32 [columns + 1, banks]: where each slice begins within its bank
    padding: np.ndarray  # int32 [columns, banks]: padding entries in each slice
    start: np.ndarray  # int64 [columns + 1]: where each column begins in the three arrays below
    code: np.ndarray  # [entries], of the columns' dtype (uint8 or int16); 0 = padding
    zeros: np.ndarray  # uint8 [entries]: rows of the bank that are skipped before each entry
    row: np.ndarray  # uint32 [entries]: the row that each entry selects, the sum of its bank's counts so far


def encode(columns: Columns, banks: int, index_bits: int) -> Banks:
    """Spread `columns` over `banks` with zero counts of `index_bits` bits (1 .. 8)."""
    most = (1 << index_bits) - 1
    width = columns.start.size - 1
    pointer, padding = np.zeros((width + 1, banks), np.int32), np.zeros((width, banks), np.int32)
    start = np.zeros(width + 1, np.int64)
    _count(columns.start, columns.row, most, pointer[1:], padding, start)
    code, zeros = np.empty(start[-1], columns.code.dtype), np.empty(start[-1], np.uint8)
    row = np.empty(start[-1], np.uint32)
    _fill(*columns, pointer, start, most, code, zeros, row)
    return Banks(pointer, padding, start, code, zeros, row)


def count_entries(columns: Columns, banks: int, index_bits: int) -> np.ndarray:
    """Return the number of entries of each bank, padding included, int64 [banks]; `index_bits` is 1 .. 8."""
    count, padding = np.zeros((2, columns.start.size - 1, banks), np.int32)
    _count(columns.start, columns.row, (1 << index_bits) - 1, count, padding, np.zeros_like(columns.start))
    return count.sum(axis=0, dtype=np.int64)


@njit(cache=True)
def _count(start, row, most, count, padding, begin):  # type: ignore[no-untyped-def]
    """Add the entries and the padding entries of every slice to `count` and `padding`, int32 [columns, banks].

    start: int64 [columns + 1]; row: uint32 [stored]; most: int, the highest count of zeros that an entry can hold.
    Also sets begin[1:], int64 [columns + 1], begin[0] given: each column's first entry, padding included.
    """
    banks = np.uint32(count.shape[1])
    last = np.empty(banks, np.int64)
    for j in range(count.shape[0]):
        last[:] = -1
        bridged = 0
        for e in range(start[j], start[j + 1]):
            local = np.int64(row[e] // banks)
            k = row[e] % banks
            bridges = (local - last[k] - 1) // (most + 1)
            count[j, k] += 1 + bridges
            padding[j, k] += bridges
            bridged += bridges
            last[k] = local
        begin[j + 1] = begin[j] + start[j + 1] - start[j] + bridged


@njit(cache=True)
def _fill(start, row, code, pointer, begin, most, out_code, out_zeros, out_row):  # type: ignore[no-untyped-def]
    """Write the entries of every slice, padding included, and sum up where the slices begin.

    start: int64 [columns + 1], row: uint32 [stored], code: uint8 or int16 [stored], of the matrix; pointer: int32
    [columns + 1, banks], zeros and below them the entries of each slice, replaced by their sums so far; begin: int64
    [columns + 1], each column's first entry; most: int, the highest count of zeros that an entry can hold. Written:
    out_code [entries], of code's dtype, out_zeros: uint8 [entries], out_row: uint32 [entries].
    """
    banks = np.uint32(pointer.shape[1])
    last, place = np.empty(banks, np.int64), np.empty(banks, np.int64)
    for j in range(pointer.shape[0] - 1):
        last[:] = -1
        following = begin[j]
        for k in range(pointer.shape[1]):
            place[k] = following
            following += pointer[j + 1, k]
        for k in range(pointer.shape[1]):  # row by row, as the elements of a column are kilobytes apart
            pointer[j + 1, k] += pointer[j, k]
        for e in range(start[j], start[j + 1]):
            k = row[e] % banks
            local = np.int64(row[e] // banks)
            while local - last[k] - 1 > most:
                last[k] += most + 1
                out_code[place[k]], out_zeros[place[k]] = 0, most
                out_row[place[k]] = last[k] * banks + k
                place[k] += 1
            out_code[place[k]], out_zeros[place[k]] = code[e], local - last[k] - 1
            out_row[place[k]] = row[e]
            place[k] += 1
            last[k] = local
