"""Every configuration that comes with the simulator, each with a layer that its model runs in a moment."""

import pytest

from simulator.config.load import shipped
from simulator.core.registry import find
from zeroskip import load_arch, load_workload

LAYERS = {
    "eie": ("alexnet-fc8", 0.05),
    "ese": ("google-lstm", 0.03),
    "scnn": ("vgg16-conv4_2", 0.03),
    "dcnn": ("vgg16-conv4_2", 0.03),
    "tensor": ("alexnet-fc8", 0.05),
    "eyeriss_v2": ("vgg16-conv4_2", 0.03),
    "cambricon": ("vgg16-conv4_2", 0.03),
    "edgedrnn": ("edgedrnn-256", 0.03),
    "selection": ("lenet-gradient", 0.01),
    "gamma": ("power-law-gnutella", 0.01),
    "points": ("lidar-submanifold", 0.03),
    "bevpool": ("bevfusion-pooling-coarse", 0.05),
}
FULLY_CONNECTED = "alexnet-fc8", 0.05
"""Of machines that are not in the table."""
VOICES = 2
"""ESE: two of its channels work, the others show what idle ones do."""
EVERY_CONFIGURATION = pytest.mark.parametrize("config", [load_arch(name) for name in shipped()], ids=lambda c: c.name)


def formats(config):
    """What a configuration wants layers compressed to, by kind."""
    return find(config.machine).formats(config.arch)


def small(config):
    """A layer that the SimPy model runs in a moment."""
    name, scale = LAYERS.get(config.machine, FULLY_CONNECTED)
    wanted = {kind: one._replace(voices=VOICES) if kind == "LSTM" else one for kind, one in formats(config).items()}
    return load_workload(name, scale=scale, formats=wanted)
