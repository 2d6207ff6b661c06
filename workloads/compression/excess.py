"""Weights of the fuller processing elements: which of them to prune so that no one has more than the mean."""

import numpy as np

NAME = "no PE above the mean"
ABOUT = "the smallest weights of the fuller PEs, of either sign in turn, are pruned until none has more than the mean"


def without_excess(row: np.ndarray, value: np.ndarray, pes: int) -> np.ndarray:
    """Which weights stay, bool [weights], so that each of `pes` PEs has at most the mean, rounded down.

    The smallest go first, positive and negative ones in turn: of shared weights, whole levels are equal, and sums of
    inputs that are not negative would move to one side. row: int [weights], row i is on PE i mod pes; value: integers
    [weights], of equal ones the last go first.

    >>> without_excess(np.array([0, 2, 4, 6, 1]), np.array([3, 1, 2, -2, 1]), 2).tolist()
    [True, False, True, False, True]
    """
    pe, wide = row.astype(np.int64) % pes, value.astype(np.int64)
    side = 2 * pe + (wide < 0)
    rank = _places(side, np.abs(wide), 2 * pes)  # the smallest of a sign last
    from_end = np.bincount(side, minlength=2 * pes)[side] - rank
    kept: np.ndarray = _places(pe, 2 * from_end + (wide < 0), pes) < row.size // pes
    return kept


def _places(group: np.ndarray, size: np.ndarray, groups: int) -> np.ndarray:
    """The place of each among those of its group, the largest first, int64 [any]; group, size: int64 [any]."""
    order = np.lexsort((-size, group))
    counts = np.bincount(group, minlength=groups)
    place = np.empty(group.size, np.int64)
    place[order] = np.arange(group.size) - np.repeat(np.cumsum(counts) - counts, counts)
    return place
