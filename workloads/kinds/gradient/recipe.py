"""Recipe and seed -> the gradient of a tensor, with Gaussian velocity and residual."""

from typing import Annotated

import numpy as np
from pydantic import Field

from workloads.kinds.drawing import Size, Width, check_bytes
from workloads.kinds.gradient.arrays import check_momentum
from workloads.kinds.gradient.layer import Gradient
from workloads.yaml_files import Strict, Text

BYTES = 120
"""Of memory that an element takes while it is drawn, sent and compared."""


class SentDensity(Strict):
    """The share of elements that is sent, with where that is from."""

    value: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]
    source: Text


class Momentum(Strict):
    """What stays of a velocity in a step, with where that is from."""

    value: Annotated[float, Field(ge=0, lt=1, allow_inf_nan=False)]
    source: Text


class GradientRecipe(Strict):
    """The tensor's size, how much of it is sent, and the widths of its Gaussian numbers."""

    about: Text
    elements: Size
    sent_density: SentDensity
    momentum: Momentum
    gradient_width: Width
    velocity_width: Width
    residual_width: Width
    stored: None = None  # no published storage by stage


def draw_gradient(name: str, recipe: GradientRecipe, scale: float, rng: np.random.Generator) -> Gradient:
    """A gradient of `elements` times `scale`, at least 1. InputError where it takes more than 2 GiB.

    Or where the momentum is 1 in FP32.
    """
    size = max(1, round(recipe.elements.value * scale))
    check_momentum(name, recipe.momentum.value)
    check_bytes(name, f"{size:,} elements", BYTES * size)
    widths = recipe.gradient_width.value, recipe.velocity_width.value, recipe.residual_width.value
    gradient, velocity, residual = (rng.standard_normal(size, dtype=np.float32) * np.float32(w) for w in widths)
    return Gradient(name, gradient, velocity, residual, recipe.momentum.value, recipe.sent_density.value)
