"""Which experts each token chooses: drawn, as if by a router."""

import numpy as np

from workloads.errors import InputError

UNIFORM, ZIPF, EVERY = "uniform", "zipf:", "every"
MOST_AT_ONCE = 1 << 22
"""Tokens times experts that are drawn at once, so that many tokens take little memory."""
MOST_EXPONENT = 10.0
"""Of Zipf's law: with it, the second expert is chosen a thousandth as often as the first."""


def draw_choice(tokens: int, experts: int, chosen: int, routing: str, rng: np.random.Generator) -> np.ndarray:
    """Distinct experts of each token, ascending: int64 [tokens, chosen].

    routing: `uniform`, all sets of experts are as likely; `zipf:S`, with weights 1 / (i + 1)**S of the experts in a
    random order, each drawn of those that are left; `every`, tokens are dealt so that no expert is chosen twice before
    all are chosen once. InputError where the routing is unknown, or more are chosen than there are.
    """
    if not 1 <= chosen <= experts:
        raise InputError(f"chosen is {chosen}; expected 1 to {experts}, the number of experts")
    if routing == EVERY:
        return np.sort(_deal(tokens, experts, chosen, rng), axis=1)
    weight = np.zeros(experts) if routing == UNIFORM else -exponent_of(routing) * np.log(np.arange(experts) + 1.0)
    order, some = rng.permutation(experts), max(1, MOST_AT_ONCE // experts)
    parts = [
        np.argpartition(-(weight[order] + rng.gumbel(size=(min(some, tokens - first), experts))), chosen - 1, axis=1)
        for first in range(0, tokens, some)
    ]
    return np.sort(np.concatenate([part[:, :chosen] for part in parts]), axis=1).astype(np.int64)


def exponent_of(routing: str) -> float:
    """The exponent of `zipf:S`. InputError where the routing is unknown, or S is no number from 0 to MOST_EXPONENT."""
    if routing.startswith(ZIPF):
        try:
            exponent = float(routing.removeprefix(ZIPF))
        except ValueError:
            exponent = -1.0
        if 0 <= exponent <= MOST_EXPONENT:
            return exponent
    expected = f"{UNIFORM}, {EVERY} or {ZIPF}S with S from 0 to {MOST_EXPONENT:g}"
    raise InputError(f"routing is {routing!r:.40}; expected {expected}")


def _deal(tokens: int, experts: int, chosen: int, rng: np.random.Generator) -> np.ndarray:
    """Experts in rounds of all of them, int64 [tokens, chosen]; a token that ends a round takes others in the next."""
    dealt, held = np.zeros((tokens, chosen), np.int64), np.zeros(0, np.int64)
    for token in range(tokens):
        first, held = held[:chosen], held[chosen:]
        if len(first) < chosen:
            following = rng.permutation(experts)
            twice = np.isin(following, first)
            following = np.concatenate([following[~twice], following[twice]])
            first, held = np.concatenate([first, following[: chosen - len(first)]]), following[chosen - len(first) :]
        dealt[token] = first
    return dealt
