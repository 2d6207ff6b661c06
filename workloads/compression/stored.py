"""A layer of a compressed network: its matrices, and what of the layer they do not hold."""

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from workloads.compression.shared import SharedFullyConnected
from workloads.document_types import Document

MOST_INPUT = 1 << 26
"""Values of an input whose sizes a file may state: 256 MiB in float32, which a few bytes of text ask for."""


class KnownInput(NamedTuple):
    """Sizes and density of the input that a layer had when it was compressed."""

    shape: tuple[int, ...]  # as `Kind.draw_input` takes them
    density: float  # share of non-zero values


def known_input(array: np.ndarray | None) -> KnownInput | None:
    """What is known of an input, numbers [any shape]; None: there is none, or it is larger than a file may state."""
    if array is None or not 0 < array.size <= MOST_INPUT:
        return None
    return KnownInput(array.shape, int(np.count_nonzero(array)) / math.prod(array.shape))


class Rest(NamedTuple):
    """What of a layer its matrices do not hold."""

    values: Document  # as JSON can hold it
    arrays: Mapping[str, np.ndarray]  # float32 [any shape], by names that end with what they are


class StoredLayer(NamedTuple):
    """A layer as a compressed network holds it."""

    name: str
    kind: str
    matrices: tuple[SharedFullyConnected, ...]
    shapes: tuple[tuple[int, ...], ...]  # of the weights before they became matrices
    rest: Rest
    input: KnownInput | None = None

    def weights(self, place: int) -> np.ndarray:
        """The weights of a matrix, float32 [shape before it became one], each the level of its code; 0 where pruned."""
        return self.matrices[place].weights().reshape(self.shapes[place])
