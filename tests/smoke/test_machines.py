"""Model and engine of every configuration on one layer; what a machine does with a network."""

import pytest

import zeroskip as zs
from simulator.config.load import shipped

LAYERS = {
    "eie": "alexnet-fc8",
    "ese": "google-lstm",
    "scnn": "alexnet-conv3",
    "dcnn": "alexnet-conv3",
    "tensor": "alexnet-fc8",
    "edgedrnn": "edgedrnn-256",
}
SCALES = {"eie": 0.05, "ese": 1 / 16, "scnn": 0.1, "dcnn": 0.1, "tensor": 0.05, "edgedrnn": 0.05}
MEMORIES = ("none", "ddr4_2400")


@pytest.mark.parametrize("name", sorted(shipped()))
def test_model_and_engine_are_equal(name):
    config = zs.load_arch(name)
    machine = config.machine if isinstance(config.machine, str) else config.machine.name
    (twins,) = zs.check(config, LAYERS[machine], scale=SCALES[machine])
    assert twins.difference is None
    assert twins.engine.run.cycles > 0


@pytest.mark.parametrize("dram", MEMORIES)
@pytest.mark.parametrize("machine", ["eie", "scnn"])
def test_a_memory_in_the_loop(machine, dram):
    result = zs.simulate(zs.load_arch(machine, dram=dram), LAYERS[machine], scale=SCALES[machine])
    assert result.output_matches_reference
    assert result.energy_uj > 0


@pytest.mark.parametrize("machine", ["eie", "scnn", "dcnn"])
def test_a_network(machine):
    network = zs.run(machine, "alexnet", scale=0.05)
    assert network.total().output_matches_reference
    assert network.cycles > 0


def test_two_nodes_and_their_areas():
    result = zs.simulate(zs.load_arch("eie_cacti", node_nm=28), "alexnet-fc8", scale=0.05)
    assert result.to_dict()["energy_pj"]["total"] > 0
