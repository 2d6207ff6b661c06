"""What stored weights are worth: what their format decodes, with the scales of blocks and of the whole matrix."""

import numpy as np
import pytest

from workloads.kinds.fully_connected.compress import share_weights
from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.number_formats import find_format, number_formats


@pytest.mark.parametrize("name", [name for name, form in number_formats().items() if form.scaled])
def test_stored_weights_are_what_the_format_decodes(name):
    rng, form = np.random.default_rng(0), find_format(name)
    kept = rng.random((16, 128)) < 0.4
    weight = np.where(kept, 1000 * rng.standard_normal(kept.shape), 0).astype(np.float32)
    shared = share_weights(FullyConnected("f", weight, np.ones(128, np.float32), None, False), weight_format=name)
    expected = form.decode(form.encode(weight))
    np.testing.assert_array_equal(shared.weights(), expected.astype(np.float32))
    np.testing.assert_array_equal(np.sort(shared.stored_values()), np.sort(expected[expected != 0]))
