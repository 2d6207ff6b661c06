"""What recipes of all kinds are made of: sizes, densities, distributions, the generator."""

import math
import re
import zlib
from collections.abc import Mapping
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from workloads.compression.stored import MOST_INPUT
from workloads.errors import InputError
from workloads.yaml_files import Strict, Text

MOST_WEIGHTS = 1 << 28
"""1 GiB before pruning: 8192 x 28672 are fewer."""
SIZE = re.compile(r" *[0-9]{1,18} *")
MOST_BYTES = 2 << 30
"""Of memory, that drawing and compressing a layer after a recipe may take: a few numbers must not ask for more."""


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


def name_bytes(name: str) -> bytes:
    """A name in UTF-8; of a file whose name is none, the bytes that the system gave."""
    try:
        return name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half of a character
        return name.encode("utf-8", "surrogatepass")


def generator(name: str, seed: int) -> np.random.Generator:
    """The generator of one layer: the same for a name and a seed wherever it is called."""
    return np.random.Generator(np.random.PCG64([seed, zlib.crc32(name_bytes(name))]))


def scales(weights: Weights, outputs: int, inputs: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The drawn scales of rows and columns, float32 [outputs] and [inputs]."""
    rows = np.exp(weights.row_scale.value * rng.standard_normal(outputs)).astype(np.float32)
    columns = np.exp(weights.column_scale.value * rng.standard_normal(inputs)).astype(np.float32)
    return rows, columns


def check_bytes(name: str, what: str, size: float) -> None:
    """InputError where a layer with `what` takes more than `MOST_BYTES` to draw and to compress: about `size` bytes."""
    if size > MOST_BYTES:
        expected = f"one that takes at most {MOST_BYTES >> 30} GiB"
        raise InputError(
            f"{name}: it has {what}, which take about {size / (1 << 30):.3g} GiB to draw; expected {expected}"
        )


def draw_values(shape: tuple[int, ...], density: float | None, rng: np.random.Generator) -> np.ndarray:
    """An input after ReLU, float32 [shape]: half-normal values at exactly round(density x size) places.

    density: None is 1. No value is so small that 16 bits round it to zero.
    """
    size = math.prod(shape)
    count = size if density is None else round(density * size)
    values = np.zeros(size, np.float32)
    place = rng.permutation(size)[:count]
    values[place] = np.maximum(np.abs(rng.standard_normal(count, dtype=np.float32)), np.float32(1 / 256))
    return values.reshape(shape)


def check_input_size(name: str, what: str, values: int) -> None:
    """InputError where an input that is to be drawn has more than `MOST_INPUT` values; what: that asks for them."""
    if values > MOST_INPUT:
        raise InputError(f"{name}: {what}, an input of {values:,} values; expected at most {MOST_INPUT:,}")


def shapes_by_name(asked: object) -> Mapping[str, object] | None:
    """`a=3,32,32;b=7`, or sizes by name, as sizes by name; None where they are not by name."""
    if isinstance(asked, str) and "=" in asked:
        parts = (part.rpartition("=") for part in asked.split(";"))
        return {name: sizes for name, _, sizes in parts}
    return asked if isinstance(asked, Mapping) else None


def parse_shape(name: str, given: object, sizes: int, expected: str) -> tuple[int, ...]:
    """`3,32,32` or integers -> a shape of as many `sizes`. expected: its form.

    InputError where it is none, or is of more values than an input that is drawn may have.
    """
    parts = given.split(",") if isinstance(given, str) else given
    if isinstance(parts, list | tuple) and len(parts) == sizes and all(SIZE.fullmatch(str(one)) for one in parts):
        shape = tuple(int(one) for one in parts)
        if min(shape) > 0:
            check_input_size(name, f"input_shape is {given!r:.60}", math.prod(shape))
            return shape
    raise InputError(f"{name}: input_shape is {given!r:.60}; expected {expected}, {sizes} sizes from 1 on")
