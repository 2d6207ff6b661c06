"""Clusters of sorted numbers, against Lloyd's algorithm with a distance for each pair."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from workloads.number_formats.codebook import kmeans
from workloads.number_formats.number_format import levels_problem


def plain(values, start):
    """The centroids: rounds of nearest and mean; one without members splits the cluster of the greatest error."""
    centroids = start.copy()
    while True:
        nearest = None
        while True:
            before, nearest = nearest, np.abs(values[:, None] - centroids).argmin(axis=1)
            for k in set(nearest.tolist()):
                centroids[k] = values[nearest == k].mean()
            if before is not None and np.array_equal(before, nearest):
                break
        clusters = [values[nearest == k] for k in range(centroids.size)]
        empty = [k for k, one in enumerate(clusters) if not one.size]
        errors = [((one - one.mean()) ** 2).sum() if one.size else 0.0 for one in clusters]
        worst = int(np.argmax(errors))
        if not empty or np.unique(clusters[worst]).size < 2:
            return centroids
        spread = clusters[worst].std()
        centroids[empty[0]], centroids[worst] = centroids[worst] + spread, centroids[worst] - spread
        centroids.sort()


@given(seed=st.integers(0, 1 << 20), size=st.integers(6, 40), count=st.integers(2, 6), far=st.integers(0, 4))
def test_clusters_are_those_of_lloyd(seed, size, count, far):
    """far: centroids that begin where no value is, so that others are split."""
    rng = np.random.default_rng(seed)
    values = np.sort(np.concatenate([rng.normal(c, 1, size) for c in (0, 9, 40)]))
    start = np.sort(np.concatenate([rng.choice(values, count, replace=False), 1000 + np.arange(far)]))
    np.testing.assert_allclose(kmeans(values, start.astype(float)), plain(values, start.astype(float)), rtol=1e-9)


def test_levels_that_others_wrote_are_checked():
    good = np.array([0, -1.5, 2], np.float32)
    assert levels_problem({"levels": good}, 3) is None
    for bad in ({}, {"levels": good.astype(np.float64)}, {"levels": good[:2]}, {"levels": good[None]}):
        assert levels_problem(bad, 3) == "its levels are not float32 [3]"
    for value in (np.nan, np.inf, 1.0):
        bad = np.array([value, 1, 2], np.float32)
        assert levels_problem({"levels": bad}, 3) == "its levels are not finite numbers, the first 0"
    assert levels_problem({"levels": np.array([0, np.nan, 2], np.float32)}, 3) is not None
