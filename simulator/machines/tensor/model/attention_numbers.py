"""The numbers of a tile of attention, a block of keys after the other, each sum in a dot unit of BF16."""

import math
from collections.abc import Iterable

import numpy as np

from simulator.hardware.dot_units.plain import Accumulator, add_step
from workloads.kinds.matrix_product.operand import Numbers, as_bf16, numbers_of

POWER = (1.0, 0.6931512951850891, 0.24016444385051727, 0.05579992011189461, 0.00901702418923378, 0.0018671323778107762)
"""Of 2**f, lowest first: see `kernels_ref.attention`."""

NOTHING, LARGEST = np.float32(-np.inf), np.finfo(np.float32).max


class TileNumbers:
    """What a tile keeps of the blocks before: greatest score, sum of weights, and outputs, of each row."""

    def __init__(self, query: np.ndarray, seen: np.ndarray, scale: np.float32, least: np.float32):
        """Query: uint16 [rows, width]; seen: int64 [rows], keys that each row reads."""
        rows, width = query.shape
        self.query, self.seen, self.scale, self.least = numbers_of(as_bf16(query)), seen, scale, least
        self.largest = [np.float32(-np.inf)] * rows
        self.total = [np.float32(0)] * rows
        self.sums = [[np.float32(0)] * width for _ in range(rows)]

    @np.errstate(over="ignore")
    def score(self, key: np.ndarray, places: range) -> list[list[np.float32]]:
        """Scores of each row on keys, uint16 [all keys, width], at `places`; minus infinity where it reads none."""
        numbers = numbers_of(as_bf16(key))
        return [
            [finite(_dot(self.query, i, numbers, j) * self.scale) if j < self.seen[i] else NOTHING for j in places]
            for i in range(len(self.largest))
        ]

    @np.errstate(over="ignore")
    def skips(self, scores: list[list[np.float32]]) -> bool:
        """Whether all rows' greatest scores lie too far below their maxima."""
        return all(max(row) - max(held, *row) < self.least for row, held in zip(scores, self.largest, strict=True))

    @np.errstate(over="ignore")
    def add(self, scores: list[list[np.float32]], value: np.ndarray) -> None:
        """Add the values, uint16 [keys of the block, width], with the weights of scores."""
        columns = numbers_of(as_bf16(np.ascontiguousarray(value.T)))
        for i, row in enumerate(scores):
            raised = max(self.largest[i], *row)
            factor, weights = power(self.largest[i] - raised), [power(score - raised) for score in row]
            self.total[i] = self.total[i] * factor + _sum(weights)
            words = numbers_of(as_bf16(np.array([[to_half(one) for one in weights]], np.uint16)))
            self.sums[i] = [finite(held * factor + _dot(words, 0, columns, w)) for w, held in enumerate(self.sums[i])]
            self.largest[i] = raised

    def outputs(self) -> np.ndarray:
        """The outputs, float32 [rows, width]."""
        return np.array([[one / total for one in row] for row, total in zip(self.sums, self.total, strict=True)])


def finite(value: np.float32) -> np.float32:
    """A number within the largest of FP32."""
    return min(max(value, -LARGEST), LARGEST)


def power(x: np.float32) -> np.float32:
    """2**x for x of at most 0."""
    if x < -126:
        return np.float32(0)
    whole = math.floor(x)
    part, value = x - np.float32(whole), np.float32(0)
    for factor in reversed(POWER):
        value = value * part + np.float32(factor)
    return np.ldexp(value, whole)


def to_half(value: np.float32) -> int:
    """The word of the BF16 nearest to a number, ties to even."""
    bits = int(value.view(np.uint32))
    return (bits + 0x7FFF + (bits >> 16 & 1)) >> 16


def _sum(weights: Iterable[np.float32]) -> np.float32:
    """One after the other in FP32."""
    total = np.float32(0)
    for weight in weights:
        total = total + weight
    return total


def _dot(left: Numbers, i: int, right: Numbers, j: int) -> np.float32:
    """The dot product of a row of each."""
    held, depth = Accumulator(), left.element.significand.shape[1]
    for first in range(0, depth, left.unit.step):
        held = add_step(held, left, i, right, j, range(first, min(first + left.unit.step, depth)))
    return held.value
