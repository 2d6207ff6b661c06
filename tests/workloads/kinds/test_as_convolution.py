"""Fully connected layers as convolutions: the same words."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workloads.errors import InputError
from workloads.kinds import reference_output
from workloads.kinds.fully_connected.as_convolution import as_convolution
from workloads.kinds.fully_connected.compress import compress
from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.model import load_workload


def output(layer):
    return reference_output(layer)


@given(st.integers(0, 1000), st.sampled_from([(1, 1), (2, 3), (6, 4)]), st.booleans(), st.booleans())
def test_the_output_is_the_same(seed, plane, bias, relu):
    rng = np.random.default_rng(seed)
    weight = rng.standard_normal((7, 24)).astype(np.float32)
    image = (rng.standard_normal(24) * (rng.random(24) < 0.6)).astype(np.float32)
    column = rng.standard_normal(7).astype(np.float32) if bias else None
    layer = compress(FullyConnected("x", weight, column, image, relu), 0.5)
    convolution = as_convolution(layer, plane)
    assert convolution.weight.shape == (7, 24 // (plane[0] * plane[1]), *plane)
    assert convolution.output_plane == (1, 1)
    assert (convolution.weight_density, convolution.dense_operations) == (layer.weight_density, layer.dense_operations)
    np.testing.assert_array_equal(output(convolution), output(layer))
    np.testing.assert_array_equal(convolution.output_value(output(convolution)), layer.output_value(output(layer)))


@pytest.mark.parametrize(("name", "plane"), [("alexnet-fc6", (6, 6)), ("alexnet-fc8", (1, 1))])
def test_the_zoo_s_layers(name, plane):
    layer = load_workload(name, scale=0.25).layer
    np.testing.assert_array_equal(output(as_convolution(layer, plane)), output(layer))


@pytest.mark.parametrize("plane", [(5, 1), (0, 2), (25, 1)])
def test_planes_that_do_not_fit(plane):
    layer = compress(FullyConnected("x", np.ones((2, 24), np.float32), None, np.ones(24, np.float32), True))
    with pytest.raises(InputError, match="x: its 24 inputs make no planes of .*; expected a divisor"):
        as_convolution(layer, plane)
