"""Recipe and seed -> a fully connected layer with drawn weights and a drawn input."""

from typing import Annotated

import numpy as np
from pydantic import Field

from workloads.errors import InputError
from workloads.kinds.drawing import MOST_WEIGHTS, Activations, Density, Size, Weights, check_bytes, scales
from workloads.kinds.fully_connected.layer import FullyConnected, check_sides
from workloads.yaml_files import Strict, Text

WEIGHT_BYTES, KEPT_BYTES = 4, 40
"""Of memory that a weight takes while a layer is compressed, and that one that is kept takes more: k-means has it as
float64 with sums and squares."""


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


def draw(
    name: str, recipe: Recipe, scale: float, rng: np.random.Generator, density: float | None = None
) -> FullyConnected:
    """Draw a layer, not yet pruned, with both sides of the matrix multiplied by `scale` (at least 1 remains).

    density: of the weights that will be kept, None for the recipe's. InputError where there are more than 2**28
    weights, or 2**24 inputs or outputs, or where those that are kept take more than 2 GiB.
    """
    inputs = max(1, round(recipe.inputs.value * scale))
    outputs = max(1, round(recipe.outputs.value * scale))
    check_sides(name, inputs, outputs)
    if inputs * outputs > MOST_WEIGHTS:
        raise InputError(f"{name}: it has {inputs} x {outputs} weights; expected at most 2**28 to draw")
    kept = recipe.weight_density.value if density is None else density
    size = inputs * outputs * (WEIGHT_BYTES + KEPT_BYTES * kept)
    check_bytes(name, f"{inputs} x {outputs} weights and keeps {100 * kept:.3g} % of them", size)
    rows, columns = scales(recipe.weights, outputs, inputs, rng)
    weight = rng.standard_normal((outputs, inputs), dtype=np.float32)
    weight *= rows[:, None]
    weight *= columns[None, :]
    spread = np.float32(recipe.weights.bias_scale.value)
    bias = rng.standard_normal(outputs, dtype=np.float32) * spread if recipe.bias else None
    activation = _draw_activation(recipe.activations, inputs, rng)
    return FullyConnected(name, weight, bias, activation, recipe.relu)


def _draw_activation(recipe: Activations, inputs: int, rng: np.random.Generator) -> np.ndarray:
    """Exactly round(density x inputs) non-zeros at uniformly drawn places; magnitudes not rounded away at 16 bits."""
    count = round(recipe.density.value * inputs)
    place = rng.permutation(inputs)[:count]
    magnitude = np.maximum(np.abs(rng.standard_normal(count, dtype=np.float32)), np.float32(1 / 256))
    sign = 1 if recipe.distribution == "half-normal" else np.where(rng.random(count) < 0.5, -1, 1)
    activation = np.zeros(inputs, np.float32)
    activation[place] = magnitude * sign
    return activation
