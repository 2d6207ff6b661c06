"""Masks, ternary weights, linear fixed point and sparse formats, against their definitions."""

from fractions import Fraction
from math import floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from support.decoders import from_run_lengths

from workloads.compression import masks
from workloads.compression.prune import prune
from workloads.compression.run_length import to_run_lengths
from workloads.errors import InputError
from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.kinds.fully_connected.ternary import store_ternary
from workloads.number_formats.fixed_point import quantise
from workloads.number_formats.ternary import expand, scales, sides

weights = arrays.arrays(np.float32, (6, 4, 3, 2), elements=st.sampled_from([0, 0.5, -0.5, 1, -2, 3]).map(np.float32))


@given(weights, st.floats(0, 1))
def test_a_mask_keeps_what_pruning_keeps(weight, density):
    flat = weight.reshape(6, -1)
    mask = masks.by_density(flat, density)
    columns, value = prune(flat, density)
    assert np.count_nonzero(mask) == value.size
    again, same = prune(flat * mask, None)
    assert all(np.array_equal(a, b) for a, b in zip(columns, again, strict=True))
    np.testing.assert_array_equal(value, same)


@given(weights, st.sampled_from([0.0, 0.25, 0.5, 1.0]), st.integers(0, 3))
def test_groups_stay_or_go_whole(weight, density, dimensions):
    mask = masks.by_granularity(weight, density, dimensions)
    groups = mask.reshape(*mask.shape[: 4 - dimensions], -1) if dimensions else mask[..., None]
    assert ((groups.all(axis=-1)) | (~groups.any(axis=-1))).all()
    kept = groups.all(axis=-1)
    size = np.abs(weight).reshape(groups.shape).sum(axis=-1)
    assert np.count_nonzero(kept) == min(round(density * kept.size), np.count_nonzero(size))
    if kept.any() and not kept.all():
        assert size[kept].min() >= size[~kept].max()


def test_granularity_needs_a_convolution():
    for weight, dimensions in ((np.ones((2, 2)), 1), (np.ones((2, 2, 3, 3)), 5)):
        with pytest.raises(InputError, match="granularity is .*; expected 0 to 4 of four dimensions"):
            masks.by_granularity(weight, 0.5, dimensions)


@given(st.integers(0, 100), st.sampled_from([0.0, 0.2, 0.5, 1.0]), st.integers(1, 6), st.integers(1, 3))
def test_blocks_of_outputs_keep_and_lose_the_same_places(seed, density, outputs, groups):
    """Blocks do not cross groups, the largest means stay, and no smaller number of them would be enough."""
    weight = np.random.default_rng(seed).standard_normal((groups * 7, 3, 2, 2))
    mask = masks.by_blocks(weight, density, outputs, groups)
    parts = [slice(g * 7 + k, g * 7 + min(k + outputs, 7)) for g in range(groups) for k in range(0, 7, outputs)]
    kept, means, sizes = [], [], []
    for part in parts:
        assert (mask[part].all(axis=0) == mask[part].any(axis=0)).all()
        kept.append(mask[part].all(axis=0).ravel())
        means.append(np.abs(weight[part]).mean(axis=0).ravel())
        sizes.append(np.full(12, part.stop - part.start))
    kept, means, sizes = map(np.concatenate, (kept, means, sizes))
    if kept.any() and not kept.all():
        assert means[kept].min() > means[~kept].max()
    last = sizes[kept][means[kept].argmin()] if kept.any() else 0
    assert sizes[kept].sum() - last < max(1, round(density * weight.size)) <= max(1, sizes[kept].sum())


def test_blocks_of_16_are_a_granularity_and_what_a_format_may_ask_for():
    weight = np.random.default_rng(0).standard_normal((40, 3, 2, 2)).astype(np.float32)
    mask = masks.by_granularity(weight, 0.4, 4)
    np.testing.assert_array_equal(mask, masks.by_blocks(weight, 0.4, 16))
    np.testing.assert_array_equal(masks.by_granularity(weight, 0.4, 0, 2, 5), masks.by_blocks(weight, 0.4, 5, 2))
    np.testing.assert_array_equal(masks.by_granularity(weight, 0.4, 2, 2, 5), masks.by_granularity(weight, 0.4, 2))
    with pytest.raises(InputError, match="density is 2; expected a number from 0 to 1"):
        masks.by_blocks(weight, 2, 4)


def test_a_block_of_zeros_is_never_kept():
    weight = np.zeros((4, 2))
    weight[0, 0] = 1
    assert masks.by_blocks(weight, 1, 2).tolist() == [[True, False], [True, False], [False, False], [False, False]]


def test_one_threshold_across_layers():
    small, large = np.full((2, 3), 0.1, np.float32), np.arange(1, 7, dtype=np.float32).reshape(2, 3)
    first, second = masks.across([small, large], 0.5)
    assert not first.any()
    assert second.all()


@given(st.integers(0, 100), st.integers(1, 9), st.sampled_from([0.1, 0.5, 0.9]))
def test_a_balanced_mask_gives_every_pe_its_share(seed, pes, density):
    rng = np.random.default_rng(seed)
    weight = rng.standard_normal((17, 12)) * np.exp(rng.standard_normal((17, 1)))
    mask = masks.balanced(weight, density, pes)
    for pe in range(pes):
        assert np.count_nonzero(mask[pe::pes]) == round(density * mask[pe::pes].size)
        np.testing.assert_array_equal(mask[pe::pes], masks.by_density(weight[pe::pes], density))


@pytest.mark.parametrize("density", [-0.1, 1.5, float("nan")])
def test_densities_that_cannot_be(density):
    with pytest.raises(InputError, match="density is .*; expected a number from 0 to 1"):
        masks.by_density(np.ones(3), density)


def test_ternary_weights_lose_least_with_the_means_as_scales():
    weight = np.random.default_rng(1).standard_normal((20, 30)).astype(np.float32)
    split = sides(weight, 0.2)
    positive, negative = scales(weight, split)
    threshold = 0.2 * np.abs(weight).max()
    np.testing.assert_array_equal(split.positive, weight > threshold)
    np.testing.assert_array_equal(split.negative, weight < -threshold)

    def loss(p, n):
        return float(((expand(split, p, n) - weight) ** 2).sum())

    assert loss(positive, negative) < min(loss(positive * 1.01, negative), loss(positive, negative * 0.99))


def test_a_ternary_layer_is_stored_with_two_bits():
    weight = np.array([[1, -2, 0.01], [0, 3, -4]], np.float32)
    split, layer = sides(weight, 0.1), FullyConnected("t", weight, np.array([0.1, 9], np.float32), None, True)
    shared = store_ternary(layer, split, *scales(weight, split))
    assert shared.codebook.tolist() == [0, -3, 2, 0]
    assert shared.columns.start.tolist() == [0, 1, 3, 4]
    assert shared.columns.code.tolist() == [2, 1, 2, 1]
    assert shared.bias_code.tolist() == [0, 2]
    with pytest.raises(InputError, match="ternary threshold is 1"):
        sides(weight, 1.0)


@given(st.lists(st.floats(-1e4, 1e4, width=32), min_size=1), st.integers(2, 16))
def test_linear_fixed_point_is_the_finest_that_holds_all(values, bits):
    fixed = quantise(np.array(values, np.float32), bits)
    highest = (1 << (bits - 1)) - 1
    for value, word in zip(values, fixed.word.tolist(), strict=True):
        assert word == floor(Fraction(value) * Fraction(2) ** fixed.fraction_bits + Fraction(1, 2))
        assert -highest - 1 <= word <= highest
    largest = max(map(abs, values))
    if largest:
        assert floor(Fraction(largest) * Fraction(2) ** (fixed.fraction_bits + 1) + Fraction(1, 2)) > highest
    np.testing.assert_allclose(fixed.value(), values, atol=float(Fraction(1, 2) / Fraction(2) ** fixed.fraction_bits))


def test_linear_fixed_point_of_no_width():
    with pytest.raises(InputError, match="bits is 17; expected an integer from 2 to 16"):
        quantise(np.ones(2), 17)


sparse = arrays.arrays(np.int16, st.integers(0, 400), elements=st.sampled_from([0] * 12 + [1, -7]))


@given(sparse, st.integers(1, 8))
def test_run_lengths_are_undone(values, bits):
    zeros, stored = to_run_lengths(values, bits)
    assert zeros.max(initial=0) < 1 << bits
    np.testing.assert_array_equal(from_run_lengths(zeros, stored, values.size), values)


def test_run_lengths_are_cut():
    zeros, stored = to_run_lengths(np.array([0, 0, 5, 0, 0, 0, 0, 0, 6, 0]), 2)
    assert zeros.tolist() == [2, 3, 1]
    assert stored.tolist() == [5, 0, 6]
    with pytest.raises(InputError, match="run lengths reach element 8; expected at most 3"):
        from_run_lengths(zeros, stored, 4)
    with pytest.raises(InputError, match="bits is 9"):
        to_run_lengths(np.ones(2), 9)
