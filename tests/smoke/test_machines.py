"""Model and engine of every configuration on one layer; what a machine does with a network."""

import pytest

import zeroskip as zs
from simulator.config.load import shipped
from simulator.core.registry import find

LAYERS = {
    "fully connected": ("alexnet-fc8", 0.05),
    "convolution": ("alexnet-conv3", 0.1),
    "LSTM": ("google-lstm", 1 / 16),
    "GRU": ("edgedrnn-256", 0.05),
    "gradient": ("lenet-gradient", 0.01),
    "sparse product": ("power-law-gnutella", 0.005),
    "sparse convolution": ("lidar-down", 0.03),
    "BEV pooling": ("bevfusion-pooling-coarse", 0.05),
}
"""A layer of a kind, and how small it is; each machine runs one of these kinds."""
MEMORIES = ("none", "ddr4_2400")


@pytest.mark.parametrize("name", sorted(shipped()))
def test_model_and_engine_are_equal(name):
    config = zs.load_arch(name)
    layer, scale = next(LAYERS[kind] for kind in find(config.machine).kinds if kind in LAYERS)
    (twins,) = zs.check(config, layer, scale=scale)
    assert twins.difference is None
    assert twins.engine.run.cycles > 0


@pytest.mark.parametrize("dram", MEMORIES)
@pytest.mark.parametrize("machine", ["eie", "scnn"])
def test_a_memory_in_the_loop(machine, dram):
    layer, scale = LAYERS[find(machine).kinds[0]]
    result = zs.simulate(zs.load_arch(machine, dram=dram), layer, scale=scale)
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
