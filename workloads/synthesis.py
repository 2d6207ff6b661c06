"""Recipe and seed -> a fully connected layer with drawn weights and a drawn input; what all recipes are made of."""

import zlib
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from workloads.documents import Strict, Text
from workloads.errors import InputError
from workloads.layers import FullyConnected

MOST_WEIGHTS = 1 << 31
"""8 GiB before pruning."""
Fraction = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class Size(Strict):
    """A count with the place where it is published."""

    value: Annotated[int, Field(ge=1)]
    source: Text


class Density(Strict):
    """A share of non-zeros with the place where it is published."""

    value: Fraction
    source: Text


class Spread(Strict):
    """A logarithm's standard deviation with where it comes from; 0 is none."""

    value: Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)]
    source: Text


class Width(Strict):
    """A Gaussian's standard deviation with where it comes from."""

    value: Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)]
    source: Text


class Weights(Strict):
    """The distribution of weights before pruning: Gaussian, with log-normal scales of rows and columns.

    w[i, j] = row[i] x column[j] x normal, row = exp(row_scale x normal), column likewise. Pruning by magnitude turns
    the scales into rows and columns of unequal density, the more so the fewer weights stay. Biases are Gaussian, with
    `bias_scale` as their standard deviation, and not pruned.
    """

    distribution: Literal["gaussian-lognormal"]
    row_scale: Spread
    column_scale: Spread
    bias_scale: Width


class Activations(Strict):
    """The distribution of the non-zero inputs; half-normal is what ReLU leaves of a Gaussian."""

    distribution: Literal["half-normal", "normal"]
    density: Density


class StoredSize(Strict):
    """What Deep Compression publishes of a layer's storage after pruning and sharing."""

    kept_percent: Annotated[float, Field(gt=0, le=100)]
    size_percent: Annotated[float, Field(gt=0, le=100)]  # of 32-bit dense weights
    weight_bits: Annotated[int, Field(ge=1, le=8)]
    index_bits: Annotated[int, Field(ge=1, le=8)]
    source: Text


class Recipe(Strict):
    """A fully connected layer of a paper: shape, densities, and how to draw what is not published."""

    about: Text
    inputs: Size
    outputs: Size
    bias: bool
    relu: bool
    weight_density: Density
    weights: Weights
    activations: Activations
    stored: StoredSize | None = None


def generator(name: str, seed: int) -> np.random.Generator:
    """The generator of one layer: the same for a name and a seed wherever it is called."""
    return np.random.Generator(np.random.PCG64([seed, zlib.crc32(name.encode())]))


def draw(name: str, recipe: Recipe, scale: float, rng: np.random.Generator) -> FullyConnected:
    """Draw a layer, not yet pruned, with both sides of the matrix multiplied by `scale` (at least 1 remains)."""
    inputs = max(1, round(recipe.inputs.value * scale))
    outputs = max(1, round(recipe.outputs.value * scale))
    if inputs * outputs > MOST_WEIGHTS:
        raise InputError(f"{name}: it has {inputs} x {outputs} weights; expected at most 2**31 to draw")
    rows, columns = scales(recipe.weights, outputs, inputs, rng)
    weight = rng.standard_normal((outputs, inputs), dtype=np.float32)
    weight *= rows[:, None]
    weight *= columns[None, :]
    spread = np.float32(recipe.weights.bias_scale.value)
    bias = rng.standard_normal(outputs, dtype=np.float32) * spread if recipe.bias else None
    activation = _draw_activation(recipe.activations, inputs, rng)
    return FullyConnected(name, weight, bias, activation, recipe.relu)


def scales(weights: Weights, outputs: int, inputs: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The drawn scales of rows and columns, float32 [outputs] and [inputs]."""
    rows = np.exp(weights.row_scale.value * rng.standard_normal(outputs)).astype(np.float32)
    columns = np.exp(weights.column_scale.value * rng.standard_normal(inputs)).astype(np.float32)
    return rows, columns


def _draw_activation(recipe: Activations, inputs: int, rng: np.random.Generator) -> np.ndarray:
    """Exactly round(density x inputs) non-zeros at uniformly drawn places; magnitudes not rounded away at 16 bits."""
    count = round(recipe.density.value * inputs)
    place = rng.permutation(inputs)[:count]
    magnitude = np.maximum(np.abs(rng.standard_normal(count, dtype=np.float32)), np.float32(1 / 256))
    sign = 1 if recipe.distribution == "half-normal" else np.where(rng.random(count) < 0.5, -1, 1)
    activation = np.zeros(inputs, np.float32)
    activation[place] = magnitude * sign
    return activation
