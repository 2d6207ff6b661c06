"""Ternary weights: two scales and zero (TTQ, Zhu et al., ICLR 2017)."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from workloads.errors import InputError
from workloads.number_formats.number_format import Encoded, NumberFormat, levels_problem

BITS = 2
"""Bits of a stored weight's code: 0 = zero, 1 = negative, 2 = positive."""


class Sides(NamedTuple):
    """Masks of the weights that take the positive and the negative scale; all others are zero."""

    positive: np.ndarray  # bool, the shape of the weight
    negative: np.ndarray  # bool, the shape of the weight


def sides(weight: np.ndarray, relative_threshold: float) -> Sides:
    """Split weights, float32 [any shape], by the threshold `relative_threshold` x their greatest magnitude.

    A weight on the threshold becomes zero. InputError where `relative_threshold` is not from 0 to below 1.
    """
    if not 0 <= relative_threshold < 1:
        given = f"ternary threshold is {relative_threshold} of the greatest magnitude"
        raise InputError(f"{given}; expected from 0 to below 1")
    threshold = relative_threshold * np.abs(weight).max(initial=0)
    return Sides(weight > threshold, weight < -threshold)


def scales(weight: np.ndarray, split: Sides) -> tuple[float, float]:
    """The scales of least squared error for `weight`, float32 [any shape]: each side's mean magnitude; 1 if empty."""
    means = [np.abs(weight[side]).mean(dtype=np.float64) if side.any() else 1.0 for side in split]
    return float(means[0]), float(means[1])


def expand(split: Sides, positive: float, negative: float) -> np.ndarray:
    """Return the ternary weight, float32 [any shape], the shape of the sides: `positive`, -`negative`, or zero."""
    zero = np.float32(0)
    return np.where(split.positive, np.float32(positive), np.where(split.negative, np.float32(-negative), zero))


class TernaryFormat(NumberFormat):
    """Two scales and zero, without training: each scale is the mean magnitude of its side."""

    name = "ternary"
    about = "2-bit codes: zero, one negative and one positive level"
    bits = BITS

    def __init__(self, relative_threshold: float = 0.05):
        self.relative_threshold = relative_threshold  # 0.05 as in the scripts of TTQ's authors

    def encode(self, values: np.ndarray) -> Encoded:
        """Codes, uint8, shape of the float32 values: 0, 1 (negative), 2 (positive). Levels, float32 [4], are shared."""
        split = sides(values, self.relative_threshold)
        positive, negative = scales(values, split)
        code = np.where(split.positive, 2, np.where(split.negative, 1, 0)).astype(np.uint8)
        return Encoded(code, {"levels": np.array([0, -negative, positive, 0], np.float32)})

    def decode(self, encoded: Encoded) -> np.ndarray:
        """The levels of the codes: float64 [shape of the codes]."""
        return encoded.shared["levels"][encoded.code].astype(np.float64)

    def storage_bits(self, encoded: Encoded) -> int:
        """Codes, and two scales of 32 bits."""
        return encoded.code.size * BITS + 2 * 32

    def problem(self, shared: Mapping[str, np.ndarray], shape: tuple[int, int]) -> str | None:  # noqa: ARG002
        """Why arrays cannot be the levels, float32 [levels]."""
        return levels_problem(shared, 1 << BITS)
