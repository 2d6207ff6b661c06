"""Magnitude pruning: the largest weights stay (Han et al., NIPS 2015)."""

import numpy as np
from numba import njit

from workloads.compression.columns import Columns

MAGNITUDE_BITS = np.uint32(0x7FFFFFFF)
"""All bits of a float32 but its sign: read as integers, finite magnitudes keep their order."""
BUCKET_SHIFT = 16
"""Bits of a magnitude below those that number its bucket."""


def magnitude_threshold(weight: np.ndarray, keep: int) -> float:
    """Return the smallest magnitude among the `keep` largest of `weight`, finite float32 [any shape]; inf for keep = 0.

    Exact, in two passes over the data and without a copy: the magnitude's upper 15 bits select a bucket, its lower 16
    bits a member of that bucket.
    """
    if keep == 0:
        return float("inf")
    bits = np.ascontiguousarray(weight).reshape(-1).view(np.uint32)
    bucket, left = _from_the_top(_count_buckets(bits), keep)
    member, _ = _from_the_top(_count_members(bits, np.uint32(bucket)), left)
    return float(np.array([(bucket << BUCKET_SHIFT) | member], np.uint32).view(np.float32)[0])


def prune(weight: np.ndarray, density: float | None) -> tuple[Columns, np.ndarray]:
    """Keep the round(density x size) largest weights; return their columns, and their values, float32 [stored].

    weight: float [outputs, inputs], finite in float32. Zeros are never kept; of equal magnitudes at the threshold, the
    first in row-major order are. A density of None keeps every non-zero weight. The columns' codes are all 0, for the
    caller to set; the values are in the order of the columns' entries.
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
    """The bucket that holds the keep-th largest, and how many of that bucket are kept; counts int64 [buckets]."""
    above = np.cumsum(counts[::-1])
    place = int(np.searchsorted(above, keep))
    before = int(above[place - 1]) if place else 0
    return counts.size - 1 - place, keep - before


@njit(cache=True)
def _count_buckets(bits):  # type: ignore[no-untyped-def]
    """Return how many magnitudes have each value of their upper 15 bits, int64 [2**15]; bits uint32 [n]."""
    counts = np.zeros(1 << (31 - BUCKET_SHIFT), np.int64)
    for i in range(bits.size):
        counts[(bits[i] & MAGNITUDE_BITS) >> np.uint32(BUCKET_SHIFT)] += 1
    return counts


@njit(cache=True)
def _count_members(bits, bucket):  # type: ignore[no-untyped-def]
    """Return how many magnitudes of `bucket`, uint32, have each value of their lower 16 bits, int64 [2**16].

    bits: uint32 [n], the float32 weights as integers.
    """
    counts = np.zeros(1 << BUCKET_SHIFT, np.int64)
    for i in range(bits.size):
        magnitude = bits[i] & MAGNITUDE_BITS
        if magnitude >> np.uint32(BUCKET_SHIFT) == bucket:
            counts[magnitude & np.uint32((1 << BUCKET_SHIFT) - 1)] += 1
    return counts


@njit(cache=True)
def _count_above(values, threshold):  # type: ignore[no-untyped-def]
    """Return how many of `values`, float32 [n], have a magnitude above `threshold`, float32."""
    above = 0
    for i in range(values.size):
        above += abs(values[i]) > threshold
    return above


@njit(cache=True)
def _count_columns(weight, threshold, ties, start):  # type: ignore[no-untyped-def]
    """Add to `start[j + 1]`, int64 [columns + 1], the number of kept weights of column j.

    weight: float32 [rows, columns]; threshold: float32; ties: int, weights at the threshold that are kept.
    """
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
    """Write the kept weights of column j from entry `place[j]` on, by ascending row.

    weight: float32 [rows, columns]; threshold: float32; ties: int, weights at the threshold that are kept; place: int64
    [columns], changed; row: uint32 [stored] and value: float32 [stored], written.
    """
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
