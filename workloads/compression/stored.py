"""A layer of a compressed network: its matrices, and what of the layer they do not hold."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from workloads.compression.shared import SharedFullyConnected
from workloads.document_types import Document


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

    def weights(self, place: int) -> np.ndarray:
        """The weights of a matrix, float32 [shape before it became one], each the level of its code; 0 where pruned."""
        from workloads.compression.storage import dense_codes

        matrix = self.matrices[place]
        found: np.ndarray = matrix.codebook[dense_codes(matrix)].reshape(self.shapes[place])
        return found
