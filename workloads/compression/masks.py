"""Masks of the weights that pruning keeps: boolean arrays of the weights' shape, True where a weight is kept.

Training under a mask (`training.constraints.Masked`) leaves it unchanged; `weight * mask` is what `prune` reads.
"""

from collections.abc import Sequence

import numpy as np

from workloads.compression.prune import magnitude_threshold
from workloads.errors import InputError


def by_density(weight: np.ndarray, density: float) -> np.ndarray:
    """Keep the round(density x size) largest magnitudes, of equal ones the first: float32 [any shape] -> bool.

    InputError where the density is not from 0 to 1.
    """
    return keep_largest(np.abs(weight), density)


def across(weights: Sequence[np.ndarray], density: float) -> list[np.ndarray]:
    """Keep the largest magnitudes of all layers by one threshold: float32 [any shape] each -> bool, the shape of each.

    The density is that of all layers together; those of single layers differ. InputError where it is not from 0 to 1.
    """
    together = np.concatenate([np.abs(weight).ravel() for weight in weights])
    kept = keep_largest(together, density)
    ends = np.cumsum([weight.size for weight in weights])[:-1]
    return [part.reshape(weight.shape) for part, weight in zip(np.split(kept, ends), weights, strict=True)]


BLOCKS = 4
"""The granularity of blocks of `BLOCK_OUTPUTS` outputs."""
BLOCK_OUTPUTS = 16
"""That share an index on Cambricon-S."""


def by_granularity(
    weight: np.ndarray, density: float, dimensions: int, groups: int = 1, block_outputs: int = 1
) -> np.ndarray:
    """Keep or drop a convolution's weights, float32 [outputs, inputs, height, width], in groups: bool of that shape.

    dimensions: 0 = single weights, 1 = rows of kernels, 2 = kernels, 3 = filters, 4 = blocks of 16 outputs. The
    round(density x groups) groups with the largest sums of magnitudes stay (Mao et al., arXiv 1705.08922). groups: of
    the convolution; block_outputs: single weights are dropped in blocks, see `by_blocks`. InputError where the weights
    do not have four dimensions, `dimensions` is not 0 .. 4, or the density is not from 0 to 1.
    """
    if weight.ndim != 4 or dimensions not in range(5):
        raise InputError(
            f"granularity is {dimensions} of a weight {list(weight.shape)}; expected 0 to 4 of four dimensions"
        )
    if dimensions == BLOCKS or (dimensions == 0 and block_outputs > 1):
        return by_blocks(weight, density, BLOCK_OUTPUTS if dimensions == BLOCKS else block_outputs, groups)
    inside = tuple(range(weight.ndim - dimensions, weight.ndim))
    size = np.abs(weight).sum(axis=inside, keepdims=True) if inside else np.abs(weight)
    return np.broadcast_to(keep_largest(size, density), weight.shape).copy()


def by_blocks(weight: np.ndarray, density: float, outputs: int, groups: int = 1) -> np.ndarray:
    """Keep or drop the same place of several outputs together: float32 [all outputs, ...] -> bool of that shape.

    A block has up to `outputs` outputs that follow each other in a group of the convolution, and one place of each
    (Cambricon-S, MICRO 2018). Blocks with the largest mean magnitudes stay, the first of equal ones, until
    round(density x size) weights or fewer than a block more are kept; a block of zeros never does. InputError where the
    density is not from 0 to 1.
    """
    if not 0 <= density <= 1:
        raise InputError(f"density is {density}; expected a number from 0 to 1")
    each = len(weight) // groups
    first = np.concatenate([group * each + np.arange(0, each, outputs) for group in range(groups)])
    sizes = np.diff(np.append(first, len(weight)))
    sums = np.add.reduceat(np.abs(weight.reshape(len(weight), -1)).astype(np.float64), first, axis=0)
    means = (sums / sizes[:, None]).ravel()
    order = np.argsort(-means, kind="stable")
    weights, wanted = np.repeat(sizes, sums.shape[1])[order].cumsum(), round(density * weight.size)
    kept = np.zeros(means.size, bool)
    kept[order[: np.searchsorted(weights, wanted) + 1 if wanted else 0]] = True
    mask = (kept & (means > 0)).reshape(sums.shape)
    return np.repeat(mask, sizes, axis=0).reshape(weight.shape)


def balanced(weight: np.ndarray, density: float, pes: int) -> np.ndarray:
    """Keep the same density in each PE's rows: float32 [outputs, inputs] -> bool [outputs, inputs] (ESE, section 3.2).

    Row i belongs to PE i mod `pes`; each PE keeps the round(density x size) largest magnitudes of its rows. InputError
    where the density is not from 0 to 1.
    """
    mask = np.zeros(weight.shape, bool)
    for pe in range(min(pes, weight.shape[0])):
        mask[pe::pes] = by_density(weight[pe::pes], density)
    return mask


def keep_largest(size: np.ndarray, density: float) -> np.ndarray:
    """Mark the round(density x size) largest of non-negative numbers, but no zeros: float32 [any shape] -> bool.

    Of equal numbers, the first in row-major order are marked. InputError where the density is not from 0 to 1.
    """
    if not 0 <= density <= 1:
        raise InputError(f"density is {density}; expected a number from 0 to 1")
    flat = np.ascontiguousarray(size, np.float32).ravel()
    keep = min(round(density * flat.size), int(np.count_nonzero(flat)))
    threshold = np.float32(magnitude_threshold(flat, keep))
    mask = flat > threshold
    ties = np.flatnonzero(flat == threshold)[: keep - int(np.count_nonzero(mask))]
    mask[ties] = True
    return mask.reshape(size.shape)
