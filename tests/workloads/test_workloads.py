"""The zoo: what is published is exact, what is drawn repeats."""

import numpy as np
import pytest

from workloads.errors import InputError
from workloads.kinds.drawing import generator
from workloads.kinds.fully_connected.compress import compress
from workloads.kinds.fully_connected.recipe import Recipe, draw
from workloads.model import load_workload, make_options, open_model
from workloads.sources import find_source
from workloads.sources.zoo.recipes import zoo
from workloads.yaml_files import LONGEST_SHOWN, parse_yaml, shorten

ONE_IMAGE = {  # EIE, Table III, with the densities of the image behind its times; the real FC8; bias, relu
    "alexnet-fc6": (9216, 4096, 0.091, 0.356, True, True),
    "alexnet-fc7": (4096, 4096, 0.092, 0.327, True, True),
    "alexnet-fc8": (4096, 1000, 0.2566, 0.4294, True, False),
    "vgg16-fc6": (25088, 4096, 0.04, 0.232, True, True),
    "vgg16-fc7": (4096, 4096, 0.038, 0.404, True, True),
    "vgg16-fc8": (4096, 1000, 0.23, 0.397, True, False),
    "nt-we": (4096, 600, 0.111, 0.976, False, False),
    "nt-wd": (600, 8791, 0.11, 1.0, False, False),
    "nt-lstm": (1201, 2400, 0.1, 1.0, False, False),
}
TABLE_III = {  # weight and activation density, means over images
    "alexnet-fc6": (0.09, 0.351),
    "alexnet-fc7": (0.09, 0.353),
    "alexnet-fc8": (0.25, 0.375),
    "vgg16-fc6": (0.04, 0.183),
    "vgg16-fc7": (0.04, 0.375),
    "vgg16-fc8": (0.23, 0.411),
    "nt-we": (0.1, 1.0),
}
ROUGHER = {"vgg16-fc6": 3, "vgg16-fc6-table3": 3, "nt-wd": 2, "nt-lstm": 2}
"""Multiples of the FC8's roughness of rows."""


def fully_connected():
    return {name: recipe for name, recipe in zoo().items() if isinstance(recipe, Recipe)}


def published(recipe):
    densities = recipe.weight_density.value, recipe.activations.density.value
    return recipe.inputs.value, recipe.outputs.value, *densities, recipe.bias, recipe.relu


def test_the_nine_layers_are_as_published():
    found = {name: published(recipe) for name, recipe in fully_connected().items()}
    for name, densities in TABLE_III.items():
        inputs, outputs, _, _, *rest = ONE_IMAGE[name]
        assert found.pop(f"{name}-table3") == (inputs, outputs, *densities, *rest)
    assert found == ONE_IMAGE


def test_rows_are_as_rough_as_the_fc8s_but_for_three_layers():
    base = zoo()["alexnet-fc8"].weights
    for name, recipe in fully_connected().items():
        assert recipe.weights.row_scale.value == pytest.approx(ROUGHER.get(name, 1) * base.row_scale.value)
        assert recipe.weights.column_scale.value == base.column_scale.value


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


@pytest.mark.parametrize("scale", [1.0001, 2.0, float("nan"), -0.5])
def test_scales_that_cannot_be(scale):
    with pytest.raises(InputError, match="scale is .*; expected a number above 0 and at most 1"):
        load_workload("nt-we", scale=scale)


def test_a_crop_is_the_upper_left_part(tmp_path):
    rng = np.random.default_rng(1)
    codes = rng.integers(0, 16, (6, 8)).astype(np.uint8)
    book = np.arange(16, dtype=np.float32)
    bias_code = np.array([1, 2, 3, 4, 5, 6], np.uint8)
    activation = np.arange(1, 9, dtype=np.float32)
    np.savez(tmp_path / "c.npz", weight_code=codes, codebook=book, activation=activation, bias_code=bias_code)
    np.savez(tmp_path / "f.npz", weight=book[codes], activation=activation, bias=book[bias_code])
    for name in ("c", "f"):
        layer = load_workload(str(tmp_path / f"{name}.npz"), scale=0.5).layer
        dense = np.zeros((5, 3), np.int64)
        for j in range(5):
            part = slice(layer.columns.start[j], layer.columns.start[j + 1])
            dense[j, layer.columns.row[part]] = layer.codebook[layer.columns.code[part]]
        values = dense / 2**layer.weight_fraction_bits
        if name == "c":
            np.testing.assert_array_equal(values[:4].T, codes[:3, :4])
            np.testing.assert_array_equal(values[4], [1, 2, 3])
        else:
            np.testing.assert_allclose(values[:4].T, codes[:3, :4], atol=0.01)
        np.testing.assert_array_equal(layer.activation[:4] / 2**layer.activation_fraction_bits, [1, 2, 3, 4])


ONE = """
{name}:
  about: a layer of a user
  inputs: {{value: {inputs}, source: mine}}
  outputs: {{value: 30, source: mine}}
  bias: true
  relu: true
  weight_density: {{value: 0.2, source: mine}}
  weights: trained-fc
  activations: {{distribution: normal, density: {{value: 0.5, source: mine}}}}
"""


def test_one_of_several_recipes_is_picked(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(ONE.format(name="one", inputs=40) + ONE.format(name="two", inputs=50))
    workload = load_workload(f"{path}:two")
    assert (workload.name, workload.source, workload.layer.inputs) == ("two", str(path), 50)
    with pytest.raises(InputError, match="layer is 'three'; expected .*own.yaml:LAYER with one of one, two"):
        load_workload(f"{path}:three")


def test_several_recipes_are_a_network_of_the_layers_that_are_drawn_alone(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(ONE.format(name="one", inputs=40) + ONE.format(name="two", inputs=50))
    model = open_model(path, make_options(seed=3, recipe={"inputs": 20}))
    assert (model.name, model.network, model.inputs) == ("own", True, "drawn")
    for layer, name in zip(model.layers, ("one", "two"), strict=True):
        ours, alone = layer.load({}), load_workload(f"{path}:{name}", seed=3, recipe={"inputs": 20})
        assert (ours.name, ours.layer.inputs, ours.notes) == (name, 20, ())
        np.testing.assert_array_equal(ours.layer.columns.code, alone.layer.columns.code)
    assert find_source(str(path)).layer_names(str(path), None) == ("one", "two")
    assert list(find_source(str(path)).recipes(str(path), None)) == ["one", "two"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"activation": np.ones(40)}, "an input is given, and a network runs whole; expected it with a single layer"),
        ({"computed": True}, "--computed is given; expected a whole network of the zoo"),
        ({"steps": 3}, "one: steps is 3; expected none, as it is fully connected"),
        ({"stride": 3}, "one: stride is 3; expected none, as it is fully connected"),
    ],
)
def test_options_that_a_network_of_recipes_has_no_use_for(options, sentence, tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(ONE.format(name="one", inputs=40) + ONE.format(name="two", inputs=50))
    with pytest.raises(InputError, match=sentence):
        open_model(path, make_options(**options))


def test_a_change_that_no_recipe_of_a_network_has_is_refused(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(ONE.format(name="one", inputs=40) + ONE.format(name="two", inputs=50))
    first, _ = open_model(path, make_options(recipe={"colour": 20})).layers
    with pytest.raises(InputError, match="one: colour is no key of its recipe; expected "):
        first.load({})


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
            + "".join(f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 8)),
            "references make more than",
        ),
        ("a: &a [*a]", "its references make more than 1000000 parts"),
        ("a: 0x" + "f" * 300, "an integer of 1200 bits"),
    ],
)
def test_small_documents_that_claim_much_are_refused(text, sentence):
    with pytest.raises(InputError, match=f"here: it is no YAML .*{sentence}.*; expected a mapping"):
        parse_yaml("here", text)


@pytest.mark.parametrize(
    "text", ["a: {{b: [1, {}]}}", "c: 1\na:\n  b:\n  - {{d: 1}}\n  - {}\n", "a: {{b: [0, &x {}], c: *x}}"]
)
def test_a_number_in_base_60_is_named_with_its_key(text):
    number = "1" + ":00" * 200 + ".5"
    with pytest.raises(InputError) as refused:
        parse_yaml("here", text.format(number))
    shown = shorten(number, LONGEST_SHOWN)
    assert str(refused.value) == f"here: a.b.1 is {shown}; expected a number in base 10, no zero before it"


def test_references_are_read():
    assert parse_yaml("here", "a: &a [1, 2]\nb: [*a, *a]\nc: {d: *a}\n") == {
        "a": [1, 2],
        "b": [[1, 2], [1, 2]],
        "c": {"d": [1, 2]},
    }


def test_normal_activations_have_both_signs_and_half_normal_ones_one():
    normal, half = (load_workload(name, scale=0.1).layer.activation for name in ("nt-we", "alexnet-fc7"))
    assert 0.4 < np.mean(normal < 0) < 0.6
    assert half.min() >= 0


def test_no_drawn_activation_is_rounded_away():
    for name, recipe in fully_connected().items():
        for seed in range(5):
            layer = draw(
                name,
                recipe.model_copy(update={"outputs": recipe.outputs.model_copy(update={"value": 1})}),
                1.0,
                generator(name, seed),
            )
            words = compress(layer).activation[: recipe.inputs.value]
            assert np.count_nonzero(words) == round(recipe.activations.density.value * recipe.inputs.value)


def test_a_seed_draws_the_same_in_every_version():
    assert generator("nt-we", 1).random() == pytest.approx(0.764586987382582, abs=1e-15)


@pytest.mark.parametrize(
    ("source", "options", "sentence"),
    [
        ("nt-we", {"sample": 1}, "nt-we: sample is 1; expected none, as it is no pretrained network"),
        ("alexnet", {"sample": 1}, "alexnet: sample is 1; expected none, as it is no pretrained network"),
        ({"weight": np.eye(2)}, {"sample": 1}, "arrays: sample is 1; expected none, as it is no pretrained network"),
        ({"weight": np.eye(2)}, {"layer": "x"}, "arrays: layer is 'x'; expected arrays:LAYER with one of arrays"),
        ("tiara-k4/fc3", {"layer": "fc2"}, "tiara-k4/fc3: layer is 'fc2'; expected none, as it is one layer"),
        ("nt-we", {"activation": np.ones(3)}, "nt-we: an input is given; expected none, as its input is drawn"),
        ("nt-we", {"computed": True}, "nt-we: computed is given; expected a whole network of the zoo (`list`)"),
    ],
)
def test_an_option_that_a_source_has_no_use_for_is_refused(source, options, sentence):
    with pytest.raises(InputError) as raised:
        load_workload(source, **options)
    assert str(raised.value) == sentence
