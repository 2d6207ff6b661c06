"""Which weights stay, as masks: boolean arrays of the weight's shape, True where a weight is kept.

A mask goes into training (`training.constraints.Masked`) and comes back unchanged; `weight * mask` goes into `prune`.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np

from workloads.compression.prune import magnitude_threshold
from workloads.errors import InputError


def by_threshold(weight: np.ndarray, threshold: float) -> np.ndarray:
    """Keep magnitudes of at least `threshold`, zeros never."""
    return (np.abs(weight) >= threshold) & (weight != 0)


def by_density(weight: np.ndarray, density: float) -> np.ndarray:
    """Keep the round(density x size) largest magnitudes; of equal ones the first in row-major order."""
    return keep_largest(np.abs(weight), density)


def across(weights: Sequence[np.ndarray], density: float) -> list[np.ndarray]:
    """Keep the largest magnitudes of all layers together: one threshold, a density of its own for each layer."""
    together = np.concatenate([np.abs(weight).ravel() for weight in weights])
    kept = keep_largest(together, density)
    ends = np.cumsum([weight.size for weight in weights])[:-1]
    return [part.reshape(weight.shape) for part, weight in zip(np.split(kept, ends), weights, strict=True)]


def by_granularity(weight: np.ndarray, density: float, dimensions: int) -> np.ndarray:
    """Keep or drop weights of a convolution, [outputs, inputs, height, width], in groups (Mao et al., 2017).

    dimensions: 0 = single weights, 1 = rows of kernels, 2 = kernels, 3 = filters. A group is as large as the sum of its
    magnitudes; round(density x groups) stay.
    """
    if weight.ndim != 4 or dimensions not in range(4):
        raise InputError(
            f"granularity is {dimensions} of a weight {list(weight.shape)}; expected 0 to 3 of four dimensions"
        )
    inside = tuple(range(weight.ndim - dimensions, weight.ndim))
    size = np.abs(weight).sum(axis=inside, keepdims=True) if inside else np.abs(weight)
    return np.broadcast_to(keep_largest(size, density), weight.shape).copy()


def balanced(weight: np.ndarray, density: float, pes: int) -> np.ndarray:
    """Keep the same share inside every PE's part, rows i mod pes of [outputs, inputs] (ESE, section 3.2).

    Parts of unequal size keep round(density x size) each.
    """
    mask = np.zeros(weight.shape, bool)
    for pe in range(min(pes, weight.shape[0])):
        mask[pe::pes] = by_density(weight[pe::pes], density)
    return mask


class Sensitivity(NamedTuple):
    """What pruning to a density costs."""

    density: float
    kept: int
    error: float  # of the output, relative to its size: |y' - y| / |y|, 2-norms


def sensitivity(
    weight: np.ndarray,
    activation: np.ndarray,
    densities: Iterable[float],
    choose: Callable[[np.ndarray, float], np.ndarray] = by_density,
) -> list[Sensitivity]:
    """Prune [outputs, inputs] by `choose` to each density and compare the output for `activation`, [inputs, ...]."""
    whole = weight @ activation
    size = float(np.linalg.norm(whole))
    found = []
    for density in densities:
        mask = choose(weight, density)
        lost = float(np.linalg.norm((weight * mask) @ activation - whole))
        found.append(Sensitivity(density, int(np.count_nonzero(mask)), lost / size if size else 0.0))
    return found


def keep_largest(size: np.ndarray, density: float) -> np.ndarray:
    """True for the round(density x size) largest of non-negative numbers, the first of equals; never for zero."""
    if not 0 <= density <= 1:
        raise InputError(f"density is {density}; expected a number from 0 to 1")
    flat = np.ascontiguousarray(size, np.float32).ravel()
    keep = min(round(density * flat.size), int(np.count_nonzero(flat)))
    threshold = np.float32(magnitude_threshold(flat, keep))
    mask = flat > threshold
    ties = np.flatnonzero(flat == threshold)[: keep - int(np.count_nonzero(mask))]
    mask[ties] = True
    return mask.reshape(size.shape)
