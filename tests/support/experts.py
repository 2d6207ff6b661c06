"""Small mixtures of experts for tests."""

import numpy as np

from simulator.core.registry import find
from workloads.distinct import distinct
from workloads.kinds.experts.compress import compress_experts
from workloads.kinds.experts.layer import Expert, Experts
from workloads.kinds.experts.router import draw_choice


def drawn_experts(
    seed, tokens=3, experts=4, chosen=2, inputs=70, width=20, gated=False, routing="uniform", spread=1.0, density=1.0
):  # fmt: skip
    """Gaussian tokens and matrices, shares of both signs; spread: of the up matrix and the gate; density: of tokens."""
    rng = np.random.default_rng(seed)

    def matrix(*shape):
        return (spread * rng.standard_normal(shape) / shape[1] ** 0.5).astype(np.float32)

    choice = draw_choice(tokens, experts, chosen, routing, rng)
    weights = [
        Expert(matrix(width, inputs), matrix(inputs, width), matrix(width, inputs) if gated else None)
        for _ in distinct(choice)
    ]
    share = rng.standard_normal(choice.shape, dtype=np.float32)
    activation = rng.standard_normal((tokens, inputs), dtype=np.float32)
    activation *= np.random.default_rng([seed, 1]).random(activation.shape) < density
    return Experts("drawn", activation, choice, share, experts, tuple(weights))


def inputs_for(name):
    """More inputs than a block of a number format has, and no multiple of it."""
    return 140 if "g128" in name else 36


def experts_for(arch, layer, density=None):
    """A layer as a tensor engine reads it."""
    return compress_experts(layer, density, find("tensor").formats(arch)["experts"])
