"""Magnitude pruning: which weights stay (Han et al., NIPS 2015)."""

import numpy as np
from numba import njit

from workloads.compression.columns import Columns

MAGNITUDE_BITS = np.uint32(0x7FFFFFFF)
"""A float32 without its sign: as an integer it orders finite magnitudes as the floats do."""
BUCKET_SHIFT = 16


def magnitude_threshold(weight: np.ndarray, keep: int) -> float:
    """Return the smallest magnitude among the `keep` largest of `weight` (float32, finite); inf for keep = 0.

    Exact, in two passes over the data and no copy of it: the magnitude's upper 15 bits select a bucket, the lower 16
    bits a member of that bucket.
    """
    if keep == 0:
        return float("inf")
    bits = np.ascontiguousarray(weight).reshape(-1).view(np.uint32)
    bucket, left = _from_the_top(_count_buckets(bits), keep)
    member, _ = _from_the_top(_count_members(bits, np.uint32(bucket)), left)
    return float(np.array([(bucket << BUCKET_SHIFT) | member], np.uint32).view(np.float32)[0])


def prune(weight: np.ndarray, density: float | None) -> tuple[Columns, np.ndarray]:
    """Keep the largest round(density x size) weights; return where they stand and their values, column by column.

    weight float [outputs, inputs], finite in float32. Zeros are never kept, and of equal magnitudes at the threshold
    the first in row-major order are. A density of None keeps every non-zero. The columns' codes are not set (all 0).
    """
    weight = np.ascontiguousarray(weight, np.float32)
    keep = weight.size if density is None else round(density * weight.size)
    keep = min(keep, int(np.count_nonzero(weight)))
    threshold = np.float32(magnitude_threshold(weight, keep))
    ties = keep - _count_above(weight.reshape(-1), threshold)
    start = np.zeros(weight.shape[1] + 1, np.int64)
    _count_columns(weight, threshold, ties, start)
    np.cumsum(start, out=start)
    row, value = np.empty(keep, np.uint32), np.empty(keep, np.float32)
    _gather(weight, threshold, ties, start[:-1].copy(), row, value)
    return Columns(start, row, np.zeros(keep, np.uint8)), value


def _from_the_top(counts: np.ndarray, keep: int) -> tuple[int, int]:
    """The bucket that holds the keep-th largest, and how many of that bucket are kept."""
    above = np.cumsum(counts[::-1])
    place = int(np.searchsorted(above, keep))
    before = int(above[place - 1]) if place else 0
    return counts.size - 1 - place, keep - before


@njit(cache=True)
def _count_buckets(bits):  # type: ignore[no-untyped-def]
    counts = np.zeros(1 << (31 - BUCKET_SHIFT), np.int64)
    for i in range(bits.size):
        counts[(bits[i] & MAGNITUDE_BITS) >> np.uint32(BUCKET_SHIFT)] += 1
    return counts


@njit(cache=True)
def _count_members(bits, bucket):  # type: ignore[no-untyped-def]
    counts = np.zeros(1 << BUCKET_SHIFT, np.int64)
    for i in range(bits.size):
        magnitude = bits[i] & MAGNITUDE_BITS
        if magnitude >> np.uint32(BUCKET_SHIFT) == bucket:
            counts[magnitude & np.uint32((1 << BUCKET_SHIFT) - 1)] += 1
    return counts


@njit(cache=True)
def _count_above(values, threshold):  # type: ignore[no-untyped-def]
    above = 0
    for i in range(values.size):
        above += abs(values[i]) > threshold
    return above


@njit(cache=True)
def _count_columns(weight, threshold, ties, start):  # type: ignore[no-untyped-def]
    """Add to `start[j + 1]` the number of kept weights of column j."""
    for i in range(weight.shape[0]):
        for j in range(weight.shape[1]):
            magnitude = abs(weight[i, j])
            if magnitude > threshold:
                start[j + 1] += 1
            elif magnitude == threshold and ties > 0:
                ties -= 1
                start[j + 1] += 1


@njit(cache=True)
def _gather(weight, threshold, ties, place, row, value):  # type: ignore[no-untyped-def]
    """Write the kept weights of column j from `place[j]` on; the order of rows makes them ascend."""
    for i in range(weight.shape[0]):
        for j in range(weight.shape[1]):
            magnitude = abs(weight[i, j])
            if magnitude < threshold:
                continue
            if magnitude == threshold:
                if ties == 0:
                    continue
                ties -= 1
            row[place[j]] = i
            value[place[j]] = weight[i, j]
            place[j] += 1
