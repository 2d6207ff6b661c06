"""Masked tokens filled in on several chips: the tree changes nothing, the ring changes tokens."""

import json

import numpy as np
import pytest
from support.albert_weights import albert_weights

from simulator.studies import split_products, tbik
from workloads.experiments import generation
from workloads.experiments.generation import Divergence, Generated, divergence, fill_in, fixed_tree, ring
from workloads.sources.pretrained.albert import Albert

TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"CONFHPScno()[]=#123456789.-+@/\\Ilr", ">>", "Br", "Cl")
EMBEDDED, HIDDEN, INNER = 16, 256, 512


@pytest.fixture
def network():
    """As wide as rxnmapper's, with drawn weights."""
    rng = np.random.default_rng(0)
    arrays = albert_weights(rng, len(TOKENS), EMBEDDED, HIDDEN, INNER, lambda shape: shape[1] ** 0.5)
    return Albert({name: array.astype(np.float32) for name, array in arrays.items()}, TOKENS)


def filled(network, product, seed=0):
    return fill_in(
        network, network.encode("CC(=O)O.OCc1ccccc1>>CC(=O)OCc1ccccc1"), product, np.random.default_rng(seed)
    )


def test_what_is_filled_in(network):
    right = network.encode("CC(=O)O.OCc1ccccc1>>CC(=O)OCc1ccccc1")
    found = filled(network, ring(1))
    assert found.places.size == round((right.size - 2) / 2)
    assert 0 < found.places[0] < found.places[-1] < right.size - 1
    kept = np.setdiff1d(np.arange(right.size), found.places)
    np.testing.assert_array_equal(found.tokens[kept], right[kept])
    counts = np.bincount(found.filled)[1:]
    assert counts.size == generation.ROUNDS
    assert counts.min() > 0
    assert counts.max() - counts.min() <= 1
    again = filled(network, ring(1))
    np.testing.assert_array_equal(found.tokens, again.tokens)
    assert filled(network, ring(1), seed=1).places.tolist() != found.places.tolist()


def test_the_tree_diverges_nowhere_and_the_ring_does(network, monkeypatch):
    """The first logits of every chip count, and the tokens after three rounds."""
    monkeypatch.setattr(generation, "ROUNDS", 3)
    trees = [filled(network, fixed_tree(chips)) for chips in (1, 2, 4, 8)]
    for other in trees[1:]:
        assert other.first.tobytes() == trees[0].first.tobytes()
        assert divergence(trees[:1], [other])[:4] == (0, 0, 0, 0)
    rings = [filled(network, ring(chips)) for chips in (1, 2, 4, 8)]
    assert [divergence(rings[:1], [other]).logits > 0.3 for other in rings[1:]] == [True] * 3


def test_divergence_counts_texts_tokens_and_rounds():
    def text(*tokens, filled=(1, 2, 2)):
        return Generated(np.array([9, *tokens]), np.array(filled), np.array([1, 2, 3]), np.zeros((3, 2), np.float32))

    found = divergence([text(1, 2, 3), text(1, 2, 3)], [text(1, 2, 3), text(1, 5, 6)])
    assert found == Divergence(0.5, 2 / 6, 0.0, 0.0, 2.0)
    same = divergence([text(1, 2, 3)], [text(1, 2, 3)])
    assert same[:4] == (0, 0, 0, 0)
    assert same.first_round is None


@pytest.mark.slow
def test_the_study(monkeypatch, network):
    monkeypatch.setattr(tbik, "albert", lambda: network)
    monkeypatch.setattr(generation, "REACTIONS", ("CCO>>CC=O", "CC(=O)O.OC>>COC(C)=O"))
    monkeypatch.setattr(generation, "ROUNDS", 2)
    monkeypatch.setattr(split_products, "configurations", list)
    monkeypatch.setattr(tbik.reductions, "INPUTS", (2048,))
    found = tbik.study(3, str, seeds=2)
    rows = found["tables"][-1]["rows"]
    assert [row[:2] for row in rows] == [(order, chips) for order in ("ring", "tree") for chips in "248"]
    assert all(row[2:] == ("0.00 ± 0.00",) * 3 + ("0.0000", "none") for row in rows[3:])
    assert all(row[4] != "0.00 ± 0.00" for row in rows[:3])
    assert {one["seed"] for one in found["generated"]} == {3, 4}
    json.dumps(found, allow_nan=False)
