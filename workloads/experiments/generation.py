"""What generated tokens make of the order of additions: masked reactions filled in on 1, 2, 4 and 8 chips.

The trained ALBERT of rxnmapper fills in half the tokens of a reaction in several rounds, the surest first, each drawn
from its distribution; what it fills in is read in the next round. Its two row-parallel products, after attention and
after the feed-forward layer, are split over chips. All else is the same: weights, masks and draws.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from kernels_ref.reduction import add_ring, check_split, local_sums, rounded, tree
from workloads.sources.pretrained.albert import LINEAR, REACTIONS, Albert, forward, softmax
from workloads.study import Progress

KIND, TILE = "bf16", 16
"""Tiles of 16 places: the layers have 256 and 512 inputs, and tiles of 256 would leave nothing to split."""
ROW_PARALLEL = "attention", "ffn_output"
CHIPS = 2, 4, 8
ROUNDS, SHARE = 6, 0.5
Product = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Input, float32 [tokens, inputs], and weight, float32 [inputs, outputs] -> float32 [tokens, outputs]."""


class Generated(NamedTuple):
    """A reaction that was filled in."""

    tokens: np.ndarray  # int64 [tokens]
    filled: np.ndarray  # int64 [masked]: the round in which each masked place was filled
    places: np.ndarray  # int64 [masked]
    first: np.ndarray  # float32 [masked, vocabulary]: the logits of the first round, where all inputs are equal


class Divergence(NamedTuple):
    """How far one way of adding is from another, over reactions."""

    texts: float  # the share of reactions with another token anywhere
    tokens: float  # the share of filled tokens that differ
    logits: float  # the share of the first round's logits whose bits differ
    probability: float  # the greatest difference of a probability in the first round
    first_round: float | None  # the round of the first other token, mean over reactions with one; None: there is none


def ring(chips: int) -> Product:
    """Sums of chips in FP32, added around a ring in BF16."""
    return lambda read, weight: add_ring(local_sums(read, weight, chips, KIND), KIND)


def fixed_tree(chips: int) -> Product:
    """The same in the order of a tree."""
    return lambda read, weight: tree(read, weight, chips, KIND, TILE)


def in_bf16(network: Albert) -> Albert:
    """The network with its matrices in BF16."""
    return network.with_weights({name: rounded(network.linear(name)[0], KIND) for name in LINEAR})


def fill_in(network: Albert, right: np.ndarray, product: Product, rng: np.random.Generator) -> Generated:
    """Mask a share of the tokens, int64 [tokens], and fill them in; rng: of masks and draws."""

    def multiply(name: str, read: np.ndarray, weight: np.ndarray) -> np.ndarray:
        if name in ROW_PARALLEL:
            return product(read, weight.T)
        return rounded(read @ weight.T, KIND)

    inner = np.arange(1, right.size - 1)
    places = np.sort(rng.permutation(inner)[: max(1, round(SHARE * inner.size))])
    mask, tokens = network.tokens.index("[MASK]"), right.copy()
    tokens[places] = mask
    filled, first = np.full(places.size, -1), np.zeros(0, np.float32)
    for turn in range(ROUNDS):
        logits = forward(network, tokens, quantise=lambda values: rounded(values, KIND), multiply=multiply)[places]
        first = first if turn else logits
        drawn = (logits + rng.gumbel(size=logits.shape)).argmax(axis=1)
        sure = np.where(filled < 0, softmax(logits)[np.arange(places.size), drawn], -1.0)
        count = -(-int(np.count_nonzero(filled < 0)) // (ROUNDS - turn))
        chosen = np.argsort(-sure, kind="stable")[:count]
        tokens[places[chosen]], filled[chosen] = drawn[chosen], turn + 1
    return Generated(tokens, filled, places, first)


def divergence(ours: Sequence[Generated], theirs: Sequence[Generated]) -> Divergence:
    """Of one way of adding from another, on the same masks and draws."""
    pairs = list(zip(ours, theirs, strict=True))
    differ = [one.tokens[one.places] != other.tokens[other.places] for one, other in pairs]
    rounds = [int(one.filled[wrong].min()) for wrong, (one, _) in zip(differ, pairs, strict=True) if wrong.any()]
    logits = [np.mean(one.first.view(np.int32) != other.first.view(np.int32)) for one, other in pairs]
    apart = [float(np.abs(softmax(one.first) - softmax(other.first)).max()) for one, other in pairs]
    return Divergence(
        texts=float(np.mean([wrong.any() for wrong in differ])),
        tokens=float(np.mean(np.concatenate(differ))),
        logits=float(np.mean(logits)),
        probability=max(apart),
        first_round=float(np.mean(rounds)) if rounds else None,
    )


def diverge(network: Albert, seed: int, progress: Progress) -> Iterator[tuple[str, int, Divergence]]:
    """The order, the number of chips, and the divergence from one chip with the same order, for each of both orders.

    InputError where a product cannot be split over the chips.
    """
    used, texts = in_bf16(network), [network.encode(reaction) for reaction in REACTIONS]
    for name in ROW_PARALLEL:
        check_split(network.linear(name)[0].shape[1], max(CHIPS), TILE)
    for order, product in (("ring", ring), ("tree", fixed_tree)):
        found = {}
        for chips in (1, *CHIPS):
            progress(f"seed {seed}, {order}, {chips} chips")
            draws = [np.random.default_rng([seed, number]) for number in range(len(texts))]
            found[chips] = [
                fill_in(used, *one) for one in zip(texts, [product(chips)] * len(texts), draws, strict=True)
            ]
            if chips > 1:
                yield order, chips, divergence(found[1], found[chips])
