"""Recipe and seed -> experts with drawn weights, tokens and choices.

A sum of an up matrix (of a gate, where there is one) is Gaussian over tokens and neurons, and positive for a stated
share of them: tokens have a common mean, weights are shifted against it. The same mean gives each neuron a part that
all tokens share, so that some neurons are active for most tokens and others for few.
"""

import math
from statistics import NormalDist
from typing import Annotated, Self

import numpy as np
from pydantic import AfterValidator, Field, model_validator

from workloads.distinct import distinct
from workloads.errors import InputError
from workloads.kinds.drawing import Density, Size, check_bytes
from workloads.kinds.experts.layer import Expert, Experts
from workloads.kinds.experts.router import EVERY, UNIFORM, draw_choice, exponent_of
from workloads.yaml_files import Strict, Text

BYTES = 6
"""Of memory that a weight takes while all are drawn and compressed."""
MOST_CHOICES = 1 << 24
"""Of tokens and experts: some seconds of routing."""
LEAST = 1e-6
"""Shares below, and above 1 less it, are drawn as this share."""


def _routing(value: str) -> str:
    if value not in (UNIFORM, EVERY):
        try:
            exponent_of(value)
        except InputError as error:
            raise ValueError(str(error).partition("expected ")[2]) from None
    return value


class Routing(Strict):
    """How tokens choose experts, see `router.draw_choice`, with where it comes from."""

    value: Annotated[str, AfterValidator(_routing)]
    source: Text


class Common(Strict):
    """The share of the variance of a neuron's sums that all tokens share, with where it comes from."""

    value: Annotated[float, Field(ge=0, le=0.99, allow_inf_nan=False)]
    source: Text


class ExpertsRecipe(Strict):
    """Sizes, each with its source, how tokens choose, and how many sums between the matrices are positive."""

    about: Text
    tokens: Size
    experts: Size
    chosen: Size  # experts of a token
    inputs: Size
    width: Size
    gated: bool  # three matrices and SiLU; else two, and squared ReLU
    routing: Routing
    positive: Density  # of the sums of the up matrix, or of the gate
    common: Common

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.chosen.value > self.experts.value:
            raise ValueError(f"at most {self.experts.value} chosen, the number of experts")
        return self


def draw_experts(
    name: str, recipe: ExpertsRecipe, scale: float, tokens: int | None, rng: np.random.Generator
) -> Experts:
    """Experts that any of the tokens chose; inputs and width times `scale`. tokens: in place of the recipe's.

    InputError where they are too large.
    """
    inputs, width = (max(1, round(one.value * scale)) for one in (recipe.inputs, recipe.width))
    count = tokens or recipe.tokens.value
    choices = max(count, count * recipe.experts.value)
    if choices > MOST_CHOICES:
        raise InputError(
            f"{name}: it has {count:,} tokens and {recipe.experts.value:,} experts; expected at most {MOST_CHOICES:,} "
            "of both multiplied"
        )
    least = recipe.experts.value if recipe.routing.value == EVERY else 0
    _check(name, (3 if recipe.gated else 2) * inputs * width, min(least, count * recipe.chosen.value), count * inputs)
    choice = draw_choice(count, recipe.experts.value, recipe.chosen.value, recipe.routing.value, rng)
    numbers = distinct(choice)
    _check(name, (3 if recipe.gated else 2) * inputs * width, len(numbers), count * inputs)
    mean, shift = _means(recipe, inputs)
    score = 1 / (1 + np.exp(-rng.standard_normal(choice.shape)))
    return Experts(
        name=name,
        activation=rng.standard_normal((count, inputs), dtype=np.float32) + np.float32(mean),
        choice=choice,
        share=(score / score.sum(axis=1, keepdims=True)).astype(np.float32),
        experts=recipe.experts.value,
        weights=tuple(_draw_expert(recipe, inputs, width, shift, rng) for _ in numbers),
    )


def _check(name: str, weights: int, experts: int, inputs: int) -> None:
    """InputError where experts of `weights` weights each, and `inputs` inputs of all tokens, take too much memory."""
    experts = max(1, experts)
    size = experts * weights + 4 * inputs
    check_bytes(name, f"{experts:,} experts of {weights:,} weights and {inputs:,} inputs", BYTES * size)


def _means(recipe: ExpertsRecipe, inputs: int) -> tuple[float, float]:
    """The mean of inputs, and what is added to weights of the variance 1 / inputs, see above.

    Sums have the mean inputs x mean x shift and the variance 1 + mean**2 + inputs x shift**2, in which mean**2 is the
    part that all tokens share.
    """
    share, common = min(max(recipe.positive.value, LEAST), 1 - LEAST), recipe.common.value
    level = NormalDist().inv_cdf(share)
    square = max(common / (1 - common), (math.sqrt(inputs) + level**2) / inputs)
    shift = level * math.sqrt((1 + square) / (inputs * square - level**2) / inputs)
    return math.sqrt(square), shift


def _draw_expert(recipe: ExpertsRecipe, inputs: int, width: int, shift: float, rng: np.random.Generator) -> Expert:
    """Gaussian weights, shifted in the matrix whose sums decide."""

    def matrix(rows: int, columns: int, added: float) -> np.ndarray:
        weight = rng.standard_normal((rows, columns), dtype=np.float32)
        weight *= np.float32(1 / math.sqrt(columns))
        return weight + np.float32(added) if added else weight

    gate = matrix(width, inputs, shift) if recipe.gated else None
    return Expert(matrix(width, inputs, 0 if recipe.gated else shift), matrix(inputs, width, 0), gate)
