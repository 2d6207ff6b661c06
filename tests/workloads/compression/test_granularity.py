"""Storage of convolutions pruned in groups, against its definition and Mao et al."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workloads.compression.group_storage import store_groups
from workloads.compression.masks import by_granularity
from workloads.errors import InputError


def pruned(density, dimensions, shape=(64, 64, 3, 3)):
    weight = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    return weight * by_granularity(weight, density, dimensions)


@given(
    st.integers(0, 3),
    st.sampled_from([0.0, 0.03, 0.3, 1.0]),
    st.sampled_from([8, 16]),
    st.integers(1, 4),
    st.booleans(),
)
def test_bits_are_those_of_a_walk_over_the_groups(dimensions, density, weight_bits, run_bits, wide):
    weight = pruned(density, dimensions, (6, 5, 3, 4) if wide else (3, 2, 1, 1))
    stored = run = 0
    for index in np.ndindex(weight.shape[: 4 - dimensions]):
        if not weight[index].any():
            run += 1
            continue
        stored += 1 + run // (1 << run_bits)
        run = 0
    found = store_groups(weight, dimensions, weight_bits, run_bits)
    assert found.kept + found.padding == stored
    assert found.groups * found.group_weights == weight.size
    assert found.bits == stored * (found.group_weights * weight_bits + run_bits)
    assert found.dense_bits == weight.size * weight_bits
    assert found.percent == 100 * found.bits / found.dense_bits


def test_percent_of_weights_that_are_all_kept():
    """Each of 16 bits with an index of 4."""
    assert store_groups(np.ones((2, 3, 1, 1), np.float32), 0).percent == 125


MAO_VGG = [(0, 27.0, 40.6), (1, 30.7, 35.8), (2, 44.4, 46.9)]
"""Granularity, density and storage in percent of VGG-16's 8-bit dense weights (Mao et al., from memory)."""


@pytest.mark.parametrize(("dimensions", "density", "percent"), MAO_VGG)
def test_storage_is_as_mao_et_al_publish_it(dimensions, density, percent):
    found = store_groups(pruned(density / 100, dimensions, (128, 128, 3, 3)), dimensions, weight_bits=8)
    assert found.percent == pytest.approx(percent, rel=0.015)
    assert found.percent == 100 * found.bits / found.dense_bits


def test_coarse_groups_need_fewer_indices():
    shares = [store_groups(pruned(0.25, d), d) for d in range(4)]
    indices = [one.index_bits for one in shares]
    assert indices == sorted(indices, reverse=True)
    assert indices[3] == 16 * 4  # 16 of 64 filters, none further than 15 from the next


def test_what_cannot_be_stored():
    for weight, dimensions in ((np.ones((2, 2)), 1), (np.ones((2, 2, 3, 3)), 4)):
        with pytest.raises(InputError, match="granularity is .*; expected 0 to 3 of four dimensions"):
            store_groups(weight, dimensions)
    with pytest.raises(InputError, match="weight_bits is 0; expected an integer from 1 to 32"):
        store_groups(np.ones((2, 2, 3, 3)), 0, 0)
