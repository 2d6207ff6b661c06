"""The paper's density sweep by a formula: expected vectors, with no barrier, no stall and no memory.

The paper's curves over density come from an analytical model, its figures by layer from a cycle-level simulator. This
formula gives the curves' shape (derived from them, not printed); `CONSTANT` was found from SCNN's curve.
"""

import math
from collections.abc import Iterable
from typing import NamedTuple

CONSTANT = 1.048
PES_ACROSS, VECTOR, MULTIPLIERS = 8, 4, 16


class Shape(NamedTuple):
    """A convolution with stride 1."""

    inputs: int
    outputs: int
    kernel: int  # places
    height: int  # of the input plane, and its width


def latency(shapes: Iterable[Shape], weights: float, activations: float) -> float:
    """SCNN's time over DCNN's. weights, activations: the densities of what it skips; 1 where it skips none."""
    sparse = dense = 0.0
    for shape in shapes:
        tile = math.ceil(shape.height / PES_ACROSS) ** 2
        vectors = shape.outputs * shape.kernel * weights / VECTOR
        sparse += shape.inputs * vectors * expected_vectors(tile, activations)
        dense += shape.outputs * shape.inputs * shape.kernel * tile / MULTIPLIERS
    return sparse / dense / CONSTANT


def expected_vectors(places: int, density: float) -> float:
    """The expected number of vectors of `VECTOR` that the non-zeros among `places` fill."""
    return math.fsum(
        math.ceil(count / VECTOR) * math.comb(places, count) * density**count * (1 - density) ** (places - count)
        for count in range(places + 1)
    )
