"""Deep Compression of a network's matrices: prune, share, count the bits of each stage, write."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from workloads.compression.shared import CODEBOOK, SharedFullyConnected
from workloads.compression.storage import Storage, account, total
from workloads.compression.stored import KnownInput, StoredLayer
from workloads.distance import NetworkDistance
from workloads.document_types import Document
from workloads.errors import refuse
from workloads.kinds import find_kind
from workloads.kinds.fully_connected.compress import share_weights
from workloads.number_formats import find_format
from workloads.sources.compressed.file import write_network
from workloads.sources.source import LayerParts, Matrices

if TYPE_CHECKING:
    import pandas as pd


class CompressedNetwork(NamedTuple):
    """Compressed matrices, what each takes after each stage, and the total in the last row."""

    shared: list[SharedFullyConnected]
    shapes: list[tuple[int, ...]]  # of the weights before they became matrices
    index_bits: int
    rows: list[Storage]
    left_out: tuple[str, ...]  # of the network, a sentence each
    layers: tuple[LayerParts, ...] = ()  # what the matrices make up; (): each is a layer
    distance: NetworkDistance | None = None  # what it changes in the network, where that can be run

    def to_dict(self) -> Document:
        """The rows and what was left out, as JSON can hold them."""
        return {
            "layers": [{**row._asdict(), "rate": row.rate} for row in self.rows],
            "skipped": list(self.left_out),
            "distance": None if self.distance is None else self.distance.to_dict(),
        }

    def float_arrays(self) -> dict[str, dict[str, np.ndarray]]:
        """Weights and biases of each layer with its codes' levels, float32 [shapes of its kind], by layer and name."""
        found, place = {}, 0
        for part in self.layers:
            last = place + part.matrices
            matrices, shapes = tuple(self.shared[place:last]), tuple(self.shapes[place:last])
            stored = StoredLayer(part.name, part.kind, matrices, shapes, part.rest)
            found[part.name], place = find_kind(part.kind).stored_arrays(stored), last
        return found

    def with_inputs(self, inputs: Mapping[str, KnownInput]) -> "CompressedNetwork":
        """The same, with what is known of the inputs of its layers, by their names."""
        layers = (part._replace(input=inputs.get(part.name, part.input)) for part in self.layers)
        return self._replace(layers=tuple(layers))

    def to_frame(self) -> "pd.DataFrame":
        """A row for each matrix, and the total."""
        import pandas as pd

        return pd.DataFrame(self.rows).assign(rate=[row.rate for row in self.rows])

    def write(self, path: Path, method: str) -> None:
        """Write a .safetensors file, whole or not at all. InputError where it cannot be written."""
        write_network(path, self.shared, [self.index_bits] * len(self.shared), method, self.shapes, self.layers)


def compress_matrices(
    read: Matrices,
    density: float | None,
    bits: int,
    index_bits: int,
    say: Callable[[str], object] = str,
    form: str = CODEBOOK,
) -> CompressedNetwork:
    """Keep a share of each matrix's weights (None: the recipe's, or every non-zero) in codes of `bits` bits.

    form: another number format than a codebook, which has bits of its own. index_bits: of a count of zeros. say: gets
    each layer's name before it is compressed. InputError where a number is out of range, a format is unknown, or where
    there are no matrices.
    """
    if not read.matrices:
        refuse(read.name, f"it has no weights that are read ({'; '.join(read.left_out)})", "a layer with weights")
    shared, parts = [], []
    bits = bits if form == CODEBOOK else find_format(form).bits
    for layer, _, recipe in read.matrices:
        say(layer.name)
        own = recipe.weight_density.value if recipe is not None and density is None else density
        shared.append(share_weights(layer, own, min(bits, 8), form))
        parts.append(account(shared[-1], bits, index_bits))
    shapes = [matrix.shape for matrix in read.matrices]
    return CompressedNetwork(shared, shapes, index_bits, [*parts, total(parts)], read.left_out, read.layers)
