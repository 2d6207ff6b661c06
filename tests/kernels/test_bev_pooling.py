"""The kernel of BEV pooling against plain loops, and interval sums against differences of prefix sums."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from support.bev_poolings import compressed

from workloads.kinds import reference_output


def words_of(layer):
    """The cloud: a word for each point and channel, int64 [points, channels]."""
    products = layer.depth.astype(np.int64)[:, :, None] * layer.activation.astype(np.int64)[:, None, :]
    half = (1 << layer.cloud_shift) >> 1
    return np.clip((products + half) >> layer.cloud_shift, -(1 << 15), (1 << 15) - 1).reshape(layer.cell.size, -1)


def finish(layer, sums):
    return np.clip((sums + ((1 << layer.shift) >> 1)) >> layer.shift, -(1 << 15), (1 << 15) - 1)


@given(st.integers(0, 1 << 30))
def test_output_is_the_sum_of_words_by_cell(seed):
    layer = compressed(seed)
    words, cells = words_of(layer), layer.cell.ravel()
    hit = sorted(set(cells[cells >= 0].tolist()))
    wanted = [finish(layer, words[cells == cell].sum(axis=0)) for cell in hit]
    assert reference_output(layer).tolist() == np.concatenate(wanted).tolist()


@given(st.integers(0, 1 << 30))
def test_interval_sums_are_differences_of_prefix_sums(seed):
    """In whole numbers, and to the last bit of the output."""
    layer = compressed(seed, most_rays=20, most_depths=20)
    held = layer.intervals()
    words = words_of(layer)[held.point]
    prefix = np.concatenate([np.zeros((1, layer.outputs), np.int64), np.cumsum(words, axis=0)])
    differences = prefix[held.first[1:]] - prefix[held.first[:-1]]
    sums = [words[begin:end].sum(axis=0) for begin, end in zip(held.first[:-1], held.first[1:], strict=True)]
    assert differences.tolist() == np.array(sums).tolist()
    assert reference_output(layer).tolist() == finish(layer, differences).ravel().tolist()


def test_prefix_sums_in_floating_point_lose_what_interval_sums_keep():
    """A cell of small numbers after a million large ones: float32 has 24 bits."""
    values = np.concatenate([np.full(1 << 20, 1000, np.float32), np.full(4, 0.5, np.float32)])
    prefix = np.cumsum(values, dtype=np.float32)
    assert values[-4:].sum() == 2
    assert prefix[-1] - prefix[-5] == 0
    words = np.cumsum((2 * values).astype(np.int64))  # with a fraction bit, they are whole numbers
    assert words[-1] - words[-5] == 4
