"""Networks of one small convolution in place of the published ones."""

import pytest

from simulator.machines.scnn.paper import validation
from support.scnn_layers import drawn
from workloads.workload import Workload


def one_layer(name, seed):
    layer = drawn(seed, 1, 16, 16, (3, 3), (14, 14), 0.4, 0.5, (1, 1), (1, 1, 1, 1), bias=False, relu=True)
    return [Workload(f"{name}-one", "test", seed, layer._replace(shift=8))]


@pytest.fixture
def small_networks(monkeypatch):
    monkeypatch.setattr(validation, "network", one_layer)
