"""Weight sharing: one-dimensional k-means, and the codes of the weights (Deep Compression, section 3)."""

import numpy as np

MOST_ROUNDS = 10_000
"""Lloyd's rounds strictly improve and so end; this only bounds a defect. Millions of weights take some hundred."""


def share(values: np.ndarray, bits: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a codebook, float32 [2**bits], and the code of each value, uint8, 1 .. 2**bits - 1.

    values float32 [n], finite. Level 0 is kept for zero, as EIE does; the others are the centroids of k-means,
    started at even distances from the least to the greatest value ("linear", Deep Compression's best). Fewer
    distinct values than centroids leave centroids at their starting points, unused.
    """
    codebook = np.zeros(1 << bits, np.float32)
    if values.size == 0:
        return codebook, np.zeros(0, np.uint8)
    centroids = kmeans(np.sort(values).astype(np.float64), codebook.size - 1)
    codebook[1:] = centroids
    return codebook, (np.searchsorted(_borders(centroids), values) + 1).astype(np.uint8)


def kmeans(ordered: np.ndarray, count: int) -> np.ndarray:
    """Return `count` ascending centroids of `ordered`, float64, ascending: Lloyd's algorithm from a linear start.

    The clusters of sorted numbers are intervals, so a round costs `count` binary searches on prefix sums.
    """
    centroids = np.linspace(ordered[0], ordered[-1], count)
    prefix = np.concatenate([[0.0], np.cumsum(ordered)])
    cut = _cut(ordered, centroids)
    for _ in range(MOST_ROUNDS):
        members = np.diff(cut)
        filled = members > 0
        centroids[filled] = np.diff(prefix[cut])[filled] / members[filled]
        previous, cut = cut, _cut(ordered, centroids)
        if np.array_equal(previous, cut):
            break
    return centroids


def _borders(centroids: np.ndarray) -> np.ndarray:
    return (centroids[1:] + centroids[:-1]) / 2


def _cut(ordered: np.ndarray, centroids: np.ndarray) -> np.ndarray:
    """Where the clusters begin and end: a value on a border belongs to the lower centroid."""
    cut = np.zeros(centroids.size + 1, np.int64)
    cut[1:-1] = np.searchsorted(ordered, _borders(centroids), side="right")
    cut[-1] = ordered.size
    return cut
