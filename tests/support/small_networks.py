"""Networks of small convolutions in place of the published ones: one layer for each row of a table."""

import pytest

from simulator.machines.scnn.paper import runs
from support.scnn_layers import drawn
from workloads.workload import Workload

ROWS = {
    "alexnet": [f"conv{k}" for k in range(1, 6)],
    "googlenet": [f"{module}-1x1" for module in ("3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b")]
    + [
        f"{module}-{kind}"
        for module in ("3a", "5b")
        for kind in ("pool_proj", "3x3_reduce", "3x3", "5x5_reduce", "5x5")
    ],
    "vgg16": [
        f"conv{block}_{k}" for block, last in ((1, 2), (2, 2), (3, 3), (4, 3), (5, 3)) for k in range(1, last + 1)
    ],
}


def one_layer(name, seed):
    layer = drawn(seed, 1, 16, 16, (3, 3), (14, 14), 0.4, 0.5, (1, 1), (1, 1, 1, 1), bias=False, relu=True)
    return [Workload(f"{name}-one", "test", seed, layer._replace(shift=8))]


def small_network(name, seed):
    (one,) = one_layer(name, seed)
    return [one._replace(name=f"{name}-{row}") for row in ROWS[name]]


@pytest.fixture
def small_networks(monkeypatch):
    monkeypatch.setattr(runs, "network", small_network)
