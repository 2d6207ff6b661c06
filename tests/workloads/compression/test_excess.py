"""Pruning of the fuller PEs: counts by PE, which weights go, and what a machine makes of it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import zeroskip as zs
from simulator.core.registry import find
from workloads.compression.excess import without_excess

weights = st.lists(st.tuples(st.integers(0, 20), st.integers(-9, 9).filter(bool)), max_size=60)


@given(weights, st.integers(1, 7))
def test_no_pe_keeps_more_than_the_mean_and_the_smallest_of_each_sign_go(drawn, pes):
    row, value = (np.array(column, np.int64) for column in (zip(*drawn, strict=True) if drawn else ((), ())))
    kept = without_excess(row, value, pes)
    mean = row.size // pes
    for pe in range(pes):
        own = row % pes == pe
        assert np.count_nonzero(kept & own) == min(mean, np.count_nonzero(own))
        for sign in (-1, 1):
            side = own & (np.sign(value) == sign)
            stay, go = np.abs(value[side & kept]), np.abs(value[side & ~kept])
            assert stay.size == 0 or go.size == 0 or stay.min() >= go.max()
        up, down = (np.count_nonzero(own & ~kept & (np.sign(value) == sign)) for sign in (1, -1))
        left = min(np.count_nonzero(own & kept & (np.sign(value) == sign)) for sign in (1, -1))
        assert abs(up - down) <= 1 or left == 0 or up + down == 0


@pytest.mark.parametrize(("machine", "name", "options"), [
    ("eie", "alexnet-fc7", {"scale": 0.1}), ("ese", "google-lstm", {"scale": 0.1, "prune": "plain"}),
])  # fmt: skip
def test_what_is_said_is_what_the_pruned_layer_takes(machine, name, options):
    found = zs.why(machine, name, what_if=True, **options)
    (change,) = (one for one in found.changes if one.key == "pruning")
    config = zs.load_arch(machine)
    workload = zs.load_workload(name, formats=find(machine).formats(config.arch), **options)
    (pruned,) = find(machine).reprune(config.arch, workload.layer)
    run = zs.simulate(machine, pruned.layer)
    assert change.cycles == run.cycles < found.cycles
    before, after = zs.simulate(machine, workload.layer).run.output, run.run.output
    moved = np.linalg.norm(after.astype(float) - before) / np.linalg.norm(before.astype(float))
    assert f"{pruned.removed:,} weights" in change.note
    assert f"the output moves by {moved:.2g} of its norm" in change.note
    assert 0 < moved < 0.5


def test_signs_go_in_turn_so_that_sums_of_positive_inputs_keep_their_mean():
    value = np.array([-1, 1] * 50 + [5, -5] * 10)
    row = np.concatenate([np.zeros(100, np.int64), np.ones(20, np.int64)])
    removed = value[~without_excess(row, value, 2)]
    assert (removed.size, int(removed.sum())) == (40, 0)
