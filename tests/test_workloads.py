"""The zoo: what is published is exact, what is drawn repeats."""

import numpy as np
import pytest

from workloads.catalogue import load_workload, zoo
from workloads.synthesis import draw, generator

TABLE_III = {  # EIE, Table III: inputs, outputs
    "alexnet-fc6": (9216, 4096),
    "alexnet-fc7": (4096, 4096),
    "alexnet-fc8": (4096, 1000),
    "vgg16-fc6": (25088, 4096),
    "vgg16-fc7": (4096, 4096),
    "vgg16-fc8": (4096, 1000),
    "nt-we": (4096, 600),
    "nt-wd": (600, 8791),
    "nt-lstm": (1201, 2400),
}


def test_the_nine_layers_are_there():
    assert {name: (recipe.inputs.value, recipe.outputs.value) for name, recipe in zoo().items()} == TABLE_III


@pytest.mark.parametrize("name", ["alexnet-fc7", "nt-wd"])
def test_densities_are_those_of_the_recipe(name):
    layer, recipe = load_workload(name).layer, zoo()[name]
    size = layer.inputs * layer.outputs
    assert int(layer.columns.start[layer.inputs]) == round(recipe.weight_density.value * size)
    active = np.count_nonzero(layer.activation[: layer.inputs])
    assert active == round(recipe.activations.density.value * layer.inputs)
    assert layer.has_bias == recipe.bias
    if recipe.relu:
        assert layer.activation.min() >= 0


def test_a_seed_is_a_layer():
    def words(**options):
        layer = load_workload("nt-we", scale=0.1, **options).layer
        return (*layer.columns, layer.codebook, layer.activation)

    first, again, other = words(seed=3), words(seed=3), words(seed=4)
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[1], other[1])


def test_different_layers_of_a_seed_are_drawn_apart():
    assert generator("nt-we", 0).random() != generator("nt-wd", 0).random()


def test_scales_of_rows_make_rows_uneven():
    recipe = zoo()["alexnet-fc8"]
    even = recipe.weights.row_scale.model_copy(update={"value": 0.0})
    flat = recipe.model_copy(update={"weights": recipe.weights.model_copy(update={"row_scale": even})})

    def spread(recipe):
        weight = draw("x", recipe, 0.5, np.random.default_rng(0)).weight
        return (np.abs(weight) > 1.1).sum(axis=1).std()

    assert spread(recipe) > 2 * spread(flat)


def test_density_and_scale_can_be_chosen():
    layer = load_workload("nt-lstm", scale=0.25, density=0.5).layer
    assert (layer.inputs, layer.outputs) == (300, 600)
    assert layer.weight_density == 0.5


def test_a_file_is_cropped_by_scale(tmp_path):
    path = tmp_path / "own.npz"
    weight = np.arange(1, 25, dtype=np.float32).reshape(4, 6)
    np.savez(path, weight=weight, activation=np.ones(6, np.float32), bias=np.ones(4, np.float32))
    layer = load_workload(str(path), scale=0.5).layer
    assert (layer.inputs, layer.outputs, layer.has_bias) == (3, 2, True)
    assert load_workload(str(path)).seed is None
