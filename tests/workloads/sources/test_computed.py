"""Inputs that are the outputs of the layers before: words, formats, zeros and pooling."""

import itertools

import numpy as np
import pytest

from workloads.errors import InputError
from workloads.kinds import reference_output
from workloads.kinds.convolution.layer import Convolution
from workloads.kinds.fully_connected.layer import CompressedFullyConnected, FullyConnected
from workloads.options import WorkloadOptions
from workloads.sources.zoo.computed import Stage, compute, max_pool, open_computed
from workloads.sources.zoo.networks import Pool, zoo_networks

COMPUTED = WorkloadOptions(computed=True)


def convolution(seed, inputs, outputs, plane=None, padding=1):
    rng = np.random.default_rng(seed)
    weight = rng.standard_normal((outputs, inputs, 3, 3)).astype(np.float32)
    image = None if plane is None else rng.standard_normal((inputs, plane, plane)).astype(np.float32)
    bias = rng.standard_normal(outputs).astype(np.float32)
    return Convolution(f"conv{seed}", weight, bias, image, True, (1, 1), (padding,) * 4, 1)


def chain(last=2):
    weight = np.random.default_rng(9).standard_normal((5, last)).astype(np.float32)
    return [
        Stage(convolution(1, 3, 4, 8), 0.5, None),
        Stage(convolution(2, 4, 6), 0.7, Pool(window=2, stride=2)),
        Stage(convolution(3, 6, 2, padding=0), None, Pool(window=2, stride=1)),
        Stage(FullyConnected("fc", weight[:, :last], None, None, True), None, None),
    ]


def words(layer):
    found = reference_output(layer)
    return found if isinstance(layer, CompressedFullyConnected) else found.reshape(-1, *layer.output_plane)


def test_words_and_formats_go_over_unchanged():
    first, second, third, last = compute(chain(), COMPUTED)
    assert [round(layer.weight_density, 2) for layer in (first, second, third)] == [0.5, 0.7, 1]
    np.testing.assert_array_equal(second.activation, words(first))
    np.testing.assert_array_equal(third.activation, max_pool(words(second), Pool(window=2, stride=2)))
    np.testing.assert_array_equal(last.activation, max_pool(words(third), Pool(window=2, stride=1)).ravel())
    for before, after in itertools.pairwise((first, second, third, last)):
        assert after.activation_fraction_bits == before.output_fraction_bits
        assert after.activation.min() >= 0
    assert 0 < second.activation_density < 1


def test_the_words_are_near_the_values_in_floating_point():
    stages = [Stage(layer, None, pool) for layer, _, pool in chain()[:3]]
    compressed = list(compute(stages, COMPUTED))
    values = stages[0].layer.activation.astype(np.float64)
    for stage, layer in zip(stages, compressed, strict=True):
        edge = stage.layer.padding[0]
        windows = np.lib.stride_tricks.sliding_window_view(
            np.pad(values, ((0, 0), (edge,) * 2, (edge,) * 2)), (3, 3), (1, 2)
        )
        sums = np.einsum("cyxrs,kcrs->kyx", windows, stage.layer.weight) + stage.layer.bias[:, None, None]
        values = np.maximum(sums, 0)
        np.testing.assert_allclose(layer.output_value(words(layer)), values, atol=0.003 * values.max())
        values = values if stage.pool is None else max_pool(values, stage.pool)


def test_max_pool():
    image = np.arange(25).reshape(1, 5, 5)
    assert max_pool(image, Pool(window=3, stride=2)).tolist() == [[[12, 14], [22, 24]]]
    assert max_pool(image, Pool(window=2, stride=2)).tolist() == [[[6, 8], [16, 18]]]
    with pytest.raises(InputError, match=r"pooling: its input has shape \[1, 5, 5\]; expected planes of 6 x 6 or more"):
        max_pool(image, Pool(window=6, stride=1))


def computed(network):
    return iter(open_computed(network, COMPUTED).layers)


def test_what_is_no_chain():
    with pytest.raises(InputError, match=r"fc: it reads \[5\], and the layer before gives \[2\]; expected a chain"):
        list(compute(chain(last=5), COMPUTED))
    what = "googlenet: inputs cannot be computed: googlenet-3a-3x3_reduce: it reads .*; expected a chain"
    with pytest.raises(InputError, match=what):
        list(computed("googlenet"))
    with pytest.raises(InputError, match="lenet: there is no such network; expected one of alexnet, vgg16, googlenet"):
        next(computed("lenet"))
    with pytest.raises(InputError, match="conv2: it has no input"):
        list(compute(chain()[1:], COMPUTED))
    with pytest.raises(InputError, match="fc: it has no input"):
        list(compute(chain()[3:], COMPUTED))


def test_the_convolutions_of_alexnet():
    found = [layer.load({}) for layer in itertools.islice(computed("alexnet"), 5)]
    assert [one.name for one in found] == [step.layer for step in zoo_networks()["alexnet"].steps[:5]]
    assert [one.layer.activation.shape for one in found[1:]] == [
        (96, 27, 27),
        (256, 13, 13),
        (384, 13, 13),
        (384, 13, 13),
    ]
    assert all(
        before.layer.output_fraction_bits == after.layer.activation_fraction_bits
        for before, after in itertools.pairwise(found)
    )
    assert 0.4 < found[3].layer.activation_density < 0.6  # no pooling before it: half of a random sum is negative
    assert not any(one.layer.notes for one in found)
