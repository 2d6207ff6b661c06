"""Networks of the zoo that have several equal layers: they run once, and count as often as they are there."""

import pytest

import zeroskip
from workloads.model import open_model
from workloads.options import WorkloadOptions
from workloads.sources.zoo.networks import Step, layer_counts

NETWORK, LAYER = "kitti-resnet50-region", "kitti-resnet50-region-res5-3x3"


def test_a_row_is_the_sum_of_equal_layers():
    network = zeroskip.run("scnn", NETWORK, scale=0.03)
    single = zeroskip.run("scnn", LAYER, scale=0.03)
    row = network.layer(LAYER)
    assert (layer_counts(NETWORK)[LAYER], row.layers) == (3, 3)
    assert row.cycles == 3 * single.cycles
    assert row.operations == 3 * single.rows[0].operations
    assert len(network.rows) == len(layer_counts(NETWORK))
    assert network.output_matches_reference


def test_all_layers_are_there_under_names_of_their_own():
    names = [layer.name for layer in open_model(NETWORK, WorkloadOptions()).layers]
    assert len(names) == len(set(names)) == sum(layer_counts(NETWORK).values()) == 10
    assert f"{LAYER}#3" in names


def test_a_layer_is_there_once_at_least():
    with pytest.raises(ValueError, match="greater than or equal to 1"):
        Step(layer="a", times=0)
