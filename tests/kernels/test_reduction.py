"""Sums over chips: the same bits in a tree's order, other ones in a ring's, and each order against a plain loop."""

from fractions import Fraction

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernels_ref.reduction import (
    TILE,
    TYPES,
    add_chain,
    add_pairs,
    add_ring,
    add_tree,
    check_split,
    dots,
    local_sums,
    one_chip,
    plan_of,
    rounded,
    tree,
    tree_of_tiles,
)

kinds = st.sampled_from(sorted(TYPES))


def operands(seed, tokens, inputs, outputs, kind="bf16"):
    rng = np.random.default_rng(seed)
    shapes = (tokens, inputs), (inputs, outputs)
    return [rounded(rng.standard_normal(shape, dtype=np.float32), kind) for shape in shapes]


@pytest.mark.parametrize(("tiles", "first", "levels"), [
    (1, 1, 1), (2, 2, 1), (3, 3, 1), (4, 2, 2), (6, 3, 2), (8, 2, 3), (16, 2, 4), (24, 3, 4), (27, 27, 1), (56, 7, 4),
])  # fmt: skip
def test_plans(tiles, first, levels):
    assert plan_of(tiles) == (first, levels)
    assert first << (levels - 1) == tiles


def nested(tiles, first, kind):
    """The same order written as a recursion: halves down to a run."""
    if len(tiles) > first:
        half = len(tiles) // 2
        return rounded(nested(tiles[:half], first, kind) + nested(tiles[half:], first, kind), kind)
    total = rounded(tiles[0], kind)
    for tile in tiles[1:]:
        total = rounded(total + rounded(tile, kind), kind)
    return total


@given(st.integers(0, 1 << 30), st.integers(1, 5), st.integers(0, 4), kinds)
def test_a_counter_of_levels_adds_as_the_recursion_does(seed, first, halvings, kind):
    tiles = np.random.default_rng(seed).standard_normal((first << halvings, 3), dtype=np.float32)
    assert add_tree(tiles, first, kind).tolist() == nested(tiles, first, kind).tolist()


@given(st.integers(0, 1 << 30), st.integers(1, 3), st.sampled_from([4, 8, 12, 16, 24]), st.integers(1, 3), kinds)
def test_a_tree_gives_the_same_bits_on_any_number_of_chips_and_for_any_batch(seed, tokens, tiles, outputs, kind):
    activation, weight = operands(seed, tokens, tiles * TILE, outputs, "bf16" if kind == "fp32" else kind)
    one = tree(activation, weight, 1, kind)
    chips = 2
    while chips * plan_of(tiles).first <= tiles:
        assert tree(activation, weight, chips, kind).tobytes() == one.tobytes()
        chips *= 2
    assert tree(activation[:1], weight, 1, kind).tobytes() == one[:1].tobytes()


@given(st.integers(0, 1 << 30), st.sampled_from([1, 2, 4, 8]), st.integers(1, 3), st.integers(1, 7), kinds)
def test_a_ring_adds_each_chunk_from_the_chip_after_its_own(seed, chips, tokens, outputs, kind):
    parts = rounded(np.random.default_rng(seed).standard_normal((chips, tokens, outputs), dtype=np.float32), kind)
    found = add_ring(parts, kind).ravel()
    flat, sizes = parts.reshape(chips, -1), [len(one) for one in np.array_split(np.arange(tokens * outputs), chips)]
    assert max(sizes) - min(sizes) <= 1
    place = 0
    for chunk, size in enumerate(sizes):
        for word in range(place, place + size):
            order = [(chunk + 1 + step) % chips for step in range(chips)]
            total = flat[order[0], word]
            for chip in order[1:]:
                total = rounded(np.float32(total + flat[chip, word]), kind)
            assert found[word] == total
        place += size


@given(st.integers(0, 1 << 30), st.integers(1, 8), kinds)
def test_a_chain_adds_chip_after_chip(seed, chips, kind):
    parts = rounded(np.random.default_rng(seed).standard_normal((chips, 3), dtype=np.float32), kind)
    for word in range(3):
        total = parts[0, word]
        for chip in range(1, chips):
            total = rounded(np.float32(total + parts[chip, word]), kind)
        assert add_chain(parts, kind)[word] == total


@given(st.integers(0, 1 << 30), st.sampled_from([2, 4, 8]), st.sampled_from([16, 64]), kinds)
def test_tiles_may_be_small(seed, chips, tile, kind):
    """Of dots that any unit has added."""
    activation, weight = operands(seed, 2, 16 * tile, 3)
    tiles = dots(activation, weight, tile)
    one = tree(activation, weight, 1, kind, tile)
    assert one.tobytes() == nested(tiles, 2, kind).tobytes()
    assert tree_of_tiles(tiles, chips, kind).tobytes() == one.tobytes()
    assert check_split(16 * tile, chips, tile).first == 2


@given(st.integers(0, 1 << 30), st.integers(1, 4), st.integers(1, 3))
def test_dots_add_place_after_place_in_fp32(seed, tokens, outputs):
    activation, weight = operands(seed, tokens, 20, outputs)
    found = dots(activation, weight, 10)
    for part in range(2):
        for m in range(tokens):
            for n in range(outputs):
                total = np.float32(0)
                for k in range(10 * part, 10 * part + 10):
                    total = np.float32(total + np.float32(activation[m, k] * weight[k, n]))
                assert found[part, m, n] == total


@pytest.mark.parametrize("kind", ["bf16", "fp16"])
def test_a_sum_in_fp32_that_is_rounded_is_the_sum_rounded_once(kind):
    """Of words whose exponents lie far apart, too: against exact fractions."""
    rng = np.random.default_rng(3)
    words = rng.integers(0, 1 << 16, (2, 3000), dtype=np.uint16).view(TYPES[kind])
    words = words.astype(np.float32)
    words = words[:, np.isfinite(words).all(axis=0)]
    every = np.arange(1 << 16, dtype=np.uint16).view(TYPES[kind]).astype(np.float32)
    grid = np.unique(every[np.isfinite(every)].astype(np.float64))
    for a, b in words.T.tolist():
        exact = Fraction(a) + Fraction(b)
        if abs(exact) > Fraction(float(grid[-1])):
            continue
        right = int(np.clip(np.searchsorted(grid, float(exact)), 1, grid.size - 1))
        near = [float(one) for one in grid[max(0, right - 2) : right + 2]]
        best = min(abs(Fraction(one) - exact) for one in near)
        found = float(rounded(np.float32(a) + np.float32(b), kind))
        assert abs(Fraction(found) - exact) == best


def test_the_published_order_at_6144_inputs():
    """Shares of outputs whose bits differ from one chip, and errors over the exact sums; spread of ten draws."""
    ring, inner, errors = [], [], []
    for seed in range(10):
        activation, weight = operands(seed, 64, 6144, 96)
        one = one_chip(activation, weight, "bf16")
        trees = [tree(activation, weight, chips, "bf16") for chips in (1, 2, 4, 8)]
        assert all(other.tobytes() == trees[0].tobytes() for other in trees)
        local = [local_sums(activation, weight, chips, "bf16") for chips in (2, 4, 8)]
        ring.append([np.mean(add_ring(parts, "bf16") != one) for parts in local])
        inner.append([np.mean(add_pairs(parts, "bf16") != one) for parts in local])
        exact = activation.astype(np.float64) @ weight
        errors.append([np.linalg.norm(found - exact) / np.linalg.norm(exact) for found in (trees[0], one)])
    assert np.mean(ring, axis=0) == pytest.approx([0.382, 0.504, 0.597], abs=0.012)
    assert np.mean(inner, axis=0) == pytest.approx([0.382, 0.505, 0.573], abs=0.016)
    assert np.mean(errors, axis=0) == pytest.approx([0.00418, 0.00168], rel=0.02)


@pytest.mark.parametrize(("inputs", "chips", "sentence"), [
    (6144, 16, "6,144 inputs are 8 runs of 3 tiles of 256, which are not cut; expected at most 8 chips, there are 16"),
    (27 * 256, 2, "6,912 inputs are 1 runs of 27 tiles"),
    (6144, 3, "there are 3 chips; expected a power of two"),
    (6000, 2, "there are 6,000 inputs; expected a multiple of 256"),
    (0, 1, "there are 0 inputs; expected a multiple of 256"),
])  # fmt: skip
def test_splits_that_would_change_the_order_are_refused(inputs, chips, sentence):
    with pytest.raises(ValueError, match=sentence):
        check_split(inputs, chips)


def test_rounding_is_that_of_the_types():
    values = np.array([1 + 2**-8, 1 + 3 * 2**-8, -0.0, 65520.0], np.float32)
    assert rounded(values, "bf16").tolist() == [1.0, 1 + 2**-6, 0.0, 65536.0]
    assert np.signbit(rounded(values, "bf16")[2])
    assert rounded(values, "fp32").tolist() == values.tolist()
    assert TYPES["bf16"] == ml_dtypes.bfloat16
