"""rxnmapper's ALBERT on a small wheel of our own; what the real one recovers is slow."""

import math

import numpy as np
import pytest
from support.albert_weights import albert_weights
from support.torch_files import torch_file

from workloads.errors import InputError
from workloads.experiments import aqn
from workloads.sources.pretrained import albert as module
from workloads.sources.pretrained.albert import (
    FOLDER,
    LINEAR,
    NORMS,
    REACTIONS,
    albert,
    albert_attention,
    albert_network,
    forward,
    mask,
    softmax_attention,
)

TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "C", "O", "N", "=", ">>", "Br", "Cl", "(", ")", ".", "c", "1")
EMBEDDED, HIDDEN, INNER = 8, 16, 24


@pytest.fixture
def wheel(monkeypatch, tmp_path):
    """Random weights in the file format of the real wheel."""
    rng = np.random.default_rng(0)
    arrays = albert_weights(rng, len(TOKENS), EMBEDDED, HIDDEN, INNER, lambda _: 4)
    storages = {str(i): array.ravel() for i, array in enumerate(arrays.values())}
    tensors = {}
    for i, (name, array) in enumerate(arrays.items()):
        strides = tuple(math.prod(array.shape[d + 1 :]) for d in range(array.ndim))
        tensors[name] = (str(i), 0, array.shape, strides)
    folder = tmp_path / FOLDER
    folder.mkdir(parents=True)
    (folder / "pytorch_model.bin").write_bytes(torch_file(storages, tensors))
    (folder / "vocab.txt").write_text("\n".join(TOKENS) + "\n")
    monkeypatch.setattr(module, "wheel_member", lambda _, member: tmp_path / member)
    monkeypatch.setattr(module, "REACTIONS", ("CC(=O)O.OC>>CC(=O)OC", "CBr.NC>>CNC"))
    monkeypatch.setattr(aqn, "REACTIONS", module.REACTIONS)
    albert.cache_clear()
    yield arrays
    albert.cache_clear()


def by_hand(arrays, tokens):
    """The same network with explicit loops over heads and tokens, in float64."""

    def linear(name, values):
        return values @ arrays[f"{LINEAR[name]}.weight"].T + arrays[f"{LINEAR[name]}.bias"]

    def norm(name, values):
        centred = values - values.mean(axis=1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-12)
        return scaled * arrays[f"{NORMS[name]}.weight"] + arrays[f"{NORMS[name]}.bias"]

    def gelu(values):
        return np.array([[x * 0.5 * math.erfc(-x / math.sqrt(2)) for x in row] for row in values.tolist()])

    word, position, kind = (
        arrays[f"albert.embeddings.{n}_embeddings.weight"] for n in ("word", "position", "token_type")
    )
    hidden = linear("embedding", norm("embeddings", word[tokens] + position[: len(tokens)] + kind[0]))
    size = HIDDEN // 8
    for _ in range(12):
        query, key, value = (linear(name, hidden) for name in ("query", "key", "value"))
        context = np.zeros_like(hidden)
        for head in range(8):
            part = slice(head * size, (head + 1) * size)
            for token in range(len(tokens)):
                score = np.exp(query[token, part] @ key[:, part].T / math.sqrt(size))
                context[token, part] = score / score.sum() @ value[:, part]
        attended = norm("attention", hidden + linear("attention", context))
        hidden = norm("layer", attended + linear("ffn_output", gelu(linear("ffn", attended))))
    return linear("vocabulary", norm("prediction", gelu(linear("prediction", hidden))))


def test_logits_are_those_of_explicit_loops(wheel):
    tokens = albert().encode("CC(=O)O.OC>>CC(=O)OC")
    assert np.allclose(forward(albert(), tokens), by_hand(wheel, tokens), atol=2e-3)


@pytest.mark.usefixtures("wheel")
def test_tokens_and_masks():
    network = albert()
    assert [network.tokens[one] for one in network.encode("CBr.Cl>>c1")] == [
        "[CLS]", "C", "Br", ".", "Cl", ">>", "c", "1", "[SEP]",
    ]  # fmt: skip
    masked = mask(network, "CBr.Cl>>c1")
    assert masked.places.tolist() == [1, 3, 5, 7]
    assert (masked.given == TOKENS.index("[MASK]")).nonzero()[0].tolist() == masked.places.tolist()
    with pytest.raises(InputError, match="the token '\\[Zn\\]' is unknown; expected a reaction in SMILES"):
        network.encode("C[Zn]C")


@pytest.mark.usefixtures("wheel")
def test_layers_are_the_matrices_in_running_order():
    found = albert_network(1)
    assert len(found.layers) == 3 + 12 * 6
    assert [layer.name for layer in found.layers[:7]] == [
        "embedding", *(f"pass1.{name}" for name in ("query", "key", "value", "attention", "ffn", "ffn_output")),
    ]  # fmt: skip
    assert [layer.name for layer in found.layers[-2:]] == ["prediction", "vocabulary"]
    seen = {}
    forward(albert(), mask(albert(), module.REACTIONS[1]).given, lambda name, values: seen.setdefault(name, values))
    for layer in found.layers:
        assert np.array_equal(layer.activation, seen[layer.name][1].astype(np.float32))
    with pytest.raises(InputError, match="sample is 2; expected a reaction from 0 to 1"):
        albert_network(2)


@pytest.mark.usefixtures("wheel")
def test_rounded_inputs_and_other_weights_change_logits():
    network, tokens = albert(), albert().encode("CBr.NC>>CNC")
    plain = forward(network, tokens)
    assert np.array_equal(forward(network, tokens, quantise=lambda values: values), plain)
    assert not np.array_equal(forward(network, tokens, quantise=np.round), plain)
    other = network.with_weights({"query": network.linear("query")[0] * 2})
    assert not np.array_equal(forward(other, tokens), plain)
    assert np.array_equal(forward(network, tokens), plain)


def test_the_schedule_is_qerls():
    found = [aqn.schedule(step, 1000) for step in range(0, 1000, 100)]
    expected = [0, 0.01, 0.005623, 0.003162, 0.001778, 0.001, 0.000562, 0.000316, 0.000178, 0.0001]
    assert found == pytest.approx(expected, abs=5e-7)
    assert aqn.schedule(99, 1000) == 0
    assert aqn.schedule(100, 1000) == 0.01
    for bad in (-1, 1000):
        with pytest.raises(InputError, match="expected one from 0 to 999"):
            aqn.schedule(bad, 1000)
    with pytest.raises(InputError, match="stages is 2; expected 3 or more"):
        aqn.schedule(0, 10, stages=2)


@pytest.mark.usefixtures("wheel")
def test_noise_off_gives_the_same_bits_and_noise_on_is_drawn_once_a_run():
    one = mask(albert(), "CBr.NC>>CNC")
    plain = aqn.predicted(albert(), one)
    assert np.array_equal(aqn.predicted(albert(), one, aqn.add_noise(0, np.random.default_rng(0))), plain)
    drawn = [aqn.predicted(albert(), one, aqn.add_noise(0.1, np.random.default_rng(3))) for _ in range(2)]
    assert np.array_equal(*drawn)
    assert not np.array_equal(drawn[0], plain)
    change = aqn.add_noise(0.5, np.random.default_rng(0))
    weight = np.ones(4, np.float32)
    assert np.array_equal(change("layer", weight), change("layer", weight))


@pytest.mark.usefixtures("wheel")
def test_the_study_of_noise(monkeypatch):
    monkeypatch.setattr(aqn, "SIGMAS", (0.0, 0.3))
    monkeypatch.setattr(aqn, "DRAWS", 2)
    found = aqn.study(0, lambda _: None)
    assert [table["title"][:5] for table in found["tables"]] == ["noise", "noise", "QeRL'"]
    quiet, loud = found["points"][:2]
    assert (quiet["divergence"], quiet["spread"]) == (0, 0)
    assert loud["divergence"] > 0
    assert loud["spread"] > 0


def test_entropy_and_divergence_are_formulas():
    share = np.array([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0]])
    assert aqn.entropy(share) == pytest.approx(math.log(2) / 2)
    assert aqn.kl(share, share) == 0
    assert aqn.kl(np.array([[0.5, 0.5]]), np.array([[0.25, 0.75]])) == pytest.approx(
        0.5 * math.log(2) + 0.5 * math.log(2 / 3)
    )


@pytest.mark.slow
def test_the_real_network_recovers_masked_tokens():
    network = albert()
    masked = [mask(network, reaction) for reaction in REACTIONS]
    found = sum(
        int((forward(network, one.given)[one.places].argmax(axis=1) == one.right[one.places]).sum()) for one in masked
    )
    assert (found, sum(one.places.size for one in masked)) == (241, 282)


@pytest.mark.usefixtures("wheel")
def test_other_attention_takes_the_place_of_the_softmax():
    network = albert()
    one, seen = mask(network, "CBr.Cl>>c1"), []

    def attend(query, key, value):
        seen.append((query.shape, key.shape, value.shape))
        return softmax_attention(query, key, value)

    np.testing.assert_array_equal(forward(network, one.given, attend=attend), forward(network, one.given))
    assert len(seen) == 12
    assert len({shape for shapes in seen for shape in shapes}) == 1
    silent = forward(network, one.given, attend=lambda query, key, value: 0 * value)  # noqa: ARG005
    assert not np.array_equal(silent, forward(network, one.given))


@pytest.mark.usefixtures("wheel")
def test_attentions_are_what_the_passes_compute():
    network = albert()
    given = mask(network, module.REACTIONS[1]).given
    found = albert_attention(1)
    assert [layer.name for layer in found.layers] == [f"pass{n}" for n in range(1, 13)]
    assert all(layer.query.shape[1] == given.size and not layer.causal for layer in found.layers)
    inputs = {}
    forward(network, given, watch=lambda name, values: inputs.setdefault(name, values))
    for layer in found.layers:
        context = softmax_attention(layer.query, layer.key, layer.value).transpose(1, 0, 2).reshape(given.size, -1)
        np.testing.assert_array_equal(context, inputs[f"{layer.name}.attention"])


@pytest.mark.usefixtures("wheel")
def test_attentions_of_a_reaction_that_is_not_there():
    with pytest.raises(InputError, match="rxnmapper-attention: sample is 2; expected a reaction from 0 to 1"):
        albert_attention(2)
