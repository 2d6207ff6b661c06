"""The reference kernel of attention: a loop over blocks of keys with a running maximum, in which blocks may be skipped.

A tile is a few rows of queries that read the same keys and values. For each block of keys: scores in the dot unit of
BF16, times `scale` (1/sqrt(width) and log2(e) in one number), in FP32; the greatest score of each row, and the greatest
of this block and all before. A block is skipped where, in every row, its greatest score lies below that maximum by more
than a threshold (BLASST, as FlashInfer and TensorRT-LLM have it): maximum, sum and outputs stay as they are. The first
block is never skipped. Else the weights 2**(score - maximum) are added up in FP32, key after key, rounded to BF16 and
multiplied with the values in the same dot unit; sums of earlier blocks are multiplied by 2**(old maximum - new one).
The outputs are divided by the sums at the end. Scores and outputs beyond FP32 are its largest number. Each operation is
rounded to nearest even, apart from those in the unit.

2**x is that of `kernels_ref.powers`.
"""

from typing import NamedTuple

import numpy as np
from ml_dtypes import bfloat16

from kernels_ref.formats import HALF_UNIT, Parts, multiply, small_float
from kernels_ref.powers import power_of_two

LARGEST = np.finfo(np.float32).max
NEVER = np.float32(-np.inf)
"""A threshold that skips no block."""
BF16 = small_float(8, 7)


class Tile(NamedTuple):
    """What a tile of queries gives."""

    output: np.ndarray  # float32 [rows, width]
    skipped: np.ndarray  # bool [blocks]


@np.errstate(over="ignore")
def attend(
    query: np.ndarray, key: np.ndarray, value: np.ndarray, seen: np.ndarray, scale: np.float32, block: int,
    least: np.float32 = NEVER,
) -> Tile:  # fmt: skip
    """A tile of queries, uint16 [rows, width], on keys and values, uint16 [keys, width]: words of BF16.

    seen: int64 [rows], how many keys each row reads, at least 1, from the first on. block: keys of a block. least: a
    block is skipped where its greatest scores lie below the maximum by more than -least, all in powers of two.
    ValueError where shapes do not fit.
    """
    rows, width = query.shape
    if key.shape != value.shape or key.shape[1] != width or seen.shape != (rows,):
        raise ValueError(f"shapes are {query.shape}, {key.shape}, {value.shape} and {seen.shape}")
    keys = int(seen.max())
    skipped = np.zeros(-(-keys // block), np.bool_)
    largest = np.full(rows, -np.inf, np.float32)
    total, sums = np.zeros(rows, np.float32), np.zeros((rows, width), np.float32)
    for b in range(skipped.size):
        first, last = b * block, min((b + 1) * block, keys)
        scores = _finite(_dots(query, key[first:last]) * scale)
        scores[np.arange(first, last) >= seen[:, None]] = -np.inf
        greatest = scores.max(axis=1)
        raised = np.maximum(largest, greatest)
        skipped[b] = b > 0 and bool((greatest - raised < least).all())
        if skipped[b]:
            continue
        factor, weight = power_of_two(largest - raised), power_of_two(scores - raised[:, None])
        total = total * factor + np.cumsum(weight, axis=1, dtype=np.float32)[:, -1]
        words = weight.astype(bfloat16).view(np.uint16)
        sums = _finite(sums * factor[:, None] + _dots(words, np.ascontiguousarray(value[first:last].T)))
        largest = raised
    return Tile(sums / total[:, None], skipped)


def _finite(values: np.ndarray) -> np.ndarray:
    """Numbers, float32 [any shape], within the largest of FP32."""
    return np.clip(values, -LARGEST, LARGEST)


def _dots(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Dot products of rows, uint16 [rows, K] and [columns, K], in the unit of BF16: float32 [rows, columns]."""
    depth, ones = left.shape[1], [_ones(len(one)) for one in (left, right)]
    return multiply(BF16.of(left), ones[0], BF16.of(right), ones[1], depth, HALF_UNIT)


def _ones(rows: int) -> Parts:
    """A scale of 1 for each row."""
    return Parts(np.ones((rows, 1), np.int32), np.zeros((rows, 1), np.int32), 0)
