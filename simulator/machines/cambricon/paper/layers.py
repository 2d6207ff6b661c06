"""The drawn layers of the curves over density: the papers do not say which layers theirs are of.

The number of inputs of an output decides what rounding up to whole cycles costs. It was chosen, for each curve, after
the published points were known. None is padded: padding would be zeros that a dense layer has as well.
"""

from typing import NamedTuple

import numpy as np

from workloads.compression.masks import by_granularity
from workloads.kinds.convolution.layer import CompressedConvolution

LARGEST = 1 << 8
"""Of a drawn word: sums of the largest layer do not matter, as only cycles are looked at."""


class Shape(NamedTuple):
    """A convolution without padding; a fully connected layer has a kernel and a plane of 1."""

    channels: int
    outputs: int
    kernel: int
    plane: int

    def __str__(self) -> str:
        if self.plane == 1:
            return f"fully connected, {self.channels} inputs, {self.outputs:,} outputs"
        return (
            f"convolution, {self.channels}>{self.outputs}, {self.kernel}x{self.kernel}, plane {self.plane}x{self.plane}"
        )


SMALL = Shape(48, 128, 3, 14)
"""432 inputs of an output."""
LARGE = Shape(256, 512, 3, 14)
"""Channels and kernel of VGG-16's conv4_1: 2,304 inputs of an output."""
CONNECTED = Shape(256, 8192, 1, 1)


def draw(shape: Shape, weights: float, inputs: float, block: int, seed: int) -> CompressedConvolution:
    """A layer with shares of non-zero weights, in blocks of `block` outputs, and of non-zero inputs, both anywhere."""
    rng = np.random.default_rng([seed, *shape])
    size = shape.outputs, shape.channels, shape.kernel, shape.kernel
    mask = by_granularity(rng.standard_normal(size, np.float32), weights, 0, 1, block)
    plane = shape.channels, shape.plane, shape.plane
    places = rng.permutation(int(np.prod(plane))).reshape(plane)
    return CompressedConvolution(
        name=str(shape),
        weight=np.where(mask, rng.integers(1, LARGEST, size), 0).astype(np.int16),
        bias=None,
        activation=np.where(places < round(inputs * places.size), rng.integers(1, LARGEST, plane), 0).astype(np.int16),
        relu=True,
        stride=(1, 1),
        padding=(0, 0, 0, 0),
        groups=1,
        weight_fraction_bits=8,
        activation_fraction_bits=8,
        shift=8,
    )
