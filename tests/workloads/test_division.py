"""Language models divided over chips: shares of each layer, what is exchanged, and what does not divide."""

import numpy as np
import pytest

from workloads.division import ALL_GATHER, ALL_REDUCE, ALL_TO_ALL, EXPERTS, NO_LAYER, REDUCE_SCATTER, TENSOR
from workloads.errors import InputError
from workloads.kinds import kind_of
from workloads.model import make_options, open_model

MODELS = ["llama2-7b", "nemotron3-nano", "nemotron3-super", "qwen3-30b-a3b"]


def divided(name, chips, split=TENSOR, **options):
    return open_model(name, make_options(**options)).divide(chips, split)


def operations(layer):
    return layer.load({}).layer.dense_operations


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("split", [TENSOR, EXPERTS])
def test_on_one_chip_it_has_the_layers_of_a_run(name, split):
    if split == EXPERTS and name == "llama2-7b":
        pytest.skip("it has no experts")
    whole, one = open_model(name, make_options()), divided(name, 1, split)
    assert sorted(layer.name for layer in one.model.layers) == sorted(layer.name for layer in whole.layers)
    assert {layer.name: layer.like for layer in one.model.layers} == {layer.name: layer.like for layer in whole.layers}
    assert all(stage.exchange is None for stage in one.stages)
    assert one.notes == ()


@pytest.mark.parametrize("chips", [2, 4, 8])
def test_llama_on_chips_by_hand(chips):
    """32 heads of 128, width 4,096, a hidden layer of 11,008 twice, 32,000 words; after each pair an all-reduce."""
    found = divided("llama2-7b", chips, batch=3)
    shapes = {}
    for stage in found.stages:
        assert len(set(stage.layers)) == 1
        layer = list(found.model.layers)[stage.layers[0]]
        shapes[stage.about] = (layer, stage.exchange)
    sizes = {about: kind_of(one.load({}).layer).shape(one.load({}).layer) for about, (one, _) in shapes.items()}
    assert sizes["attention in"] == f"3 x 4096 x {3 * 4096 // chips}"
    assert sizes["attention"] == f"{3 * 32 // chips} x 1 x 8192 x 128"
    assert sizes["attention out"] == f"3 x {4096 // chips} x 4096"
    assert sizes["MLP up"] == f"3 x 4096 x {2 * 11008 // chips}"
    assert sizes["MLP down"] == f"3 x {11008 // chips} x 4096"
    assert sizes["head"] == f"3 x 4096 x {32000 // chips}"
    for about, (_, exchange) in shapes.items():
        expected = (ALL_REDUCE, 3 * 4096 * 2) if about in ("attention out", "MLP down") else None
        assert (exchange and exchange[:2]) == expected


@pytest.mark.parametrize("name", ["llama2-7b", "longlive2"])
def test_operations_of_all_chips_are_those_of_one(name):
    """Where no part is on several chips whole."""
    one = sum(operations(layer) for layer in divided(name, 1).model.layers)
    assert sum(2 * operations(layer) for layer in divided(name, 2).model.layers) == one


def test_fewer_heads_of_keys_than_chips_are_on_several():
    """Nano has 2 heads of keys: on 8 chips 4 queries read one, which 4 chips have."""
    layers = {layer.name: layer for layer in divided("nemotron3-nano", 8).model.layers}
    attention = layers["5-attention"].load({}).layer
    assert kind_of(attention).shape(attention) == "4 x 1 x 8192 x 128"
    inputs = layers["5-attention-in"].load({}).layer
    assert kind_of(inputs).shape(inputs) == f"1 x 2688 x {(4 + 2) * 128}"


def test_a_latent_width_is_gathered_and_its_sums_are_scattered():
    stages = divided("nemotron3-super", 4, batch=2).stages
    block = [(one.name, one.exchange, one.needed) for one in stages if one.name.startswith("1-")]
    place = next(number for number, one in enumerate(stages) if one.name == "1-router")
    assert [name.removeprefix("1-") for name, _, _ in block] == [
        "router", "latent-down", "shared-up", "experts", "shared-down", "latent-up"
    ]  # fmt: skip
    found = {name.removeprefix("1-"): exchange[:2] for name, exchange, _ in block if exchange}
    assert found == {
        "latent-down": (ALL_GATHER, 2 * 1024 * 2),
        "experts": (REDUCE_SCATTER, 2 * 1024 * 2),
        "latent-up": (ALL_REDUCE, 2 * 4096 * 2),
    }
    needed = {name.removeprefix("1-"): needed - place for name, exchange, needed in block if exchange}
    assert needed == {"latent-down": 3, "experts": 5, "latent-up": 6}


@pytest.mark.parametrize("chips", [2, 8])
@pytest.mark.parametrize("name", ["nemotron3-nano", "nemotron3-super", "qwen3-30b-a3b"])
def test_experts_on_chips_are_those_that_the_tokens_of_one_chip_choose(name, chips):
    one, several = divided(name, 1, EXPERTS, batch=8), divided(name, chips, EXPERTS, batch=8)
    layers = list(several.model.layers)
    whole = {layer.name: layer for layer in one.model.layers if layer.kind == "experts"}
    rows = [stage for stage in several.stages if stage.name in whole]
    assert len(rows) == len(whole)
    for stage in rows[:3]:
        choice = whole[stage.name].load({}).layer.choice
        each = whole[stage.name].load({}).layer.experts // chips
        counts = np.zeros((chips, chips), int)
        for token, experts in enumerate(choice.tolist()):
            for expert in experts:
                counts[token * chips // len(choice), expert // each] += 1
        for chip, place in enumerate(stage.layers):
            chosen = sorted(expert - chip * each for expert in choice.ravel().tolist() if expert // each == chip)
            if place == NO_LAYER:
                assert not chosen
            else:
                layer = layers[place].load({}).layer
                assert layer.experts == each
                assert sorted(layer.choice.ravel().tolist()) == chosen
        np.fill_diagonal(counts, 0)
        sent = np.array(stage.exchange.shares).T
        assert stage.exchange.kind == ALL_TO_ALL
        size = sent.max() // counts.max()
        assert (sent == counts * size).all()


def test_what_is_sent_to_experts_is_what_comes_back():
    stages = divided("nemotron3-nano", 4, EXPERTS, batch=8).stages
    sent = next(one.exchange for one in stages if one.name == "1-router")
    back = next(one.exchange for one in stages if one.name == "1-experts")
    assert np.array_equal(np.array(sent.shares).T, back.shares)
    assert {value % (2688 * 2) for row in sent.shares for value in row} == {0}
    assert all(sent.shares[chip][chip] == 0 for chip in range(4))


@pytest.mark.parametrize("split", [TENSOR, EXPERTS])
def test_an_exchange_follows_the_side_path_of_its_part(split):
    stages = divided("nemotron3-nano", 2, split, lora=16, batch=2).stages
    after = {one.name for one in stages if one.exchange is not None and one.name.startswith(("0-", "1-"))}
    expected = {"0-mamba-out-lora-b", "1-shared-down-lora-b"} if split == TENSOR else {"1-router", "1-experts"}
    assert after == expected


def test_drafts_are_divided():
    whole, some = (divided("nemotron3-super", chips, drafts=2) for chips in (1, 4))
    assert [one.name for one in whole.stages] == [one.name for one in some.stages]
    assert sum(one.name.startswith("draft1-") for one in some.stages) > 4
    first = next(one for one in some.stages if one.name == "draft0-0-draft-in")
    assert first.exchange[:2] == (ALL_GATHER, 4096 * 2)


@pytest.mark.parametrize(
    ("name", "chips", "split", "options", "sentence"),
    [
        ("llama2-7b", 3, TENSOR, {}, "its 32 heads do not split evenly over 3 chips; expected a number of"),
        ("llama2-7b", 64, TENSOR, {}, "its 32 heads do not split evenly over 64 chips"),
        ("nemotron3-nano", 64, TENSOR, {}, "its 32 heads do not split evenly over 64 chips"),
        ("llama2-7b", 0, TENSOR, {}, "it is divided over 0 chips; expected 1 to 1024"),
        ("llama2-7b", 2, "rows", {}, "there is no such split; expected tensor or experts"),
        ("llama2-7b", 2, EXPERTS, {}, "it has no experts; expected a mixture of experts, or --split tensor"),
        ("nemotron3-nano", 2, EXPERTS, {}, "its batch of 1 sequence does not split evenly over 2 chips"),
        ("nemotron3-nano", 3, EXPERTS, {"batch": 6}, "its 128 experts do not split evenly over 3 chips"),
    ],
)  # fmt: skip
def test_what_does_not_divide(name, chips, split, options, sentence):
    with pytest.raises(InputError) as error:
        divided(name, chips, split, **options)
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)


def test_other_models_do_not_divide():
    assert open_model("alexnet", make_options()).divide is None
    assert open_model("llama2-7b/0-attention", make_options()).divide is None
