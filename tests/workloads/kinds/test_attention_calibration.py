"""Calibration of attention: margins are the mask's, a published table is fitted, chosen factors reach the share."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.attentions import attention
from support.products import PLAIN

from simulator.core.registry import find
from workloads.errors import InputError
from workloads.kinds.attention.calibration import fit, least_of, shorten, skipped_share, thousandths_for
from workloads.kinds.attention.compress import compress_attention
from workloads.kinds.attention.format import AttentionFormat
from workloads.kinds.attention.reference import layer_margins, tiles_of

PUBLISHED = (18.76, 44.37, 104.97, 248.40, 587.18, 1390.63, 3293.04, 7799.91, 18471.56)
"""Factors of a prompt on Qwen3-30B-A3B for 10, 20 ... 90 % (TensorRT-LLM's table)."""

layers = st.builds(
    attention,
    seed=st.integers(0, 1 << 30),
    heads=st.just(4),
    key_heads=st.sampled_from([1, 2]),
    queries=st.integers(1, 6),
    keys=st.integers(6, 30),
    width=st.integers(1, 9),
    causal=st.booleans(),
    spread=st.sampled_from([0.3, 3.0, 9.0]),
)
sizes = st.tuples(st.integers(1, 5), st.integers(1, 6))


def compressed(layer, rows=4, block=4, skip=0, form="bf16"):
    return compress_attention(layer, None, AttentionFormat(form, rows, block, skip))


def test_the_fit_of_the_published_table():
    """The table is published, its a and b are not: 7.919 and 8.615 are of a fit that was made apart from this code."""
    found = fit(PUBLISHED, [tenth / 10 for tenth in range(1, 10)])
    assert found.a == pytest.approx(7.919, abs=0.0005)
    assert found.b == pytest.approx(8.615, abs=0.0005)
    assert found.worst == pytest.approx(0.00148, abs=0.00001)
    assert found.points == 9
    assert found.factor(0.5) == pytest.approx(587.18, rel=0.0017)


@given(
    st.floats(1e-3, 1e3), st.floats(0.1, 20), st.lists(st.floats(0.1, 0.9), min_size=2, unique_by=lambda x: round(x, 3))
)
def test_a_curve_that_is_exponential_is_found(a, b, shares):
    found = fit([a * math.exp(b * share) for share in shares], shares)
    assert found.a == pytest.approx(a, rel=1e-6)
    assert found.b == pytest.approx(b, rel=1e-6, abs=1e-6)
    assert found.worst < 1e-6


def test_shares_beyond_the_limits_do_not_count():
    shares, factors = [0.05, 0.1, 0.5, 0.9, 0.95], [1e9, 1.0, 2.0, 4.0, 1e-9]
    assert fit(factors, shares) == fit(factors[1:4], shares[1:4])
    assert fit(factors, shares).points == 3
    assert fit([1.0, 2.0], [0.5, 0.5]) is None
    assert fit([1.0, 2.0], [0.05, 0.5]) is None


@settings(max_examples=60, deadline=None)
@given(layers, sizes, st.sampled_from([1, 30, 300, 1000, 3000, 5900]), st.sampled_from(["bf16", "fp8"]))
def test_margins_give_the_mask_of_every_threshold(layer, tile, skip, form):
    margins = layer_margins(compressed(layer, *tile, form=form))
    made = compressed(layer, *tile, skip, form)
    mask = np.concatenate([one.skipped for one in tiles_of(made)])
    np.testing.assert_array_equal(margins < made.least, mask)
    assert made.least == least_of(skip / 1000 / made.keys)
    assert skipped_share(margins, skip / 1000 / made.keys) == mask.mean()


def test_the_machine_skips_what_was_calibrated():
    layer = attention(5, 4, 2, 6, 40, 8, False, 6.0)
    margins = layer_margins(compressed(layer))
    skip = thousandths_for(margins, 40, 0.3)
    arch = PLAIN._replace(skip_thousandths=skip)
    made = compress_attention(layer, None, find("tensor").formats(arch)["attention"])
    (streams,) = find("tensor").layout(arch, made)
    counts = find("tensor").run_engine(arch, streams).counts
    assert counts.blocks.sum() == margins.size
    assert counts.blocks_skipped.sum() / margins.size == skipped_share(margins, skip / 1000 / 40) >= 0.3


@settings(max_examples=60, deadline=None)
@given(layers, sizes, st.floats(0.01, 0.99))
def test_the_chosen_factor_is_the_least_that_reaches_the_share(layer, tile, target):
    margins, keys = layer_margins(compressed(layer, *tile)), layer.key.shape[1]
    found = thousandths_for(margins, keys, target)
    if found is None:
        assert skipped_share(margins, (1000 * keys - 1) / 1000 / keys) < target
        return
    assert skipped_share(margins, found / 1000 / keys) >= target - 1e-9
    assert found == 1 or skipped_share(margins, (found - 1) / 1000 / keys) < target


@pytest.mark.parametrize("causal", [False, True])
def test_a_shorter_call_is_that_of_the_first_tokens(causal):
    layer = attention(2, 4, 2, 12, 12, 8, causal, 3.0)
    short = layer._replace(query=layer.query[:, :7], key=layer.key[:, :7], value=layer.value[:, :7])
    found, expected = shorten(compressed(layer), 7), compressed(short)
    assert (found.keys, found.queries, found.causal) == (7, 7, causal)
    np.testing.assert_array_equal(found.query, expected.query)
    np.testing.assert_array_equal(layer_margins(found), layer_margins(expected))
    np.testing.assert_array_equal(found.cache_words(found.value), expected.cache_words(expected.value))


def test_all_queries_stay_where_they_are_not_those_of_the_keys():
    found = shorten(compressed(attention(2, 4, 2, 3, 12, 8)), 7)
    assert (found.keys, found.queries) == (7, 3)


def test_a_layer_of_its_own_length_stays_as_it_is():
    layer = compressed(attention(2), form="fp8")
    assert shorten(layer, layer.keys) is layer


def test_lengths_that_cannot_be_had():
    with pytest.raises(InputError, match="drawn: a length of 10 is wanted; expected at most its 9 keys"):
        shorten(compressed(attention(0)), 10)
    with pytest.raises(InputError, match="its 3 queries are the last of 9; expected a recipe"):
        shorten(compressed(attention(0, causal=True)), 5)
