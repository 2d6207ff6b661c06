"""Recipe and seed -> a state-space layer with drawn inputs, parameters and states.

Inputs, states and windows are Gaussian; time steps and decays are drawn as published networks begin their training.
"""

import math
from typing import Annotated, Self

import numpy as np
from pydantic import Field, model_validator

from workloads.errors import refuse
from workloads.kinds.drawing import Size, check_bytes
from workloads.kinds.state_space.layer import StateSpace, multiplies, token_width
from workloads.yaml_files import Strict, Text

Positive = Annotated[float, Field(gt=0, le=1e3, allow_inf_nan=False)]
MOST_PRODUCTS = 1 << 32
"""Multiply-adds of a layer that is drawn: a run takes a few minutes."""
BYTES = 40
"""Of memory that a number of a state or an input takes while it is drawn, compressed, read and compared."""


class Number(Strict):
    """A positive number with where it comes from."""

    value: Positive
    source: Text


class Span(Strict):
    """The least and the greatest of numbers that are drawn between them."""

    least: Number
    most: Number

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.least.value > self.most.value:
            raise ValueError(f"least at most {self.most.value:g}, which is most")
        return self


class StateSpaceRecipe(Strict):
    """Sizes, each with its source, and the ranges of time steps and decays."""

    about: Text
    sequences: Size
    steps: Size  # tokens of a sequence
    heads: Size
    head_width: Size
    state_width: Size
    groups: Size
    taps: Size
    time_steps: Span  # evenly in their logarithm
    decays: Span  # evenly
    state_spread: Number  # standard deviation of states

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.heads.value % self.groups.value:
            raise ValueError(f"groups that divide {self.heads.value} heads")
        return self


def draw_state_space(name: str, recipe: StateSpaceRecipe, scale: float, rng: np.random.Generator) -> StateSpace:
    """A layer with `head_width` and `state_width` times `scale`. InputError where it is too large."""
    many, steps, heads, groups, taps = (
        one.value for one in (recipe.sequences, recipe.steps, recipe.heads, recipe.groups, recipe.taps)
    )
    width, wide = (max(1, math.floor(one.value * scale)) for one in (recipe.head_width, recipe.state_width))
    channels, token = heads * width + 2 * groups * wide, token_width(heads, width, wide, groups)
    size = many * (heads * width * wide + steps * token + channels * taps) + channels * taps
    check_bytes(name, f"{size:,} numbers", BYTES * size)
    products = many * steps * groups * multiplies(heads // groups, width, wide, taps)
    if products > MOST_PRODUCTS:
        refuse(name, f"it has {products:,} multiply-adds", f"at most {MOST_PRODUCTS:,}")
    least, most = math.log(recipe.time_steps.least.value), math.log(recipe.time_steps.most.value)
    step = np.exp(rng.uniform(least, most, heads))
    return StateSpace(
        name=name,
        activation=rng.standard_normal((many, steps, token), dtype=np.float32),
        state=rng.standard_normal((many, heads, width, wide), dtype=np.float32) * np.float32(recipe.state_spread.value),
        window=rng.standard_normal((many, channels, taps - 1), dtype=np.float32),
        weight=rng.uniform(-1, 1, (channels, taps)).astype(np.float32) / np.float32(math.sqrt(taps)),
        bias=rng.uniform(-1, 1, channels).astype(np.float32) / np.float32(math.sqrt(taps)),
        time_bias=np.log(np.expm1(step)).astype(np.float32),  # softplus makes the step of it
        decay=rng.uniform(recipe.decays.least.value, recipe.decays.most.value, heads).astype(np.float32),
        skip=np.ones(heads, np.float32),
    )
