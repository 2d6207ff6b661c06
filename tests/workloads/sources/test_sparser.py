"""A density that weights do not reach is noted."""

import numpy as np
import pytest

import zeroskip as zs
from workloads.model import load_workload

TENTH = np.where(np.arange(400).reshape(20, 20) % 10, 0.0, 1.0 + np.arange(400).reshape(20, 20))


@pytest.mark.parametrize("density", [0.1, 0.05, None])
def test_a_density_that_is_reached_is_not_noted(density):
    assert not any("fewer" in note for note in load_workload(TENTH, density=density).notes)


@pytest.mark.parametrize("weight", [TENTH, TENTH.reshape(4, 4, 5, 5)])
def test_a_density_that_is_not_reached(weight):
    sentence = "it has fewer non-zero weights than density 0.5 asks for: 10 %"
    assert sentence in load_workload(weight, density=0.5).notes
    machine = "eie" if weight.ndim == 2 else "scnn"
    assert any(sentence in note for note in zs.run(machine, weight, density=0.5).notes())


def test_parts_count_by_themselves():
    assert not any("fewer" in note for note in load_workload(np.eye(64), density=0.1, scale=0.1).notes)
    assert any("fewer" in note for note in load_workload(np.eye(64), density=0.1).notes)
