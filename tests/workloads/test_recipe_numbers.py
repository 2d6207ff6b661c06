"""Numbers of recipes that nothing can be calculated with: a sentence, before anything is."""

import numpy as np
import pytest

import zeroskip as zs
from workloads.kinds import kind_of_recipe
from workloads.model import open_model
from workloads.sources.zoo.changes import recipe_keys
from workloads.sources.zoo.checked import MOST
from workloads.sources.zoo.recipes import make_recipe, zoo

LAYERS = {kind_of_recipe(recipe).name: name for name, recipe in zoo().items()}
HUGE = [10**400, -(10**400), 10**5000, 2**999, MOST + 1]


@pytest.mark.parametrize("name", LAYERS.values(), ids=LAYERS)
def test_an_integer_beyond_any_calculation_is_refused_for_every_key_of_every_kind(name):
    for key in recipe_keys(zoo()[name]):
        for value in HUGE:
            with pytest.raises(zs.InputError, match="is an integer of more than 63 bits; expected a number of at most"):
                open_model(name, scale=0.01, recipe={key: value}).layers[0].load({})


@pytest.mark.parametrize("name", LAYERS.values(), ids=LAYERS)
def test_the_largest_numbers_are_refused_or_drawn(name):
    for key in recipe_keys(zoo()[name]):
        for value in (MOST, 1e308, 1e-300, -1):
            try:
                open_model(name, scale=0.01, recipe={key: value}).layers[0].load({})
            except zs.InputError as error:
                assert "; expected " in str(error), (key, value)


def test_the_key_is_named():
    sentence = f"alexnet-fc8 with changes: inputs.value is an integer of more than 63 bits; expected .* {MOST}"
    with pytest.raises(zs.InputError, match=sentence):
        zs.simulate("eie", "alexnet-fc8", scale=0.01, recipe={"inputs": 10**400})


def test_in_a_sweep_it_is_an_error_of_its_point(tmp_path):
    over, fixed = {"inputs": [256, 2**100]}, {"scale": 0.1}
    rows = zs.sweep("eie", "alexnet-fc8", over, fixed=fixed).rows
    assert "inputs.value is an integer of more than 63 bits" in rows[1]["error"]
    assert rows[0]["cycles"] > 0
    done = zs.sweep("eie", "alexnet-fc8", over, fixed=fixed, store=tmp_path / "s.db", jobs=1)
    assert (done.run, done.failed) == (2, 1)
    assert len(zs.open_store(tmp_path / "s.db").frame()) == 2


def test_a_recipe_of_a_file_is_bounded_too():
    content = zoo()["alexnet-fc8"].model_dump(exclude_none=True)
    content["inputs"]["value"] = content["outputs"]["value"] = 2**999
    with pytest.raises(zs.InputError, match="x.yaml: big: inputs.value is an integer of more than 63 bits"):
        make_recipe("x.yaml", "big", content)


def test_an_integer_in_place_of_a_recipe_is_named():
    with pytest.raises(zs.InputError, match="^x.yaml: m: it is an integer of more than 63 bits; expected a number of"):
        make_recipe("x.yaml", "m", 1 << 64)


def test_arrays_are_no_switches():
    with pytest.raises(zs.InputError, match="bias is array"):
        zs.simulate("eie", "alexnet-fc8", scale=0.01, recipe={"bias": np.array([0, 1])})
