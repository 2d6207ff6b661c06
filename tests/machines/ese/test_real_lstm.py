"""A network with an LSTM in both directions on ESE, with a small one in the real one's place."""

import numpy as np
import pytest

from simulator.core.registry import find
from simulator.machines.ese.paper import balance, real_lstm
from workloads.errors import InputError
from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.kinds.lstm.forward import forward
from workloads.kinds.lstm.layer import Lstm
from workloads.sources.network import Network
from workloads.sources.pretrained.networks import REAL, RealNetwork
from zeroskip import load_arch, load_workload, simulate

STEPS, INPUTS, CELLS = 5, 12, 64


def small(_):
    rng = np.random.default_rng(0)
    given = rng.standard_normal((STEPS, INPUTS)).astype(np.float32)
    directions = [
        Lstm(
            name,
            rng.standard_normal((4, CELLS, INPUTS)).astype(np.float32) / 3,
            rng.standard_normal((4, CELLS, CELLS)).astype(np.float32) / 8,
            None,
            sequence,
        )
        for name, sequence in (("ahead", given), ("back", given[::-1].copy()))
    ]
    scores = FullyConnected("scores", rng.standard_normal((9, 2 * CELLS)).astype(np.float32), None, None, False)
    return Network("ddddocr", (*directions, scores), ())


@pytest.fixture
def network(monkeypatch):
    monkeypatch.setitem(REAL, "ddddocr", RealNetwork(REAL["ddddocr"].wheel, "a test", small))
    return small(0)


@pytest.mark.usefixtures("network")
def test_distance_rises_as_weights_go_and_finer_tables_are_nearer():
    whole, half, none = real_lstm.rows([1.0, 0.5, 0.0])
    assert whole.distance_pruned == 0
    assert whole.distance < 0.1
    assert whole.distance_finer < whole.distance < half.distance < none.distance
    assert none.distance_pruned == 1  # a sum of zero makes g, and so c and y, zero
    assert whole.cycles > half.cycles > none.cycles
    assert whole.energy_uj > half.energy_uj > none.energy_uj
    assert whole.load_balance > half.load_balance > none.load_balance == 0
    found = real_lstm.to_dict([whole, half])["tables"][0]
    assert [len(row) for row in found["rows"]] == [len(found["columns"])] * 2


def test_both_directions_meet_at_the_same_time_step(network):
    ahead, back = (forward(layer, layer.activation[None]).output[0] for layer in network.layers[:2])
    joined = real_lstm._join([ahead, back])
    np.testing.assert_array_equal(joined[1], np.concatenate([ahead[1], back[STEPS - 2]]))
    scores = joined @ network.layers[2].weight.T
    np.testing.assert_array_equal(real_lstm._characters(network, joined), scores.argmax(axis=1))


@pytest.mark.usefixtures("network")
def test_a_real_lstm_runs_by_its_name_for_as_many_steps_as_it_is_given():
    config = load_arch("ese", dram="none")  # with one, refreshes make steps differ
    options = {"formats": find("ese").formats(config.arch)}
    runs = {steps: simulate(config, load_workload("ddddocr/ahead", steps=steps, **options)).run for steps in (2, None)}
    assert runs[2].cycles * STEPS == runs[None].cycles * 2
    with pytest.raises(InputError, match="steps is 6; expected at most the 5 that back is given"):
        load_workload("ddddocr/back", steps=6, **options)


def test_a_point_of_the_balance_study_is_three_runs():
    (point,) = balance.points(0.1, 0, [128])
    assert point.dense_cycles > point.plain_cycles >= point.balanced_cycles
    assert point.balanced_speedup == point.dense_cycles / point.balanced_cycles
    assert 0 < point.plain_load <= point.balanced_load < 1
    found = balance.to_dict([point], 0.1)["tables"][0]
    assert len(found["rows"][0]) == len(found["columns"])
