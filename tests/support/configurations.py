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
}
VOICES = 2
"""ESE: two of its channels work, the others show what idle ones do."""
EVERY_CONFIGURATION = pytest.mark.parametrize("config", [load_arch(name) for name in shipped()], ids=lambda c: c.name)


def small(config):
    """A layer that the SimPy model runs in a moment."""
    name, scale = LAYERS[config.machine]
    formats = find(config.machine).formats(config.arch)
    few = {kind: form._replace(voices=VOICES) if hasattr(form, "voices") else form for kind, form in formats.items()}
    return load_workload(name, scale=scale, formats=few)
