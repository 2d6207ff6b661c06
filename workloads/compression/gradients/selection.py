"""Which elements of a tensor are sent: the greatest magnitudes, by a threshold that a sample gives.

Sorting every tensor would cost more than sending it. So a strided sample is sorted; its threshold passes about as many
elements as wanted, and it is accepted, lowered, or followed by a sort of only those that passed.
"""

from math import ceil
from typing import NamedTuple

import numpy as np

from workloads.errors import refuse

SAMPLED = 0.01
"""The share of elements that is sampled, at least."""
TOP_OF_SAMPLE = 2
"""The sample holds at least so much / density elements: two of its elements are above the threshold."""
LEAST, MOST = 0.8, 1.3
"""Times the wanted number: a threshold that passes fewer is lowered, one that passes more is followed by a sort."""
LOWERED = 0.8
ADAPTATIONS = 10
"""A threshold is lowered this many times at most."""
LANES, STEP = 32, 8
"""A stride is one more than a multiple of 32 at first, and shrinks in steps of 8."""


class Selected(NamedTuple):
    """What is sent of a tensor, and how the threshold was found."""

    places: np.ndarray  # int64 [sent], ascending: positions in the flattened tensor
    passed: int  # the elements that the sample's threshold passed, before it was adapted
    lowered: int  # how often the threshold was lowered
    sorted: bool  # too many passed, and they were sorted


def wanted(size: int, density: float) -> int:
    """How many of `size` elements are sent: a share `density`, rounded up."""
    return ceil(size * density)


def sample_stride(size: int, density: float) -> int:
    """Every how many elements one is sampled; 1 where the tensor is no larger than the sample that is needed."""
    if TOP_OF_SAMPLE / density >= size:  # perhaps infinite
        return 1
    needed = max(ceil(size * SAMPLED), ceil(TOP_OF_SAMPLE / density))
    if needed >= size:
        return 1
    stride = ceil(size / needed / LANES) * LANES + 1
    while size // stride < needed:
        stride -= STEP
    return stride


def sampled_threshold(magnitude: np.ndarray, density: float, rng: np.random.Generator) -> float:
    """The least of the top share `density` of a sample of magnitudes, float [size], with a random start."""
    stride = sample_stride(magnitude.size, density)
    count = magnitude.size // stride
    sample = magnitude[int(rng.integers(stride)) :: stride][:count]
    top = wanted(sample.size, density)
    return float(np.partition(sample, sample.size - top)[sample.size - top])


def select(values: np.ndarray, density: float, rng: np.random.Generator) -> Selected:
    """The elements of a tensor, float32 or int64 [any shape], that are sent: at most wanted(size, density), no zeros.

    A threshold that is accepted may pass up to 1.3 times the wanted number; the last ones by position are then left
    out, as in the authors' code, which favours the front of a tensor. InputError where density is not in (0, 1].
    """
    if not 0 < density <= 1:
        refuse("gradient compression", f"density is {density}", "more than 0 and at most 1")
    magnitude = np.abs(values).reshape(-1)
    if not magnitude.size:
        return Selected(np.zeros(0, np.int64), 0, 0, False)
    count = wanted(magnitude.size, density)
    if count == magnitude.size:
        return Selected(np.flatnonzero(magnitude), count, 0, False)
    threshold = sampled_threshold(magnitude, density, rng)
    places = _passing(magnitude, threshold)
    passed, lowered = places.size, 0
    while places.size < LEAST * count and threshold > 0 and lowered < ADAPTATIONS:
        threshold = lower(threshold)
        places, lowered = _passing(magnitude, threshold), lowered + 1
    crowded = places.size > MOST * count
    if crowded:
        places = places[_greatest(magnitude[places], count)]
    return Selected(places[:count], passed, lowered, crowded)


def lower(threshold: float) -> float:
    """The next threshold, in FP32 as it is compared."""
    return float(np.float32(threshold) * np.float32(LOWERED))


def _greatest(magnitude: np.ndarray, count: int) -> np.ndarray:
    """Positions of the `count` greatest of float [size], ascending, int64 [count]; of equal ones the first."""
    least = np.partition(magnitude, magnitude.size - count)[magnitude.size - count]
    above = np.flatnonzero(magnitude > least)
    equal = np.flatnonzero(magnitude == least)[: count - above.size]
    found: np.ndarray = np.sort(np.concatenate([above, equal]))
    return found


def _passing(magnitude: np.ndarray, threshold: float) -> np.ndarray:
    """Positions at or above a threshold, int64 [passed]; with a threshold of zero, those that are not zero."""
    return np.flatnonzero(magnitude >= threshold if threshold > 0 else magnitude)
