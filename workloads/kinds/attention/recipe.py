"""Recipe and seed -> attention with drawn queries, keys and values.

Scores have a part that a sink draws to the first key, a part that falls with the distance of query and key, and noise.
Each has numbers of a query and of a key of its own, so that scores are their sum.
"""

import math
from typing import Annotated, Self

import numpy as np
from pydantic import Field, model_validator

from workloads.errors import refuse
from workloads.kinds.attention.layer import Attention
from workloads.kinds.drawing import Size, check_bytes
from workloads.yaml_files import Strict, Text

Positive = Annotated[float, Field(ge=0, le=1e3, allow_inf_nan=False)]
MOST_PRODUCTS = 1 << 35
"""Of queries and keys, and as many of weights and values: a run takes a few minutes."""
BYTES = 24
"""Of memory that a number of a query, a key or a value takes while it is drawn, compressed and read."""


class Score(Strict):
    """A part of a score, in natural units, with where it comes from."""

    value: Positive
    source: Text


class Structure(Strict):
    """What scores are made of: their noise's standard deviation, and what is added to it."""

    noise: Score
    sink: Score  # to the score of the first key
    local: Score  # to the score of a query's own place, less with the distance
    reach: Size  # keys after which that is e**-0.5 of it


class AttentionRecipe(Strict):
    """Sizes, each with its source, and the structure of the scores."""

    about: Text
    sequences: Size
    heads: Size  # of queries, in a sequence
    key_heads: Size
    queries: Size
    keys: Size
    head_width: Size
    causal: bool
    scores: Structure

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.heads.value % self.key_heads.value:
            raise ValueError(f"key_heads that divide {self.heads.value} heads")
        if self.causal and self.queries.value > self.keys.value:
            raise ValueError("as many keys as queries or more, where it is causal")
        return self


def draw_attention(name: str, recipe: AttentionRecipe, scale: float, rng: np.random.Generator) -> Attention:
    """Queries and keys, as many of both times `scale`, and Gaussian values. InputError where they are too large."""
    queries, keys = (max(1, math.floor(one.value * scale)) for one in (recipe.queries, recipe.keys))
    width, many = recipe.head_width.value, recipe.sequences.value
    heads, key_heads = many * recipe.heads.value, many * recipe.key_heads.value
    size = (heads * queries + 2 * key_heads * keys) * width
    check_bytes(name, f"{size:,} numbers", BYTES * size)
    if heads * queries * keys * width > MOST_PRODUCTS:
        refuse(name, f"it has {heads * queries * keys * width:,} products of scores", f"at most {MOST_PRODUCTS:,}")
    pairs = (width - 1) // 4  # of numbers for the distance
    frequency = rng.standard_normal(pairs) / recipe.scores.reach.value
    places = np.arange(keys - queries, keys), np.arange(keys)
    query, key = (
        _vectors(shape, place, frequency, recipe.scores, rng)
        for shape, place in zip(((heads, queries, width), (key_heads, keys, width)), places, strict=True)
    )
    key[:, 1:, 0] = 0
    value = rng.standard_normal((key_heads, keys, width), dtype=np.float32)
    return Attention(name, query, key, value, recipe.causal)


def _vectors(
    shape: tuple[int, ...], place: np.ndarray, frequency: np.ndarray, scores: Structure, rng: np.random.Generator
) -> np.ndarray:
    """Queries or keys, float32 [heads, places, width]; place: int64 [places], frequency: float64 [pairs]."""
    width, pairs = shape[2], frequency.size
    root = math.sqrt(width)
    rest = width - 1 - 2 * pairs
    vectors = rng.standard_normal(shape, dtype=np.float32)
    vectors *= np.float32(math.sqrt(scores.noise.value * root / math.sqrt(max(1, rest))))
    vectors[:, :, 0] = math.sqrt(scores.sink.value * root)
    if pairs:
        angle = place[:, None] * frequency
        size = math.sqrt(scores.local.value * root / pairs)
        vectors[:, :, 1 : 1 + 2 * pairs] = size * np.concatenate([np.cos(angle), np.sin(angle)], axis=1)
    return vectors
