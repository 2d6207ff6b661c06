"""State spaces as a kind of layer: arrays, recipes, shapes, options, and what is said where they have no part."""

import numpy as np
import pytest

from simulator.core.registry import find
from workloads.errors import InputError
from workloads.kinds import reference_output
from workloads.kinds.state_space.format import STATE_TYPES, StateSpaceFormat
from workloads.kinds.state_space.shapes import state_space_of_shape
from workloads.model import read_matrices
from workloads.pipeline import compress_matrices
from workloads.sources.zoo.recipes import zoo
from zeroskip import load_arch, load_workload, run

RNG = np.random.default_rng(5)
SHAPES = {
    "activation": (2, 1, 20), "state": (2, 2, 3, 3), "window": (2, 12, 3), "conv_weight": (12, 4), "conv_bias": (12,),
    "dt_bias": (2,), "decay": (2,), "skip": (2,),
}  # fmt: skip
"""Two sequences, a token, two heads of 3 in one group, a state of 3, four taps."""


def arrays(**changes):
    found = {name: RNG.standard_normal(shape).astype(np.float32) for name, shape in {**SHAPES, **changes}.items()}
    return {**found, "decay": np.abs(found["decay"])}


def test_sequences_do_not_know_of_each_other():
    given = arrays()
    whole = load_workload(given).layer
    y = reference_output(whole)[: whole.outputs].reshape(2, -1)
    for n in range(2):
        alone = {
            key: given[key][n : n + 1] if key in ("activation", "state", "window") else given[key] for key in given
        }
        layer = load_workload(alone).layer
        np.testing.assert_array_equal(reference_output(layer)[: layer.outputs], y[n])


def test_groups_share_b_and_c():
    """Two groups of one head each are two layers of one head; what differs is where B and C lie."""
    given = arrays(activation=(2, 1, 26), conv_weight=(18, 4), conv_bias=(18,), window=(2, 18, 3))
    layer = load_workload(given).layer
    assert (layer.groups, layer.heads, layer.head_width, layer.state_width) == (2, 2, 3, 3)
    y = reference_output(layer)[: layer.outputs].reshape(2, 2, 3)
    for head in range(2):
        own = np.r_[3 * head : 3 * head + 3, 6 + 3 * head : 9 + 3 * head, 12 + 3 * head : 15 + 3 * head]
        token = np.r_[3 * head : 3 * head + 3, 6 + own, 24 + head]
        one = {"activation": given["activation"][:, :, token], "state": given["state"][:, head : head + 1]}
        one |= {"window": given["window"][:, own], "conv_weight": given["conv_weight"][own]}
        one |= {"conv_bias": given["conv_bias"][own]}
        one |= {name: given[name][head : head + 1] for name in ("dt_bias", "decay", "skip")}
        alone = load_workload(one).layer
        np.testing.assert_array_equal(reference_output(alone)[: alone.outputs].reshape(2, 3), y[:, head])


def test_without_a_window_it_is_zero():
    given = arrays()
    absent = load_workload({key: one for key, one in given.items() if key != "window"}).layer
    zero = load_workload({**given, "window": np.zeros((2, 12, 3), np.float32)}).layer
    np.testing.assert_array_equal(reference_output(absent), reference_output(zero))


def test_a_single_tap_keeps_no_window():
    layer = load_workload(arrays(conv_weight=(12, 1), window=(2, 12, 0))).layer
    assert layer.window.shape == (2, 12, 0)
    assert reference_output(layer).size == layer.outputs + layer.state.size


@pytest.mark.parametrize("name", STATE_TYPES)
def test_what_the_format_of_a_state_loses(name):
    layer = load_workload(arrays(), formats={"state space": StateSpaceFormat(name)}).layer
    assert layer.state.dtype == STATE_TYPES[name]
    assert 0 < layer.state_error < 2.0**-8 if name != "fp32" else layer.state_error == 0


def test_drawn_steps_and_decays_are_those_of_the_recipe():
    recipe = zoo()["nemotron3-nano-state-space"]
    layer = load_workload("nemotron3-nano-state-space", scale=0.2).layer
    assert layer.state.shape == (4, 64, 12, 25)
    assert layer.groups == 8
    step = np.logaddexp(0, layer.time_bias.astype(float))
    assert recipe.time_steps.least.value * 0.999 < step.min() < step.max() < recipe.time_steps.most.value * 1.001
    assert recipe.decays.least.value <= layer.decay.min() < layer.decay.max() <= recipe.decays.most.value


def test_a_run_says_how_far_it_is_from_float64():
    result = run(load_arch("tensor", state_format="bf16"), "nemotron3-nano-state-space", scale=0.2)
    fields = result.to_dict()
    assert 0 < fields["state_error"] < 2.0**-8
    assert 0 < fields["step_error"] < 2.0**-20


def test_more_sequences_by_the_recipe_are_more_bytes_of_state():
    moved = [
        run("tensor", "nemotron3-nano-state-space", scale=0.1, recipe={"sequences": many}).to_dict()["counts"]
        for many in (1, 3)
    ]
    assert moved[1]["dram_state_bytes"] == 3 * moved[0]["dram_state_bytes"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"conv_weight": (13, 4)}, "conv_weight has 13 channels; expected 6 and twice 3 for each group"),
        ({"activation": (2, 1, 19)}, "activation has shape [2, 1, 19]; expected [2 sequences, steps, 20 numbers of a"),
        ({"window": (2, 12, 4)}, "window has shape [2, 12, 4]; expected [2 sequences, 12 channels, 3 taps - 1]"),
        ({"decay": (3,)}, "decay has shape [3]; expected [2 heads]"),
        ({"weight": (2, 9)}, "it has an unknown key weight; expected only activation, state, window"),
    ],
)
def test_arrays_that_are_refused(changes, sentence):
    with pytest.raises(InputError) as caught:
        load_workload(arrays(**changes))
    assert sentence in str(caught.value)


def test_missing_arrays_and_decays_below_zero_are_refused():
    given = arrays()
    with pytest.raises(InputError, match="it has no skip; expected the keys activation, state"):
        load_workload({key: one for key, one in given.items() if key != "skip"})
    with pytest.raises(InputError, match=r"decay\[1\] is -1; expected at least 0"):
        load_workload({**given, "decay": np.array([1, -1], np.float32)})


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"density": 0.5}, "density is 0.5; expected none, as a state space has no weights"),
        ({"tokens": 2}, "tokens is 2; expected none, as it is a state space"),
    ],
)
def test_options_that_are_refused(options, sentence):
    with pytest.raises(InputError, match=sentence):
        load_workload(arrays(), **options)


def test_other_tokens_take_the_place_of_the_given_ones():
    assert load_workload(arrays(), activation=np.ones((2, 5, 20))).layer.steps == 5
    with pytest.raises(InputError, match=r"expected numbers \[2, steps, 20\]"):
        load_workload(arrays(), activation=np.ones((3, 5, 20)))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"sequences": 1 << 30}, "which take about"),
        ({"sequences": 1, "steps": 3000}, "multiply-adds; expected at most"),
        ({"groups": 3}, "groups that divide 64 heads"),
    ],
)
def test_recipes_that_are_refused(changes, sentence):
    with pytest.raises(InputError, match=sentence):
        load_workload("nemotron3-nano-state-space", recipe=changes)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"taps": 0}, "taps is 0; expected at least 1"),
        ({"groups": 3}, "it has 4 heads in 3 groups; expected groups that divide the heads"),
        ({"state_format": "fp8"}, "state_format is 'fp8'; expected one of fp32, fp16, bf16"),
    ],
)
def test_shapes_that_are_refused(changes, sentence):
    sizes = {"sequences": 1, "heads": 4, "head_width": 2, "state_width": 2, "groups": 2, "taps": 4}
    with pytest.raises(InputError, match=sentence):
        state_space_of_shape("s", **{"state_format": "fp32", **sizes, **changes})


def test_a_shape_is_a_layer_of_zeros():
    shape = state_space_of_shape("s", "fp16", 2, 4, 3, 5, 2, 4, steps=3)
    output = reference_output(shape)
    assert output.size == shape.outputs + shape.state.size + shape.window.size
    assert not output.any()
    assert find("tensor").layout(load_arch("tensor", state_format="fp16").arch, shape)


def test_an_unknown_format_of_states_is_refused():
    with pytest.raises(InputError, match="state_format is 'fp8'; expected one of fp32, fp16, bf16"):
        load_workload(arrays(), formats={"state space": StateSpaceFormat("fp8")})


def test_compress_says_that_there_are_no_weights(tmp_path):
    np.savez(tmp_path / "ssm.npz", **arrays())
    with pytest.raises(InputError, match=r"\(ssm: a state space has no matrices of weights\)"):
        compress_matrices(read_matrices(str(tmp_path / "ssm.npz")), None, 4, 4)
