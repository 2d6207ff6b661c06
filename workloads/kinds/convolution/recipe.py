"""Recipe and seed -> a convolution with drawn weights and a drawn input image."""

import math
from typing import Annotated, Self

import numpy as np
from pydantic import Field, model_validator

from workloads.errors import InputError
from workloads.kinds.convolution.compress import LARGEST_STEP
from workloads.kinds.convolution.layer import Convolution
from workloads.kinds.convolution.limits import MOST_ELEMENTS
from workloads.kinds.convolution.places import Places, draw_field, reach_of
from workloads.kinds.drawing import Activations, Density, Spread, Weights, check_bytes
from workloads.yaml_files import Strict, Text

WEIGHT_BYTES, INPUT_BYTES, OUTPUT_BYTES = 28, 24, 16
"""Of memory that each takes while a layer is drawn, compressed and computed: as float32, float64 and words."""
SMALLEST = np.float32(1 / 256)
"""Of a drawn activation: 16 bits do not round it to zero."""
Count = Annotated[int, Field(ge=1)]


class Shape(Strict):
    """A square kernel on a plane, with the place where it is published."""

    inputs: Count
    outputs: Count
    height: Count  # of the input
    width: Count
    kernel: Count
    stride: Annotated[int, Field(ge=1, le=LARGEST_STEP)]
    padding: Annotated[int, Field(ge=0)]  # on all four sides
    groups: Count
    source: Text

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.inputs % self.groups or self.outputs % self.groups:
            raise ValueError(f"groups that divide {self.inputs} inputs and {self.outputs} outputs")
        if self.kernel > min(self.height, self.width) + 2 * self.padding:
            raise ValueError("a kernel no larger than the padded plane")
        return self


class Image(Activations):
    """The distribution of the input: non-zeros anywhere, in channels of unequal density, or in patches (`places`).

    With a channel spread, a channel's share of the non-zeros is proportional to exp(spread x normal), but no more than
    all of the channel.
    """

    channel_spread: Spread = Spread(value=0.0, source="each element for itself, where nothing is published")
    places: Places = Places()

    @model_validator(mode="after")
    def _one_spread(self) -> Self:
        if self.channel_spread.value and not self.places.anywhere:
            value = self.channel_spread.value
            raise ValueError(f"no channel_spread ({value:g}) with patches: their channel_shift makes channels unequal")
        return self


class ConvolutionRecipe(Strict):
    """A convolution of a paper: shape, densities, and how to draw what is not published."""

    about: Text
    shape: Shape
    bias: bool
    relu: bool
    weight_density: Density
    weights: Weights
    activations: Image


def as_convolution(name: str, recipe: object) -> ConvolutionRecipe:
    """The recipe called `name`, which is a convolution's; InputError where it is another kind's."""
    if not isinstance(recipe, ConvolutionRecipe):
        raise InputError(f"{name}: it is no convolution; expected one, as detectors here are made of them")
    return recipe


def draw_convolution(name: str, recipe: ConvolutionRecipe, scale: float, rng: np.random.Generator) -> Convolution:
    """Draw a convolution, not yet pruned.

    Weights have the recipe's distribution, rows being outputs and columns inputs, times sqrt(2 / inputs of an output):
    so layers may follow each other without growing sums (He et al., ICCV 2015). scale: channels in and out (each group
    keeps one at least) and both sides of the plane are multiplied by it (the padded plane holds the kernel at least);
    kernel, stride, padding and groups stay. InputError where it has more than 2**28 weights,
    elements of its padded input, or of the noise that is smoothed, or
    where all of it takes more than 2 GiB.
    """
    shape = _scaled(recipe.shape, scale)
    inputs = shape.inputs // shape.groups
    size = shape.outputs, inputs, shape.kernel, shape.kernel
    plane = shape.height + 2 * shape.padding, shape.width + 2 * shape.padding
    padded = shape.inputs * math.prod(plane)
    margin = 2 * reach_of(recipe.activations.places, shape.height)
    noise = shape.inputs * (shape.height + margin) * (shape.width + margin)
    parts = {
        "weights": math.prod(size),
        "elements in its padded input": padded,
        "elements in its smoothed input with a margin": noise,
    }
    for what, count in parts.items():
        if count > MOST_ELEMENTS:
            raise InputError(f"{name}: it has {count:,} {what}; expected at most {MOST_ELEMENTS:,} to draw")
    height, width = ((side - shape.kernel) // shape.stride + 1 for side in plane)
    outputs = shape.outputs * height * width
    what = f"{math.prod(size):,} weights, {padded:,} elements in its padded input and {outputs:,} outputs"
    check_bytes(name, what, WEIGHT_BYTES * math.prod(size) + INPUT_BYTES * padded + OUTPUT_BYTES * outputs)
    gain = np.float32(math.sqrt(2 / math.prod(size[1:])))
    weight = rng.standard_normal(size, dtype=np.float32)
    weight *= gain * _spread(recipe.weights.row_scale, shape.outputs, rng)[:, None, None, None]
    weight *= _spread(recipe.weights.column_scale, inputs, rng)[:, None, None]
    bias = gain * np.float32(recipe.weights.bias_scale.value) * rng.standard_normal(shape.outputs, dtype=np.float32)
    image = _draw_image(recipe.activations, (shape.inputs, shape.height, shape.width), rng)
    step, edge = shape.stride, shape.padding
    steps, edges = (step, step), (edge, edge, edge, edge)
    return Convolution(name, weight, bias if recipe.bias else None, image, recipe.relu, steps, edges, shape.groups)


def _scaled(shape: Shape, scale: float) -> Shape:
    least = max(1, shape.kernel - 2 * shape.padding)
    channels = {
        key: shape.groups * max(1, round(getattr(shape, key) / shape.groups * scale)) for key in ("inputs", "outputs")
    }
    plane = {key: max(least, round(getattr(shape, key) * scale)) for key in ("height", "width")}
    return shape.model_copy(update={**channels, **plane})


def _spread(spread: Spread, count: int, rng: np.random.Generator) -> np.ndarray:
    """Log-normal factors, float32 [count]."""
    return np.exp(np.float32(spread.value) * rng.standard_normal(count, dtype=np.float32))


def _draw_image(recipe: Image, shape: tuple[int, int, int], rng: np.random.Generator) -> np.ndarray:
    """Exactly round(density x size) non-zeros, float32 of that shape.

    Anywhere: those places stay whose uniform numbers, divided by their channel's factor, are smallest. In patches:
    those where the field of `places` is greatest.
    """
    image: np.ndarray = rng.standard_normal(shape, dtype=np.float32)
    sign = 1 if recipe.distribution == "half-normal" else np.copysign(np.float32(1), image)
    image = np.maximum(np.abs(image), SMALLEST) * sign
    if recipe.places.anywhere:
        place = rng.random(shape, dtype=np.float32)
        place /= _spread(recipe.channel_spread, shape[0], rng)[:, None, None]
    else:
        place = -draw_field(recipe.places, shape, rng)
    kept = round(recipe.density.value * place.size)
    if kept < place.size:
        image.reshape(-1)[np.argpartition(place, kept, axis=None)[kept:]] = 0
    return image
