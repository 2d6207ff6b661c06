"""Experts as a kind of layer: arrays, recipes, routing, and what is said where it has no part in a command."""

import numpy as np
import pytest
from support.experts import drawn_experts

from workloads.distinct import distinct
from workloads.errors import InputError
from workloads.kinds import find_kind, reference_output
from workloads.kinds.experts.compress import compress_experts
from workloads.kinds.experts.recipe import draw_experts
from workloads.kinds.experts.reference import hidden_density
from workloads.kinds.experts.router import draw_choice
from workloads.kinds.matrix_product.format import ProductFormat
from workloads.model import read_matrices
from workloads.pipeline import compress_matrices
from workloads.sources.zoo.recipes import zoo
from zeroskip import load_arch, load_workload, run

NANO = "nemotron3-nano-experts"
RNG = np.random.default_rng(5)


def arrays(**changes):
    shapes = {"activation": (3, 6), "share": (3, 2), "up": (4, 5, 6), "down": (4, 6, 5), **changes}
    found = {name: RNG.standard_normal(shape).astype(np.float32) for name, shape in shapes.items() if shape}
    return {"choice": np.array([[0, 3], [3, 1], [0, 1]]), **found}


@pytest.mark.parametrize("tokens", [1, 4, 16, 64])
@pytest.mark.parametrize(("experts", "chosen"), [(128, 6), (512, 22), (8, 8)])
def test_the_mean_of_distinct_experts_is_the_formulas(experts, chosen, tokens):
    """N (1 - (1 - K / N)**B): each expert is missed by each token with the same probability."""
    rng = np.random.default_rng(1)
    counts = [len(distinct(draw_choice(tokens, experts, chosen, "uniform", rng))) for _ in range(200)]
    expected = experts * (1 - (1 - chosen / experts) ** tokens)
    assert abs(np.mean(counts) - expected) <= 3 * np.std(counts) / 200**0.5 + 1e-9


@pytest.mark.parametrize("routing", ["uniform", "zipf:0", "zipf:1.5", "every"])
@pytest.mark.parametrize(("tokens", "experts", "chosen"), [(1, 1, 1), (5, 7, 3), (40, 6, 6), (9, 16, 5)])
def test_a_token_chooses_different_experts_in_order(tokens, experts, chosen, routing):
    choice = draw_choice(tokens, experts, chosen, routing, np.random.default_rng(2))
    assert choice.shape == (tokens, chosen)
    assert choice.dtype == np.int64
    assert (np.diff(choice, axis=1) > 0).all()
    assert choice.min() >= 0
    assert choice.max() < experts
    if routing == "every":
        times = np.bincount(choice.ravel(), minlength=experts)
        assert len(distinct(choice)) == min(experts, tokens * chosen)
        assert times.max() - times.min() <= 2


def test_zipf_prefers_some_experts_and_touches_fewer():
    rng = np.random.default_rng(3)
    even, steep = (draw_choice(64, 64, 4, one, rng) for one in ("uniform", "zipf:1.5"))
    assert len(distinct(steep)) < len(distinct(even)) - 10
    single = draw_choice(20_000, 4, 1, "zipf:1", np.random.default_rng(4))
    share = np.sort(np.bincount(single.ravel(), minlength=4))[::-1] / 20_000
    weight = 1 / np.arange(1, 5)
    np.testing.assert_allclose(share, weight / weight.sum(), atol=0.02)


@pytest.mark.parametrize(
    ("routing", "chosen", "sentence"),
    [
        ("often", 1, "routing is 'often'; expected uniform, every or zipf:S with S from 0 to 10"),
        ("zipf:x", 1, "routing is 'zipf:x'"),
        ("zipf:nan", 1, "routing is 'zipf:nan'"),
        ("zipf:11", 1, "routing is 'zipf:11'"),
        ("uniform", 5, "chosen is 5; expected 1 to 4, the number of experts"),
    ],
)
def test_routings_that_are_refused(routing, chosen, sentence):
    with pytest.raises(InputError, match=sentence):
        draw_choice(2, 4, chosen, routing, np.random.default_rng(0))


@pytest.mark.parametrize("positive", [0.05, 0.245, 0.5, 0.9])
def test_the_stated_share_of_sums_is_positive(positive):
    layer = load_workload(NANO, scale=0.2, activation_density=positive).layer
    deviation = 3 * (0.45 * positive * (1 - positive) / (len(layer.weights) * layer.width)) ** 0.5
    assert hidden_density(layer) == pytest.approx(positive, abs=deviation + 0.02)


def test_neurons_that_are_active_for_one_token_are_for_others_too():
    """With the zoo's common part, 4 and 16 tokens activate about 0.53 and 0.78 of all neurons, not 0.68 and 0.99."""
    recipe = zoo()[NANO].model_copy(update={"experts": zoo()[NANO].chosen, "tokens": zoo()[NANO].tokens})
    layer = draw_experts("x", recipe, 0.2, 16, np.random.default_rng(0))
    active = np.stack([layer.activation @ one.up.T > 0 for one in layer.weights])
    assert active.mean() == pytest.approx(0.245, abs=0.03)
    assert active[:, :4].any(axis=1).mean() == pytest.approx(0.53, abs=0.04)
    assert active.any(axis=1).mean() == pytest.approx(0.785, abs=0.04)


def test_a_layer_of_the_zoo_has_the_published_shape():
    recipe = zoo()[NANO]
    assert [getattr(recipe, key).value for key in ("experts", "chosen", "inputs", "width")] == [128, 6, 2688, 1856]
    assert not recipe.gated
    layer = load_workload(NANO, scale=0.02, tokens=9).layer
    assert (layer.tokens, layer.chosen, layer.experts) == (9, 6, 128)
    assert find_kind("experts").recipe_weights(recipe) == pytest.approx(22.4 * 2 * 2688 * 1856, rel=0.01)


def test_arrays_hold_the_matrices_of_all_experts_and_those_that_are_chosen_are_kept():
    given = arrays(gate=(4, 5, 6))
    layer = load_workload(given).layer
    assert layer.numbers.tolist() == [0, 1, 3]
    assert layer.gated
    alone = {**given, "choice": given["choice"][:1], "activation": given["activation"][:1], "share": given["share"][:1]}
    np.testing.assert_array_equal(reference_output(layer)[:6], reference_output(load_workload(alone).layer))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"up": None}, "it has no up; expected the keys activation, choice, share, up, down, gate"),
        ({"router": (2, 2)}, "it has an unknown key router"),
        ({"down": (4, 5, 5)}, "down has shape \\[4, 5, 5\\]; expected \\[4 experts, 6 inputs, 5 width\\]"),
        ({"share": (3, 1)}, "share has shape \\[3, 1\\]; expected \\[3 tokens, 2 chosen\\]"),
    ],
)
def test_arrays_that_are_refused(changes, sentence):
    with pytest.raises(InputError, match=sentence):
        load_workload(arrays(**changes))


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        ([[0, 1]], "choice is int64 \\[1, 2\\]; expected whole numbers \\[3 tokens, chosen\\]"),
        ([[0.0, 1], [0, 1], [0, 1]], "choice is float64"),
        ([[0, 4], [0, 1], [0, 1]], "choice has 0 to 4; expected experts from 0 to 3"),
        ([[2, 2], [0, 1], [0, 1]], "a token chose an expert twice; expected different experts of each token"),
    ],
)
def test_choices_that_are_refused(choice, sentence):
    with pytest.raises(InputError, match=sentence):
        load_workload({**arrays(), "choice": np.array(choice)})


@pytest.mark.parametrize(
    ("recipe", "sentence"),
    [
        ({"chosen": 129}, "chosen"),
        ({"routing": "never"}, "routing"),
        ({"tokens": 10**9}, "tokens and 128 experts; expected at most 16,777,216 of both multiplied"),
        ({"inputs": 1 << 40}, "which take about"),
    ],
)
def test_recipes_that_are_refused(recipe, sentence):
    with pytest.raises(InputError, match=sentence):
        load_workload(NANO, recipe=recipe)


def test_other_tokens_take_the_place_of_the_given_ones():
    assert load_workload(arrays(), activation=np.ones((3, 6))).layer.activation.code.min() > 0
    with pytest.raises(InputError, match=r"expected numbers \[3, 6\]"):
        load_workload(arrays(), activation=np.ones((4, 6)))


def test_pruning_keeps_a_share_of_each_matrix():
    layer = compress_experts(drawn_experts(0, 3, 4, 2, 40, 30), 0.25, ProductFormat("bf16"))
    assert layer.weight_density == pytest.approx(0.25, abs=1e-3)
    assert all(np.count_nonzero(one.code) == 300 for expert in layer.weights for one in expert.matrices)


def test_sums_of_int8_are_bounded_for_both_matrices():
    layer = drawn_experts(0, 1, 1, 1, 2, 140_000)
    with pytest.raises(InputError, match="it has 140,000 inputs; expected at most"):
        compress_experts(layer, None, ProductFormat("int8"))


def test_compress_says_that_experts_are_not_stored(tmp_path):
    np.savez(tmp_path / "mix.npz", **arrays())
    with pytest.raises(InputError, match=r"no weights that are read \(mix: experts are not stored\)"):
        compress_matrices(read_matrices(str(tmp_path / "mix.npz")), None, 4, 4)


def test_a_result_says_how_many_experts_were_touched():
    found = run(load_arch("tensor"), arrays()).to_dict()
    assert found["experts_touched"] == 3
    assert 0 < found["hidden_density"] < 1
