"""Runs of steps that are computed together, against the same steps one by one: with waits, queues, and last uses."""

from itertools import pairwise

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st
from support.scnn_layers import PLAIN

from simulator.machines.scnn.engine.bank_queues import empty_queues, latest_lead, next_wait
from simulator.machines.scnn.engine.operand_vectors import QUAD, ActivationBlocks
from simulator.machines.scnn.engine.round import run_pes
from simulator.machines.scnn.engine.round_simulator import Sizes


def one_by_one(rows, offsets, banks, depth, usable, now, held, line, last):
    """The plain rule: bank by bank, cycle by cycle; returns the next cycle, and the cycles without weights."""
    waited = 0
    for shifts in offsets.tolist():
        for v, row in enumerate(rows.astype(int)):
            while now < usable[v]:
                held[:] = [max(0, one - 1) for one in held]
                line[now] = ord("w")
                waited, now = waited + 1, now + 1
            last[v] = max(last[v], now)
            left, letter = [sum(row[t + b] for t in shifts) for b in range(banks)], "m"
            while letter == "m" or any(left):
                taken = [min(one, depth - length) for one, length in zip(left, held, strict=True)]
                held[:] = [max(0, length - 1) + one for length, one in zip(held, taken, strict=True)]
                left = [one - gone for one, gone in zip(left, taken, strict=True)]
                line[now] = ord(letter)
                letter, now = "s", now + 1
    return now, waited


def run_both(seed, banks, depth, width, vectors, counts, crowd, spread, late):
    """Both results for drawn vectors: a PE for each of `counts`, its vectors of activations.

    crowd: the most weights of a vector for one bank; spread: how many banks are hit; late: the most cycles between the
    arrivals of two vectors of weights.
    """
    rng = np.random.default_rng(seed)
    arch = PLAIN._replace(rows=1, columns=len(counts), banks=banks, queue_depth=depth, activations_per_vector=width)
    queues = empty_queues(arch)
    queues.held[:, :banks] = rng.integers(0, depth + 1, (len(counts), banks))
    once = rng.integers(0, crowd + 1, (vectors, banks)) * (rng.random((vectors, banks)) < spread)
    rows = np.concatenate([once, once, np.zeros((vectors, queues.held.shape[1]), int)], axis=1)
    rows = rows.astype(queues.held.dtype)
    offset = np.full((sum(counts), -(-width // QUAD) * QUAD), 2 * banks, np.uint16)
    some = rng.random((sum(counts), width)) < 0.7
    offset[:, :width] = np.where(some, rng.integers(1, banks + 1, some.shape), 2 * banks)
    first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    unread = np.zeros(len(counts), np.int32)
    usable = rng.integers(0, late + 1, vectors).cumsum() + rng.integers(0, 8)
    times = np.zeros((len(counts), 3), np.int64)
    times[:, 0] = rng.integers(0, 12, len(counts))
    lines = np.full((len(counts) + 1, 1 << 14), ord("m"), np.uint8)
    now, held, drawn = times[:, 0].tolist(), queues.held[:, :banks].astype(int).tolist(), lines.copy()
    sizes = Sizes(len(counts), arch.weights_per_vector, banks, 50, 200, 1)
    given_blocks = ActivationBlocks(first, offset, unread, unread)
    last = run_pes(sizes, given_blocks, 0, rows, usable, queues, times, lines)
    expected, uses, waits = [], np.zeros(vectors, np.int64), []
    for pe, (begin, end) in enumerate(pairwise(first)):
        if begin < end:
            plain = one_by_one(rows, offset[begin:end], banks, depth, usable, now[pe], held[pe], drawn[pe], uses)
        else:
            until = max(now[pe], usable[-1])
            held[pe] = [max(0, length - (until - now[pe])) for length in held[pe]]
            drawn[pe, now[pe] : until] = ord("w")
            uses, plain = np.maximum(uses, until), (until, until - now[pe])
        expected.append(plain[0])
        waits.append(plain[1])
    assert times[:, :2].tolist() == [list(both) for both in zip(expected, waits, strict=True)]
    assert queues.held[:, :banks].tolist() == held
    assert queues.held.max(axis=1).tolist() == [max(one) for one in held]
    assert last.tolist() == uses.tolist()
    np.testing.assert_array_equal(lines, drawn)
    return lines


@given(
    seed=st.integers(0, 1 << 30),
    banks=st.sampled_from([1, 3, 31, 32, 33, 64, 70]),
    depth=st.sampled_from([1, 2, 3, 5, 8, 20, 254, 255, 300]),
    width=st.integers(1, 9),
    vectors=st.integers(1, 12),
    counts=st.lists(st.integers(0, 5), min_size=1, max_size=4),
    crowd=st.integers(1, 4),
    spread=st.sampled_from([0.02, 0.1, 0.3, 1.0]),
    late=st.sampled_from([0, 1, 1, 2, 5]),
)
@example(0, 32, 8, 4, 12, [5, 1, 0, 3], 1, 0.1, 1)
@example(1, 32, 8, 4, 12, [2, 2, 2, 2], 2, 0.3, 0)
def test_runs_of_steps_are_the_steps_one_by_one(seed, banks, depth, width, vectors, counts, crowd, spread, late):
    run_both(seed, banks, depth, width, vectors, counts, crowd, spread, late)


def test_the_drawn_cases_stall_and_wait_and_do_not():
    seen = run_both(0, 32, 8, 4, 12, [5, 4, 3], 1, 0.1, 0)
    crowded = run_both(0, 32, 3, 4, 12, [5, 4, 3], 2, 0.3, 2)
    assert ord("s") not in seen
    assert {ord("s"), ord("w")} <= set(crowded.ravel().tolist())


@given(st.lists(st.integers(0, 3), min_size=1, max_size=12), st.integers(0, 20))
def test_a_run_ends_before_the_first_vector_that_is_late(steps, lead):
    usable = np.cumsum(np.array(steps, np.int64))
    late = latest_lead(usable)
    for v in range(usable.size):
        now = int(usable[v]) + lead
        waits = [w for w in range(v + 1, usable.size) if usable[w] > now + w - v]
        assert next_wait(usable, v, now) == (waits[0] if waits else usable.size)
        assert (late[v] <= now - v) == (not waits)
