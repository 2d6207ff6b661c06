"""Block formats find the codes of a large matrix part by part: the same codes, in little memory."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workloads.number_formats import block as blocks
from workloads.number_formats import find_format, number_formats
from workloads.number_formats.block import BlockFormat, as_matrix, parts_of, split

NAMES = [name for name, form in number_formats().items() if isinstance(form, BlockFormat)]


@given(
    name=st.sampled_from(NAMES),
    shape=st.sampled_from([(1,), (7, 33), (130, 131), (5, 3, 3, 7), (0, 4), (1, 1000)]),
    part=st.integers(1, 3000),
    seed=st.integers(0, 9),
)
def test_codes_do_not_depend_on_the_parts(name, shape, part, seed):
    rng = np.random.default_rng(seed)
    values = (rng.standard_normal(shape) * 10 ** rng.uniform(-6, 4, shape)).astype(np.float32)
    values[rng.random(shape) < 0.3] = 0
    form = find_format(name)
    whole = form.encode(values)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "PART", part)
        found = form.encode(values)
    np.testing.assert_array_equal(found.code, whole.code)
    assert {key: one.tolist() for key, one in found.shared.items()} == {
        key: one.tolist() for key, one in whole.shared.items()
    }


@given(
    shape=st.tuples(st.integers(0, 40), st.integers(0, 70)),
    block=st.tuples(st.integers(0, 5), st.integers(0, 9)),
    part=st.integers(1, 500),
)
def test_parts_hold_every_block_once_and_few_values(shape, block, part):
    held = split(np.ones(shape, np.float32), blocks.Block(*block))
    seen = np.zeros((held.shape[0], held.shape[2]), int)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "PART", part)
        for some in parts_of(held):
            seen[some] += 1
            assert held[blocks.places_of(some)].size <= max(part, held.shape[1] * held.shape[3])
    assert (seen == 1).all()


@pytest.mark.parametrize("shape", [(40, 25), (1, 1000)])
def test_what_is_drawn_for_rows_does_not_depend_on_the_parts(shape, monkeypatch):
    form, values = find_format("nvfp4"), np.random.default_rng(1).standard_normal(shape).astype(np.float32)
    whole = form.encode(values, np.random.default_rng(2))
    monkeypatch.setattr(blocks, "PART", 48)
    np.testing.assert_array_equal(form.encode(values, np.random.default_rng(2)).code, whole.code)


@pytest.mark.parametrize("name", NAMES)
def test_decoding_is_element_times_scales_in_that_order(name):
    form, values = find_format(name), np.random.default_rng(3).standard_normal((37, 45)).astype(np.float32)
    encoded = form.encode(values)
    expected = form.element.parts.value()[encoded.code]
    if form.scaled:
        scale = form.rule.parts.value()[encoded.shared[blocks.SCALE]]
        down, across = form.block.sizes(values.shape)
        for row, column in np.ndindex(values.shape):
            expected[row, column] *= scale[row // down, column // across]
    if form.rule.tensor_bits:
        expected *= float(encoded.shared[blocks.TENSOR_SCALE][0])
    np.testing.assert_array_equal(form.decode(encoded), expected)


@pytest.mark.parametrize("shape", [(4096, 4096), (1, 1 << 24)])
@pytest.mark.parametrize("name", ["nvfp4", "nvfp4-four-over-six", "int8"])
def test_a_large_matrix_takes_little_more_than_its_blocks_codes_and_numbers(name, shape):
    form, values = find_format(name), np.ones(shape, np.float32)
    tracemalloc.start()
    try:
        encoded = form.encode(values)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        form.decode(encoded)
        decoding = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    count, slack = values.size, 100 * blocks.PART
    scales = 20 * count // 16
    assert most < (4 + 1) * count + scales + slack  # a copy in blocks, and codes
    assert decoding < (1 + 8) * as_matrix(values).size + scales + slack
