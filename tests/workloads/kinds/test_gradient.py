"""Gradients as a kind of layer: out of arrays and recipes, what is refused, and what a message says."""

import numpy as np
import pytest
from hypothesis import given
from support.gradients import layers

import zeroskip as zs
from workloads.compression.gradients.selection import sample_stride, wanted
from workloads.errors import InputError
from workloads.kinds import find_kind, kind_of_recipe, reference_output
from workloads.kinds.gradient.recipe import draw_gradient
from workloads.sources.zoo.recipes import zoo
from zeroskip import load_workload

KIND = find_kind("gradient")


def arrays(**changes):
    rng = np.random.default_rng(0)
    found = {key: rng.standard_normal((20, 30)).astype(np.float32) for key in ("gradient", "velocity", "residual")}
    return {**found, **changes}


def test_arrays_of_any_shape_are_a_tensor():
    given = arrays(momentum=np.array(0.5), sent_density=np.array(0.02))
    layer = load_workload(given).layer
    assert load_workload(given).kind == "gradient"
    assert (layer.elements, layer.wanted, layer.momentum) == (600, 12, 0.5)
    np.testing.assert_array_equal(layer.gradient, given["gradient"].ravel())
    alone = load_workload({"gradient": given["gradient"]}).layer
    assert not alone.velocity.any()
    assert not alone.residual.any()
    assert (alone.wanted, alone.momentum) == (1, float(np.float32(0.9)))
    assert load_workload(given, density=0.5).layer.wanted == 300


def test_the_sample_is_by_the_rule_and_its_start_by_the_seed():
    starts = set()
    for seed in range(8):
        layer = load_workload("lenet-gradient", seed=seed).layer
        assert layer.stride == sample_stride(layer.elements, 0.001)
        assert layer.samples == layer.elements // layer.stride
        assert (layer.wanted, layer.top) == (wanted(layer.elements, 0.001), wanted(layer.samples, 0.001))
        assert 0 <= layer.start < layer.stride
        starts.add(layer.start)
    assert len(starts) > 3


@pytest.mark.parametrize(("changes", "sentence"), [
    ({"velocity": np.zeros(3, np.float32)}, r"velocity has shape \[3\]; expected that of gradient, \[20, 30\]"),
    ({"gradient": np.zeros((20, 30), np.int64)}, "gradient has dtype int64; expected floating point"),
    ({"gradient": np.full((20, 30), np.nan, np.float32)}, "gradient.* is nan"),
    ({"residual": np.full((20, 30), 1e31, np.float32)}, "residual reaches 1e[+]31; expected at most 1.26765e[+]30"),
    ({"momentum": np.array(1.0)}, "momentum is 1.0; expected at least 0 and less than 1"),
    ({"momentum": np.array(1 - 1e-9)}, "momentum is 0.999999999; expected at least 0 and less than 1, in FP32"),
    ({"momentum": np.array([0.1, 0.2])}, r"momentum has dtype float64 and shape \[2\]; expected one finite number"),
    ({"sent_density": np.array(0.0)}, "the density of what is sent is 0.0; expected more than 0 and at most 1"),
    ({"other": np.zeros(2)}, "it has an unknown key other"),
])  # fmt: skip
def test_arrays_that_are_refused(changes, sentence):
    with pytest.raises(InputError, match=sentence):
        load_workload(arrays(**changes))


def test_what_else_is_refused():
    with pytest.raises(InputError, match="it has no gradient"):
        load_workload({key: array for key, array in arrays().items() if key != "gradient"})
    with pytest.raises(InputError, match="more than 0"):
        load_workload("lenet-gradient", density=0.0)
    with pytest.raises(InputError, match=r"the input of arrays is float64 \[3\]; expected numbers \[600\]"):
        load_workload(arrays(), activation=np.zeros(3))
    with pytest.raises(InputError, match="its kind is gradient; expected"):
        zs.run("eie", "lenet-gradient", scale=0.01)


def test_another_gradient():
    other = np.arange(600, dtype=np.float32)
    np.testing.assert_array_equal(load_workload(arrays(), activation=other).layer.gradient, other)


def test_the_recipe():
    recipe = zoo()["lenet-gradient"]
    assert kind_of_recipe(recipe).name == "gradient"
    layer = load_workload("lenet-gradient", scale=0.25).layer
    assert layer.elements == 784 * 300 // 4
    assert KIND.recipe_shape(recipe) == (235_200, 236)
    for values, width in ((layer.gradient, 0.001), (layer.velocity, 0.0023), (layer.residual, 0.03)):
        assert values.std() == pytest.approx(width, rel=0.02)
    result = zs.run("selection", "lenet-gradient").rows[0]
    assert all(found == expected for found, expected in KIND.agrees(recipe, {"inputs": 235_200, "outputs": 236}))
    assert result.output_matches_reference


def test_a_recipes_momentum_that_is_one_in_fp32():
    recipe = zoo()["lenet-gradient"]
    near = recipe.model_copy(update={"momentum": recipe.momentum.model_copy(update={"value": 1 - 1e-9})})
    with pytest.raises(InputError, match=r"near: momentum is 0\.999999999; .* less than 1, in FP32"):
        draw_gradient("near", near, 0.01, np.random.default_rng(0))


@given(layers)
def test_what_an_output_sends(layer):
    output = reference_output(layer)
    sent = KIND.output_values(layer, output)
    assert np.count_nonzero(sent) <= layer.wanted
    left = output[layer.message_of(output).size :].view(np.float32)[: layer.elements]
    assert not left[sent != 0].any()
    if np.any(sent):
        pairs = layer.message_of(output).size // 3
        assert KIND.measures(layer, output)["times_smaller"] == pytest.approx(4 * layer.elements / (6 * pairs))
    assert KIND.measures(layer, output[:0]) == {}
    assert KIND.densities(layer) == {"sent": layer.wanted / layer.elements}
