"""Convolutions of the zoo: the published shapes and densities, drawing, options, networks."""

import itertools
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workloads.errors import InputError
from workloads.kinds import kind_of_recipe
from workloads.kinds.convolution.crop import crop
from workloads.kinds.convolution.format import ConvolutionFormat
from workloads.kinds.convolution.layer import CompressedConvolution, Convolution
from workloads.kinds.convolution.places import Places
from workloads.kinds.convolution.recipe import ConvolutionRecipe, draw_convolution
from workloads.kinds.drawing import generator
from workloads.kinds.fully_connected.layer import CompressedFullyConnected
from workloads.model import load_network, load_workload, read_matrices
from workloads.sources.zoo.networks import find_network, layer_names, zoo_networks
from workloads.sources.zoo.recipes import read_recipes, zoo

VGG = {  # inputs, outputs, plane, weight and input density as published
    "vgg16-conv1_1": (3, 64, 224, 0.566, 1.0),
    "vgg16-conv1_2": (64, 64, 224, 0.217, 0.507),
    "vgg16-conv2_1": (64, 128, 112, 0.339, 0.897),
    "vgg16-conv2_2": (128, 128, 112, 0.355, 0.788),
    "vgg16-conv3_1": (128, 256, 56, 0.53, 0.814),
    "vgg16-conv3_2": (256, 256, 56, 0.236, 0.639),
    "vgg16-conv3_3": (256, 256, 56, 0.417, 0.688),
    "vgg16-conv4_1": (256, 512, 28, 0.321, 0.707),
    "vgg16-conv4_2": (512, 512, 28, 0.266, 0.502),
    "vgg16-conv4_3": (512, 512, 28, 0.343, 0.452),
    "vgg16-conv5_1": (512, 512, 14, 0.352, 0.393),
    "vgg16-conv5_2": (512, 512, 14, 0.287, 0.33),
    "vgg16-conv5_3": (512, 512, 14, 0.363, 0.306),
}
ALEXNET = {
    "alexnet-conv1": (3, 96, 227, 0.845, 1.0),
    "alexnet-conv2": (96, 256, 27, 0.379, 0.936),
    "alexnet-conv3": (256, 384, 13, 0.346, 0.527),
    "alexnet-conv4": (384, 384, 13, 0.372, 0.389),
    "alexnet-conv5": (384, 256, 13, 0.369, 0.429),
}
INCEPTION_ENDS = {
    "pool_proj": ((192, 32, 28, 0.43, 0.96), (832, 128, 7, 0.32, 0.57)),
    "1x1": ((192, 64, 28, 0.38, 0.71), (832, 384, 7, 0.32, 0.31)),
    "3x3_reduce": ((192, 96, 28, 0.42, 0.71), (832, 192, 7, 0.33, 0.31)),
    "3x3": ((96, 128, 28, 0.45, 0.67), (192, 384, 7, 0.37, 0.30)),
    "5x5_reduce": ((192, 16, 28, 0.36, 0.71), (832, 48, 7, 0.33, 0.31)),
    "5x5": ((16, 32, 28, 0.35, 0.77), (48, 128, 7, 0.36, 0.46)),
}
FIG_1 = {
    "pool_proj": ((0.461, 0.956), (0.314, 0.569)),
    "1x1": ((0.379, 0.709), (0.319, 0.309)),
    "3x3_reduce": ((0.414, 0.709), (0.329, 0.309)),
    "3x3": ((0.452, 0.664), (0.366, 0.301)),
    "5x5_reduce": ((0.356, 0.709), (0.330, 0.309)),
    "5x5": ((0.340, 0.775), (0.346, 0.459)),
}
"""Weights and inputs of 3a and 5b; the modules in between lie on lines between `INCEPTION_ENDS`, known before."""
MODULES = ("3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b")


def published(name):
    recipe = zoo()[name]
    shape = recipe.shape
    assert shape.height == shape.width
    densities = recipe.weight_density.value, recipe.activations.density.value
    return shape.inputs, shape.outputs, shape.height, *densities


def side(shape):
    return (shape.height + 2 * shape.padding - shape.kernel) // shape.stride + 1


def multiplies(network):
    shapes = [zoo()[name].shape for name in layer_names(network, "convolution")]
    return sum(s.inputs * s.outputs * s.kernel**2 // s.groups * side(s) ** 2 for s in shapes)


def test_vgg_and_alexnet_are_as_published():
    for network, table in (("vgg16", VGG), ("alexnet", ALEXNET)):
        assert {name: published(name) for name in layer_names(network, "convolution")} == table


def test_inception_modules_lie_on_a_line_between_the_published_ones():
    for branch, ends in INCEPTION_ENDS.items():
        found = published(f"googlenet-3a-{branch}"), published(f"googlenet-5b-{branch}")
        assert [one[:3] for one in found] == [end[:3] for end in ends]
        assert tuple(one[3:] for one in found) == FIG_1[branch]
        for j, module in enumerate(MODULES):
            for place in (3, 4) if module not in ("3a", "5b") else ():
                line = ends[0][place] + (ends[1][place] - ends[0][place]) * j / 8
                assert abs(published(f"googlenet-{module}-{branch}")[place] - line) <= 0.005 + 1e-9
            sources = (zoo()[f"googlenet-{module}-{branch}"].weight_density.source).startswith("assumed")
            assert sources == (module not in ("3a", "5b"))


def test_a_module_reads_what_the_one_before_it_gives():
    for before, after in itertools.pairwise(MODULES):
        given = sum(published(f"googlenet-{before}-{branch}")[1] for branch in ("1x1", "3x3", "5x5", "pool_proj"))
        assert given == published(f"googlenet-{after}-1x1")[0]


@pytest.mark.parametrize(
    ("network", "billions", "layers"), [("vgg16", 15.347, 13), ("alexnet", 0.666, 5), ("googlenet", 1.104, 54)]
)
def test_networks_take_the_published_number_of_multiplies(network, billions, layers):
    assert multiplies(network) / 1e9 == pytest.approx(billions, abs=0.0006)
    assert len(layer_names(network, "convolution")) == layers


def test_planes_follow_from_the_layer_before_and_its_pooling():
    for network in ("vgg16", "alexnet"):
        channels = plane = None
        for step in find_network(network).steps:
            recipe = zoo()[step.layer]
            if not isinstance(recipe, ConvolutionRecipe):
                assert channels in (recipe.inputs.value, recipe.inputs.value / plane**2)
                channels, plane = recipe.outputs.value, 1
                continue
            assert channels is None or (recipe.shape.inputs, recipe.shape.height) == (channels, plane)
            channels, plane = recipe.shape.outputs, side(recipe.shape)
            if step.pool:
                plane = (plane - step.pool.window) // step.pool.stride + 1


def test_layers_of_a_network_in_order_and_by_kind():
    assert layer_names("alexnet") == [
        *(f"alexnet-conv{i}" for i in range(1, 6)),
        *(f"alexnet-fc{i}" for i in (6, 7, 8)),
    ]
    kinds = [kind_of_recipe(zoo()[name]).name for name in layer_names("alexnet")]
    assert kinds == ["convolution"] * 5 + ["fully connected"] * 3
    assert layer_names("vgg16", "fully connected") == ["vgg16-fc6", "vgg16-fc7", "vgg16-fc8"]
    assert all(step.layer in zoo() for network in zoo_networks().values() for step in network.steps)
    formats = {"convolution": ConvolutionFormat(bits=12)}
    loaded = list(load_network("alexnet", scale=0.05, granularity=1, formats=formats))
    assert [type(one.layer) for one in loaded] == [CompressedConvolution] * 5 + [CompressedFullyConnected] * 3
    with pytest.raises(InputError, match="lenet: there is no such network; expected one of alexnet, vgg16, googlenet"):
        layer_names("lenet")


@pytest.mark.parametrize("name", ["alexnet-conv2", "vgg16-conv4_2", "googlenet-4a-5x5"])
def test_densities_are_exact(name):
    layer, recipe = load_workload(name).layer, zoo()[name]
    assert np.count_nonzero(layer.weight) == round(recipe.weight_density.value * layer.weight.size)
    assert np.count_nonzero(layer.activation) == round(recipe.activations.density.value * layer.activation.size)
    assert layer.activation.min() >= 0
    assert (layer.groups, layer.relu, layer.notes) == (recipe.shape.groups, True, ())


def test_an_image_has_both_signs():
    assert 0.4 < (load_workload("alexnet-conv1").layer.activation < 0).mean() < 0.6


@pytest.mark.parametrize("density", [0.0, 0.1, 1.0])
def test_both_densities_can_be_swept(density):
    layer = load_workload("googlenet-4a-3x3", density=density, activation_density=density, scale=0.5).layer
    assert layer.activation_density == pytest.approx(density, abs=1 / layer.activation.size)
    assert layer.weight_density == pytest.approx(density, abs=1e-3)  # of all, some round to zero in 16 bits
    matrix = load_workload("alexnet-fc7", density=0.5, activation_density=density, scale=0.1).layer
    assert matrix.activation_density == pytest.approx(density, abs=1 / matrix.inputs)


@given(st.sampled_from(["alexnet-conv1", "alexnet-conv4", "googlenet-5b-5x5"]), st.floats(0.001, 0.3))
def test_scale_is_of_channels_and_planes(name, scale):
    shape, layer = zoo()[name].shape, load_workload(name, scale=scale).layer
    assert layer.groups == shape.groups
    assert layer.outputs == shape.groups * max(1, round(shape.outputs / shape.groups * scale))
    assert layer.inputs == shape.groups * max(1, round(shape.inputs / shape.groups * scale))
    least = max(1, shape.kernel - 2 * shape.padding)
    assert layer.activation.shape[1:] == (max(least, round(shape.height * scale)),) * 2
    assert layer.weight.shape[2:] == (shape.kernel, shape.kernel)
    assert (layer.stride, layer.padding) == ((shape.stride,) * 2, (shape.padding,) * 4)
    assert min(layer.output_plane) >= 1


def test_a_seed_is_a_layer():
    first, again, other = (load_workload("googlenet-3a-1x1", seed=seed).layer for seed in (1, 1, 2))
    for one, same, another in zip(first[1:4], again[1:4], other[1:4], strict=True):
        np.testing.assert_array_equal(one, same)
        assert not np.array_equal(one, another)


def test_channels_of_unequal_density():
    recipe = zoo()["googlenet-3a-1x1"]

    def densities(spread):
        image = recipe.activations.model_copy(
            update={
                "channel_spread": recipe.activations.channel_spread.model_copy(update={"value": spread}),
                "places": Places(),
            }
        )
        drawn = draw_convolution("x", recipe.model_copy(update={"activations": image}), 1.0, generator("x", 0))
        assert np.count_nonzero(drawn.activation) == round(0.709 * drawn.activation.size)
        return (drawn.activation != 0).mean(axis=(1, 2))

    even, uneven = densities(0.0), densities(0.5)
    binomial = (0.709 * 0.291 / 28**2) ** 0.5
    assert even.std() == pytest.approx(binomial, rel=0.2)
    assert uneven.std() > 8 * binomial
    assert uneven.max() == 1
    unsaturated = np.log(uneven[uneven < 0.95])  # of a log-normal factor cut off above
    assert 0.2 < unsaturated.std() < 0.5


def test_sums_do_not_grow_from_layer_to_layer():
    layer = draw_convolution("x", zoo()["vgg16-conv5_1"], 1.0, generator("x", 0))
    assert layer.weight.std() == pytest.approx((2 / (512 * 9)) ** 0.5, rel=0.01)


def test_granularity_of_a_recipe():
    layer = load_workload("vgg16-conv3_2", granularity=2, scale=0.5).layer
    kernels = layer.weight.reshape(-1, 9)
    assert np.count_nonzero(kernels.any(axis=1)) == round(0.236 * len(kernels))
    assert (kernels.any(axis=1) == kernels.all(axis=1)).mean() > 0.99
    with pytest.raises(InputError, match="alexnet-fc7: granularity is 1; expected 0, as it is fully connected"):
        load_workload("alexnet-fc7", granularity=1, scale=0.01)


def test_weights_of_the_zoo_s_convolutions_are_compressed_too():
    (matrix,) = read_matrices("googlenet-3a-5x5").matrices
    assert (matrix.layer.weight.shape, matrix.shape) == ((32, 16 * 25), (32, 16, 5, 5))


RECIPE = """
mine:
  about: a layer of a user
  shape: {inputs: 4, outputs: 6, height: 8, width: 6, kernel: 3, stride: 2, padding: 1, groups: 2, source: mine}
  bias: false
  relu: false
  weight_density: {value: 0.5, source: mine}
  weights: trained-convolution
  activations: {distribution: half-normal, density: {value: 0.25, source: mine}}
"""


def test_an_own_recipe_is_drawn(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(RECIPE)
    layer = load_workload(str(path)).layer
    assert (layer.weight.shape, layer.activation.shape, layer.output_plane) == ((6, 2, 3, 3), (4, 8, 6), (4, 3))
    assert (layer.bias, layer.relu, layer.weight_density, layer.activation_density) == (None, False, 0.5, 0.25)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("groups: 2", "groups: 4", "mine: shape is a mapping; expected groups that divide 4 inputs and 6 outputs"),
        ("kernel: 3", "kernel: 9", "mine: shape is a mapping; expected a kernel no larger than the padded plane"),
        ("stride: 2", "stride: 0", "mine: shape.stride is 0; expected greater than or equal to 1"),
        (", source: mine}\n  bias", "}\n  bias", "mine: shape.source is missing; expected a value"),
        ("relu: false", "relu: false\n  inputs: 3", "mine: inputs is an unknown key; expected about, shape, bias"),
        ("half-normal", "uniform", "mine: activations.distribution is 'uniform'"),
    ],
)
def test_bad_recipes(old, new, complaint):
    with pytest.raises(InputError) as error:
        read_recipes("own.yaml", RECIPE.replace(old, new))
    assert str(error.value).startswith(f"own.yaml: {complaint}")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("height: 8", "height: 2147483648", "it has 68,719,476,800 elements in its padded input"),
        ("width: 6", "width: 99999999999999999999", "shape.width is an integer of more than 63 bits; expected"),
        ("padding: 1", "padding: 60000", "it has 57,606,720,192 elements in its padded input"),
        ("inputs: 4", "inputs: 99999999998", "it has 2,699,999,999,946 weights"),
        ("stride: 2", "stride: 99999999999999999999", "shape.stride is an integer of more than 63 bits; expected"),
        ("stride: 2", "stride: 9999999999", "shape.stride is 9999999999; expected less than or equal to"),
    ],
)
def test_recipes_of_layers_that_no_memory_holds(old, new, complaint, tmp_path):
    assert old in RECIPE
    (tmp_path / "own.yaml").write_text(RECIPE.replace(old, new))
    with pytest.raises(InputError, match=re.escape(f"mine: {complaint}")):
        load_workload(str(tmp_path / "own.yaml"))


def test_a_stride_that_no_plane_has():
    layer = Convolution("x", np.ones((1, 1, 1, 1)), None, np.ones((1, 2, 2)), False, (1, 10**20), (0, 0, 0, 0), 1)
    with pytest.raises(InputError, match="x: its stride is .*; expected at most 65,535"):
        load_workload(layer)


def test_options_that_cannot_be(tmp_path):
    for density in (-0.1, 1.5, float("nan")):
        with pytest.raises(InputError, match="activation_density is .*; expected a number from 0 to 1"):
            load_workload("alexnet-conv3", activation_density=density)
    np.savez(tmp_path / "own.npz", weight=np.ones((2, 3)), activation=np.ones(3))
    with pytest.raises(InputError, match="own: activation_density is 0.5; expected none, as its input is given"):
        load_workload(str(tmp_path / "own.npz"), activation_density=0.5)
    with pytest.raises(InputError, match="it is compressed already; expected neither density, granularity nor scale"):
        load_workload("lenet-300-100-ip1", granularity=1)
    with pytest.raises(InputError, match="it is compressed already; expected neither density, granularity nor scale"):
        load_workload("lenet-300-100-ip1", density=0)
    with pytest.raises(
        InputError, match=r"granularity is 5; expected 0 \(weights\), 1 \(rows\), 2 \(kernels\), 3 \(filters\)"
    ):
        load_workload("alexnet-conv3", granularity=5, scale=0.1)


def test_a_crop_has_the_first_channels_of_each_group_and_the_upper_left_of_the_plane():
    weight = np.arange(6 * 4 * 9, dtype=np.float32).reshape(6, 4, 3, 3)
    image = np.arange(8 * 10 * 4, dtype=np.float32).reshape(8, 10, 4)
    whole = Convolution("x", weight, np.arange(6, dtype=np.float32), image, True, (1, 1), (0, 1, 0, 0), 2)
    part = crop(whole, 0.5)
    np.testing.assert_array_equal(part.weight, weight[[0, 1, 3, 4], :2])  # 2 of 3 outputs, 2 of 4 inputs in a group
    np.testing.assert_array_equal(part.bias, [0, 1, 3, 4])
    np.testing.assert_array_equal(part.activation, image[[0, 1, 4, 5], :5, :2])
    assert crop(whole, 0.01).activation.shape == (2, 3, 2)  # what the kernel needs, in addition to the padding
    assert crop(whole._replace(activation=None, bias=None), 0.5).weight.shape == (4, 2, 3, 3)
    assert crop(whole, 1.0) is whole
    assert crop(whole._replace(dilation=(3, 1)), 0.01).activation.shape == (2, 7, 2)  # rows 0, 3 and 6
