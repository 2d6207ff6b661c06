"""A small network in place of a pretrained one."""

import numpy as np
import pytest

from workloads.kinds.convolution.layer import Convolution
from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.kinds.lstm.layer import Lstm
from workloads.sources.network import Network
from workloads.sources.pretrained.networks import REAL, RealNetwork


def small(sample):
    """Two fully connected layers behind a convolution and an LSTM."""
    rng = np.random.default_rng(0)
    image, weight = np.ones((2, 5, 5), np.float32), rng.standard_normal((3, 2, 3, 3)).astype(np.float32)
    conv = Convolution("conv", weight, None, image, True, (1, 1), (0, 0, 0, 0), 1)
    gates = rng.standard_normal((4, 6, 7)).astype(np.float32), rng.standard_normal((4, 6, 6)).astype(np.float32)
    lstm = Lstm("lstm", *gates, None, np.ones((2, 7), np.float32))
    fc = [
        FullyConnected(
            name, rng.standard_normal((8, 9)).astype(np.float32), None, np.full(9, 1 + sample, np.float32), True
        )
        for name in ("fc1", "fc2")
    ]
    return Network("small", (conv, lstm, *fc), ("Resize: not read",))


@pytest.fixture
def small_network(monkeypatch):
    monkeypatch.setitem(REAL, "small", RealNetwork(REAL["opennsfw"].wheel, "a test", small))
