"""The queues before SCNN's banks, by their rule alone: a PE's steps, cycle by cycle, in a few lines of plain Python."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.bank_streams import engine_letters, witness


def vectors(most, width):
    part = st.one_of(st.none(), st.integers(0, 39), st.integers(0, 1))  # few banks meet often
    return st.lists(st.lists(part, min_size=1, max_size=width), min_size=1, max_size=most)


@given(vectors(12, 6), vectors(4, 7), st.integers(1, 8), st.sampled_from([1, 2, 3, 8, 31, 32, 33, 40]))
@example([[0] * 6] * 12, [[0] * 7] * 4, 8, 1)
@example([[0, 1, 2]] * 9, [[0, 1], [0]], 1, 40)
@example([[None] * 3, [0] * 3] * 3, [[None] * 2, [0] * 7], 2, 33)
def test_a_pe_stalls_as_the_rule_says(weights, activations, depth, banks):
    weights, activations = (
        [[None if bank is None else bank % banks for bank in vector] for vector in part]
        for part in (weights, activations)
    )
    steps = [
        [(w + a) % banks for w in vector if w is not None for a in seen if a is not None]
        for seen in activations
        for vector in weights
    ]
    letters, drained = witness(steps, depth)
    found = engine_letters(weights, activations, depth, banks, 6)
    assert found == ("w" + letters, drained)  # the weights are there from cycle 1 on


@pytest.mark.parametrize("depth", range(1, 9))
def test_every_depth_stalls_where_it_must(depth):
    # 9 products for bank 0: `depth` enter at once; the queue is full, so the next cycle takes none; then one
    # enters a cycle. A single slot is filled every other cycle.
    steps = [[0] * 9 + [1]] * 3
    letters, drained = witness(steps, depth)
    stalls = 16 if depth == 1 else 10 - depth
    assert letters[: stalls + 2] == "m" + "s" * stalls + "m"
    assert letters.count("m") == 3
    assert drained == max(1, depth - 1)
    assert engine_letters(steps, [[0]], depth, 2, 10) == ("w" + letters, drained)


@pytest.mark.parametrize("depth", [239, 240, 253, 254, 255, 256, 1024])
@pytest.mark.parametrize("width", [15, 16])
def test_queues_longer_than_a_byte(depth, width):
    # 240 or 256 products for bank 0 in each step: a byte does not hold 256, nor the sum with those that wait
    steps = [[0] * 16 * width] * 4
    letters, drained = witness(steps, depth)
    assert engine_letters([[0] * width] * 4, [[0] * 16], depth, 1, width) == ("w" + letters, drained)
