"""Which elements are sent: the sample's stride, the accept rule, the number of elements, and the warm-up."""

from math import ceil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workloads.compression.gradients import selection
from workloads.compression.gradients.selection import sample_stride, sampled_threshold, select, wanted
from workloads.compression.gradients.warm_up import density_in
from workloads.errors import InputError


def test_warm_up_falls_by_equal_factors_to_the_density():
    assert [density_in(epoch) for epoch in range(5)] == pytest.approx([1e-3 ** (e / 5) for e in range(1, 6)])
    assert [round(density_in(epoch), 3) for epoch in range(6)] == [0.251, 0.063, 0.016, 0.004, 0.001, 0.001]
    assert density_in(0, 0.01, 0) == 0.01
    assert density_in(0, 1.0) == 1


@pytest.mark.parametrize("wrong", [(0, 0.0, 4), (0, 1.5, 4), (0, float("nan"), 4), (-1, 0.1, 4), (0, 0.1, -1)])
def test_no_such_density(wrong):
    with pytest.raises(InputError, match="expected"):
        density_in(*wrong)


def test_the_stride_of_a_large_convolution():
    size = 3 * 3 * 512 * 512  # stride 129 gives too few of the 23,593 samples, and so do 121, 113 and 105
    assert sample_stride(size, 0.001) == 97
    assert size // 97 == 24_322 >= ceil(size / 100) > size // 105


def test_a_share_so_small_that_its_inverse_is_infinite_samples_all():
    """Then one element is wanted: the greatest."""
    assert sample_stride(100, 5e-324) == 1
    assert select(np.arange(100, dtype=np.float32), 5e-324, np.random.default_rng(0)).places.tolist() == [99]


@given(size=st.integers(1, 300_000), density=st.floats(0.001, 1))
def test_a_sample_has_its_least_size(size, density):
    stride = sample_stride(size, density)
    needed = max(ceil(size / 100), ceil(2 / density))
    assert stride >= 1
    assert size // stride >= min(size, needed)
    assert stride == 1 or stride % 8 == 1


@given(
    size=st.integers(1, 3000), density=st.floats(0.001, 1), seed=st.integers(0, 99), scale=st.sampled_from([0, 1, 9])
)
@settings(deadline=None)
def test_selection_obeys_its_budget(size, density, seed, scale):
    values = np.round(np.random.default_rng(seed).standard_normal(size) * scale).astype(np.float32)
    found = select(values, density, np.random.default_rng(seed))
    assert found.places.size <= wanted(size, density)
    assert np.all(np.diff(found.places) > 0)
    assert np.all(values[found.places] != 0)
    assert found.lowered <= 10


def test_without_sampling_the_greatest_are_sent():
    values = np.array([[0.1, -5, 0.2], [3, -0.3, 4]], np.float32)
    assert select(values, 0.5, np.random.default_rng(0)).places.tolist() == [1, 3, 5]


@pytest.mark.parametrize(
    ("threshold", "count", "lowered", "is_sorted"),
    [
        (91.0, 10, 0, False),  # 10 of 10 pass
        (93.0, 8, 0, False),  # 8: the least that is accepted
        (94.0, 10, 1, True),  # 7: lowered to 75.2, which 25 pass: sorted
        (88.0, 10, 0, False),  # 13: the most that is accepted; the last three by position are left out
        (87.0, 10, 0, True),  # 14: sorted
        (1000.0, 10, 10, True),  # 1000 x 0.8 ** 10 = 107: ten times lowered, and still none
    ],
)
def test_the_accept_rule(monkeypatch, threshold, count, lowered, is_sorted):
    monkeypatch.setattr(selection, "sampled_threshold", lambda *_: threshold)
    values = np.arange(1, 101.0)  # 101 - t of them are t or more
    found = select(values, 0.1, np.random.default_rng(0))
    if threshold == 1000:
        assert found == (pytest.approx([]), 0, 10, False)
        return
    assert (found.places.size, found.passed) == (count, 101 - threshold)
    assert (found.lowered, found.sorted) == (lowered, is_sorted)
    first = 90 if is_sorted else int(threshold) - 1
    assert found.places.tolist() == list(range(first, first + count))


def test_a_tensor_of_zeros_sends_nothing():
    assert select(np.zeros((40, 50), np.float32), 0.01, np.random.default_rng(0)).places.size == 0
    assert select(np.zeros((0, 50), np.float32), 0.01, np.random.default_rng(0)).places.size == 0
    with pytest.raises(InputError, match="density is 0"):
        select(np.zeros(5), 0, np.random.default_rng(0))


def test_how_near_a_sampled_threshold_comes():
    """25 of 24,322 samples are above it, which scatters by 20 %: about a tenth of the draws is not accepted."""
    rng = np.random.default_rng(3)
    size = 3 * 3 * 512 * 512
    shares = []
    for _ in range(8):
        magnitude = np.sort(np.abs(rng.standard_normal(size, dtype=np.float32)))
        shuffled = rng.permutation(magnitude)
        found = [sampled_threshold(shuffled, 0.001, rng) for _ in range(12)]
        assert len(set(found)) > 6
        shares += [(size - np.searchsorted(magnitude, one)) / wanted(size, 0.001) for one in found]
    assert 0.95 < np.mean(shares) < 1.12
    outside = np.mean([not 0.8 <= one <= 1.3 for one in shares])
    assert 0.02 < outside < 0.3


def test_of_equal_magnitudes_the_first_are_sent():
    """Forty of one magnitude: the sample's threshold is theirs, all pass, and four are kept."""
    values = np.where(np.arange(40) % 2, 1.0, -1.0).astype(np.float32)
    found = select(values, 0.1, np.random.default_rng(0))
    assert found.sorted
    assert found.places.tolist() == [0, 1, 2, 3]


def test_a_lowered_threshold_is_a_number_of_fp32():
    threshold = 0.1
    for _ in range(10):
        threshold = selection.lower(threshold)
        assert float(np.float32(threshold)) == threshold
    assert threshold == pytest.approx(0.1 * 0.8**10, rel=1e-6)
