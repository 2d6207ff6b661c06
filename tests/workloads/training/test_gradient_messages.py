"""Messages bit for bit, and their sizes from shapes."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workloads.compression.gradients.messages import LONGEST, PAIR, decode, encode, message_bytes, to_bytes
from workloads.errors import InputError
from workloads.training.gradient_compression.message_sizes import NETWORKS, PUBLISHED, Tensors, message_size


def test_bits_of_a_message():
    pairs = encode(np.array([0, 3, 300]), np.array([1.5, -2, 0.25], np.float32))
    bias = np.array([7.0], np.float32)
    expected = struct.pack("<fHfHfHf", 1.5, 0, -2, 2, 0.25, 296, 7)
    assert to_bytes([pairs, bias]) == expected
    assert len(expected) == message_bytes(3, 1) == 3 * 6 + 4


@pytest.mark.parametrize(
    ("place", "runs"),
    [(65_535, [65_535]), (65_536, [65_535, 0]), (131_071, [65_535, 65_535]), (131_072, [65_535, 65_535, 0])],
)
def test_a_long_run_is_cut_by_a_stored_zero(place, runs):
    pairs = encode(np.array([place]), np.array([3], np.float32))
    assert pairs["zeros"].tolist() == runs
    assert pairs["value"].tolist() == [0] * (len(runs) - 1) + [3]
    assert np.flatnonzero(decode(pairs, place + 1)).tolist() == [place]


@given(
    st.lists(st.tuples(st.sampled_from([1, 2, 65_535, 65_536, 65_537]) | st.integers(1, 200_000), st.floats(width=32))),
    st.integers(0, 100_000),
)
def test_decoding_is_the_inverse(steps, rest):
    places = np.cumsum([step for step, _ in steps]).astype(np.int64) - 1
    values = np.array([value for _, value in steps], np.float32)
    size = int(places[-1]) + 1 + rest if places.size else rest
    dense = np.zeros(size, np.float32)
    dense[places] = values
    pairs = encode(places, values)
    assert pairs.size == sum(-(-step // (LONGEST + 1)) for step, _ in steps)  # 65,536 positions a pair, at most
    assert decode(pairs, size).tobytes() == dense.tobytes()  # every bit, of NaN and -0 too
    assert decode(np.frombuffer(to_bytes([pairs]), PAIR), size).tobytes() == dense.tobytes()


@pytest.mark.parametrize("places", [[3, 3], [3, 2], [-1, 2], [1]])
def test_positions_that_are_none(places):
    with pytest.raises(InputError, match="message: .*; expected"):
        encode(np.array(places), np.ones(2, np.float32))


def test_runs_beyond_the_tensor():
    pairs = encode(np.array([9]), np.ones(1, np.float32))
    assert decode(pairs, 10)[9] == 1
    with pytest.raises(InputError, match="its runs reach element 9; expected at most 8"):
        decode(pairs, 9)


@pytest.mark.parametrize(
    ("name", "weights", "whole", "mebibytes", "ratio"),
    [
        ("AlexNet", 60_954_656, 10_568, 0.3891, 597.7),
        ("ResNet-50", 25_502_912, 54_120, 0.3524, 276.7),
        ("PTB LSTM", 51_000_000, 34_000, (51_000 * 6 + 34_000 * 4) / 2**20, 204_136_000 / 442_000),
    ],
)
def test_sizes_from_shapes(name, weights, whole, mebibytes, ratio):
    tensors = NETWORKS[name]()
    size = message_size(tensors)
    assert (sum(tensors.weights), sum(tensors.whole)) == (weights, whole)
    assert size.dense == 4 * (weights + whole)
    assert size.sent / 2**20 == pytest.approx(mebibytes, rel=0.002)
    assert size.ratio == pytest.approx(ratio, rel=0.002)
    if name in PUBLISHED:
        published, times = PUBLISHED[name]
        assert size.sent / 2**20 == pytest.approx(published, abs=0.005)
        assert size.ratio == pytest.approx(times, abs=1)


def test_every_tensor_rounds_up():
    size = message_size(Tensors((1, 1001, 1000), (5, 6), "drawn"))
    assert (size.sparse, size.whole, size.dense) == ((1 + 2 + 1) * 6, 44, 4 * 2013)
    with pytest.raises(InputError, match="density is 2"):
        message_size(Tensors((1,), (), "drawn"), 2)
