"""GRU layers of a recipe: recipe and seed -> layers with drawn weights and a drawn sequence."""

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from workloads.kinds.drawing import Density, Size, Width, check_bytes
from workloads.kinds.gru.layer import Gru, GruStack
from workloads.yaml_files import Strict, Text

WEIGHT_BYTES, VALUE_BYTES = 40, 64
"""Of memory that a weight, and an input and a state of a time step, take while a layer is drawn and compressed."""


class Layers(Strict):
    """How many layers there are, with where that is from."""

    value: Annotated[int, Field(ge=1, le=64)]
    source: Text


class Steps(Strict):
    """How many time steps there are, each of them simulated, with where that is from."""

    value: Annotated[int, Field(ge=1, le=1 << 16)]
    source: Text


class Limit(Strict):
    """The largest magnitude that an input may reach, with where that is from."""

    value: Annotated[float, Field(gt=0, le=128, allow_inf_nan=False)]
    source: Text


class Sequence(Strict):
    """How inputs are drawn: Gaussian steps of this width, each alone or added to the value before (a random walk)."""

    distribution: Literal["walk", "normal"]
    width: Width
    limit: Limit


class GruRecipe(Strict):
    """GRU layers: sizes, the width of Gaussian weights and biases, and how the inputs are drawn."""

    about: Text
    inputs: Size
    states: Size
    layers: Layers
    steps: Steps
    weight_width: Width
    bias_width: Width
    weight_density: Density
    sequence: Sequence
    stored: None = None  # no published storage by stage


def draw_gru(recipe: GruRecipe, name: str, scale: float, steps: int | None, rng: np.random.Generator) -> GruStack:
    """Draw layers, not yet pruned, with inputs and states multiplied by `scale` (at least 1 remains), and a sequence.

    steps: of the sequence; None: the recipe's. InputError where they take more than 2 GiB.
    """
    inputs, cells = (max(1, round(one.value * scale)) for one in (recipe.inputs, recipe.states))
    length, count = steps or recipe.steps.value, recipe.layers.value
    weights = count * 3 * cells * (1 + max(inputs, cells) + cells)
    what = f"{inputs:,} inputs, {cells:,} states and {count} layers in {length:,} steps"
    check_bytes(name, what, WEIGHT_BYTES * weights + VALUE_BYTES * length * (inputs + count * cells))
    layers, below = list[Gru](), inputs
    for number in range(count):
        layers.append(_layer(recipe, f"{name}.l{number}" if count > 1 else name, below, cells, rng))
        below = cells
    values = walk(recipe.sequence, length, inputs, rng)
    return GruStack(name, (layers[0]._replace(activation=values), *layers[1:]))


def walk(sequence: Sequence, steps: int, inputs: int, rng: np.random.Generator) -> np.ndarray:
    """The drawn inputs of a sequence, float32 [steps, inputs], within its limit."""
    moves = rng.standard_normal((steps, inputs)) * sequence.width.value
    values = np.cumsum(moves, axis=0) if sequence.distribution == "walk" else moves
    return np.clip(values, -sequence.limit.value, sequence.limit.value).astype(np.float32)


def _layer(recipe: GruRecipe, name: str, inputs: int, cells: int, rng: np.random.Generator) -> Gru:
    drawn = rng.standard_normal((1 + inputs + cells, 3, cells)).astype(np.float32)
    weights = (drawn[1:] * np.float32(recipe.weight_width.value)).transpose(1, 2, 0)
    return Gru(
        name=name,
        weight_input=weights[..., :inputs].copy(),
        weight_hidden=weights[..., inputs:].copy(),
        bias=drawn[0] * np.float32(recipe.bias_width.value),
        activation=None,
    )
