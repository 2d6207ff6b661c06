"""The reference kernel of sparse times sparse, against products of whole matrices."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kernels_ref.sparse_product import Rows, product

densities = st.sampled_from([0.0, 0.2, 0.7, 1.0])


def by_rows(matrix, kept):
    """A matrix, whole numbers [rows, columns], by rows: entries where `kept`, bool, has them, be they zero."""
    starts = np.concatenate([[0], np.cumsum(kept.sum(axis=1))]).astype(np.int64)
    return Rows(starts, np.nonzero(kept)[1].astype(np.int64), matrix[kept].astype(np.float64))


@given(
    seed=st.integers(0, 1 << 20),
    rows=st.integers(0, 6),
    inner=st.integers(1, 7),
    width=st.integers(1, 9),
    left=densities,
    right=densities,
)
def test_entries_are_where_pairs_meet_and_sums_are_those_of_whole_matrices(seed, rows, inner, width, left, right):
    rng = np.random.default_rng(seed)
    a, b = rng.integers(-3, 4, (rows, inner)), rng.integers(-3, 4, (inner, width))
    kept_a, kept_b = rng.random(a.shape) < left, rng.random(b.shape) < right
    found = product(by_rows(a, kept_a), by_rows(b, kept_b), width)
    meets = kept_a.astype(int) @ kept_b.astype(int) > 0
    expected = by_rows((a * kept_a) @ (b * kept_b), meets)
    for one, other in zip(found, expected, strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)
