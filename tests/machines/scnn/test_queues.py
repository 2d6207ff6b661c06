"""The queues before SCNN's banks, by their rule alone: a PE's steps, cycle by cycle, in a few lines of plain Python."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.scnn_layers import PLAIN

from simulator.machines.scnn.engine.bank_queues import empty_queues
from simulator.machines.scnn.engine.operand_vectors import QUAD, ActivationBlocks, WeightBlocks, set_offsets
from simulator.machines.scnn.engine.round import NOW, simulate_round
from simulator.machines.scnn.engine.round_simulator import Sizes
from simulator.machines.scnn.engine.weight_buffer import NO_DRAM


def witness(steps, depth):
    """Letters of a PE that makes `steps`, each a list of bank sizes, and the cycles until its queues are empty.

    A product enters the queue of its bank when there is room; a bank takes one product a cycle, none that came in this
    cycle; a slot that is freed in a cycle can be filled in the next; the next step is issued in the cycle after the
    last product has entered.
    """
    queues, letters = Counter(), []
    for step in steps:
        waiting, letter = list(step), "m"
        while waiting or letter == "m":
            taken = [bank for bank, held in queues.items() if held]
            kept = []
            for bank in waiting:
                if queues[bank] < depth:
                    queues[bank] += 1
                else:
                    kept.append(bank)
            for bank in taken:
                queues[bank] -= 1
            letters.append(letter)
            waiting, letter = kept, "s"
    return "".join(letters), max(queues.values(), default=0)


def kernel_told(weights, activations, depth, banks, width):
    """The same of the engine's compiled code. Vectors are lists of parts of bank sizes; None is a placeholder."""
    across = max(map(len, activations))
    entries = [bank for vector in weights for bank in (*vector, *[None] * (width - len(vector)))]
    seen = [bank for vector in activations for bank in (*vector, *[None] * (across - len(vector)))]

    def block(held):
        start = np.array([0, len(held)])
        value = np.array([bank is not None for bank in held], np.int16)
        return start, value, np.array([bank or 0 for bank in held], np.int32)

    one = PLAIN._replace(rows=1, columns=1, queue_depth=depth, banks=banks)
    arch = one._replace(weights_per_vector=width, activations_per_vector=across)
    # all weights arrive together, in cycle 0
    sizes = Sizes(1, width, banks, len(weights), 1, 1)
    (start, value, bank), vectors = block(seen), len(activations)
    first, nonzero = np.array([0, vectors]), np.zeros(1, np.int32)
    offset = np.full((vectors, -(-across // QUAD) * QUAD), 2 * banks, np.uint16)
    set_offsets(np.zeros(1, np.int64), start, value, bank, first, across, banks, offset, nonzero)
    assert nonzero == np.count_nonzero(value)
    inputs = ActivationBlocks(first, offset, np.diff(start).astype(np.int32), nonzero)
    queues, times = empty_queues(arch), np.zeros((1, 3), np.int64)
    lines = np.full((2, 4096), ord("m"), np.uint8)
    channel, (sent, arrivals) = np.zeros(6, np.int64), np.zeros((2, len(weights)), np.int64)
    given = WeightBlocks(*block(entries)), inputs, np.zeros(1, np.int64), np.zeros(1, np.int64)
    simulate_round(sizes, *given, queues, times, channel, lines, sent, arrivals, NO_DRAM)
    return bytes(lines[0, : times[0, NOW]]).decode(), int(queues.held[0].max())


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
    found = kernel_told(weights, activations, depth, banks, 6)
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
    assert kernel_told(steps, [[0]], depth, 2, 10) == ("w" + letters, drained)


@pytest.mark.parametrize("depth", [239, 240, 253, 254, 255, 256, 1024])
@pytest.mark.parametrize("width", [15, 16])
def test_queues_longer_than_a_byte(depth, width):
    # 240 or 256 products for bank 0 in each step: a byte does not hold 256, nor the sum with those that wait
    steps = [[0] * 16 * width] * 4
    letters, drained = witness(steps, depth)
    assert kernel_told([[0] * width] * 4, [[0] * 16], depth, 1, width) == ("w" + letters, drained)
