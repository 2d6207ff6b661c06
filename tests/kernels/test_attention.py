"""The kernel of attention against computations that know nothing of blocks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ml_dtypes import bfloat16

from kernels_ref.attention import BF16, attend, margins, power_of_two
from kernels_ref.formats import HALF_UNIT, Parts, multiply

LOG2E = np.float32(np.log2(np.e))


def words(rng, *shape, spread=1.0):
    return (rng.standard_normal(shape) * spread).astype(bfloat16).view(np.uint16)


def numbers(array):
    return array.view(bfloat16).astype(np.float64)


def softmax(query, key, value, seen, scale):
    """In float64, all keys at once."""
    scores = numbers(query) @ numbers(key).T * float(scale)
    scores[np.arange(len(key)) >= seen[:, None]] = -np.inf
    weight = 2.0 ** (scores - scores.max(axis=1, keepdims=True))
    return weight @ numbers(value) / weight.sum(axis=1, keepdims=True)


def scores_of(query, key, scale):
    """In the dot unit, all keys at once: float32 [rows, keys]."""
    ones = [Parts(np.ones((len(one), 1), np.int32), np.zeros((len(one), 1), np.int32), 0) for one in (query, key)]
    return multiply(BF16.of(query), ones[0], BF16.of(key), ones[1], query.shape[1], HALF_UNIT) * scale


def skipped_by_hand(query, key, seen, scale, block, least):
    """Blocks in which every row's greatest score is far below the greatest of all keys up to this block."""
    scores = scores_of(query, key[: seen.max()], scale)
    scores[np.arange(seen.max()) >= seen[:, None]] = -np.inf
    starts = np.arange(0, seen.max(), block)
    greatest = np.maximum.reduceat(scores, starts, axis=1)
    below = greatest - np.maximum.accumulate(greatest, axis=1) < least
    return below.all(axis=0) & (starts > 0)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 1 << 30), st.integers(1, 6), st.integers(1, 40), st.integers(1, 70), st.integers(1, 17),
    st.sampled_from([0.1, 1.0, 4.0]), st.sampled_from([0.0, 1e-6, 0.01, 0.4, 0.9]),
)  # fmt: skip
def test_near_a_softmax_in_float64_and_skips_what_a_mask_says(seed, rows, keys, width, block, spread, share):
    rng = np.random.default_rng(seed)
    query, key, value = words(rng, rows, width, spread=spread), words(rng, keys, width), words(rng, keys, width)
    seen, scale = rng.integers(1, keys + 1, rows), np.float32(LOG2E / np.sqrt(width))
    least = np.float32(np.log2(share)) if share else np.float32(-np.inf)
    found = attend(query, key, value, seen, scale, block, least)
    assert found.output.dtype == np.float32
    np.testing.assert_array_equal(found.skipped, skipped_by_hand(query, key, seen, scale, block, least))
    if not found.skipped.any():
        # weights are rounded to 8 bits, scores to 24 at a size of up to |query| x |key|
        exact = softmax(query, key, value, seen, scale)
        near = 2.0**-7 * np.abs(numbers(value)).max() * (1 + spread)
        np.testing.assert_allclose(found.output, exact, atol=near)


def test_without_a_threshold_nothing_is_skipped_and_blocks_only_change_the_rounding():
    rng = np.random.default_rng(2)
    query, key, value = (words(rng, n, 16, spread=2.0) for n in (4, 64, 64))
    seen, scale = np.full(4, 64), np.float32(LOG2E / 4)
    whole = attend(query, key, value, seen, scale, 64)
    parts = attend(query, key, value, seen, scale, 8)
    assert not parts.skipped.any()
    np.testing.assert_allclose(parts.output, whole.output, rtol=0.02, atol=0.01)
    never = attend(query, key, value, seen, scale, 8, np.float32(-1e30))
    np.testing.assert_array_equal(never.output, parts.output)


def test_a_skipped_block_changes_nothing():
    """Keys far from every query: with them in the middle, the output is that of the other keys, bit for bit."""
    rng = np.random.default_rng(3)
    query = np.abs(numbers(words(rng, 3, 8))).astype(bfloat16).view(np.uint16)
    near = np.abs(numbers(words(rng, 8, 8))).astype(bfloat16).view(np.uint16)
    far = (-100 * numbers(near[:4])).astype(bfloat16).view(np.uint16)
    value, scale = words(rng, 12, 8), np.float32(1)
    found = attend(query, np.concatenate([near[:4], far, near[4:]]), value, np.full(3, 12), scale, 4, np.float32(-3))
    assert found.skipped.tolist() == [False, True, found.skipped[2]]
    others = attend(query, near, np.delete(value, range(4, 8), axis=0), np.full(3, 8), scale, 4, np.float32(-3))
    np.testing.assert_array_equal(found.output, others.output)


def test_a_row_that_raises_its_maximum_keeps_the_block_for_all():
    query = np.array([[1, 0], [0, 1]], bfloat16).view(np.uint16)
    key = np.array([[8, 8], [0, 9]], bfloat16).view(np.uint16)
    value, scale = np.array([[1, 1], [2, 2]], bfloat16).view(np.uint16), np.float32(1)
    assert not attend(query, key, value, np.full(2, 2), scale, 1, np.float32(-1)).skipped.any()
    assert attend(query[:1], key, value, np.full(1, 2), scale, 1, np.float32(-1)).skipped.tolist() == [False, True]


def test_powers_of_two():
    x = -np.linspace(0, 125.9, 100_001, dtype=np.float32)
    assert np.abs(power_of_two(x) / 2.0 ** x.astype(np.float64) - 1).max() < 2e-7
    whole = -np.arange(127, dtype=np.float32)
    np.testing.assert_array_equal(power_of_two(whole), np.float32(2) ** whole)
    assert power_of_two(np.array([-np.inf, -126.5, -1e30], np.float32)).tolist() == [0, 0, 0]


@pytest.mark.parametrize("key", [(3, 5), (4, 4)])
def test_shapes_that_do_not_fit(key):
    rng = np.random.default_rng(1)
    with pytest.raises(ValueError, match="shapes are"):
        attend(words(rng, 2, 4), words(rng, *key), words(rng, 3, 4), np.ones(2, np.int64), np.float32(1), 2)


def test_a_block_is_skipped_where_its_margin_is_below_the_threshold():
    rng = np.random.default_rng(5)
    query, key, value = words(rng, 3, 8, spread=3.0), words(rng, 24, 8, spread=3.0), words(rng, 24, 8)
    seen, scale = np.array([24, 20, 9]), np.float32(0.5)
    found = margins(query, key, seen, scale, 4)
    scores = scores_of(query, key, scale)
    scores[np.arange(24) >= seen[:, None]] = -np.inf
    blocks = scores.reshape(3, 6, 4).max(axis=2)
    assert found == pytest.approx((blocks - np.maximum.accumulate(blocks, axis=1)).max(axis=0), rel=1e-3, abs=1e-3)
    for least in (-0.5, -3.0, -9.0):
        skipped = attend(query, key, value, seen, scale, 4, np.float32(least)).skipped
        assert skipped[1:].tolist() == (found < np.float32(least))[1:].tolist()
