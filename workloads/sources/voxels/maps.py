"""The places and pairs of a network's layers, found once for all layers that have the same."""

from typing import NamedTuple

import numpy as np

from workloads.kinds.sparse_convolution.rulebook import Geometry, Rulebook, make_rulebook
from workloads.kinds.sparse_convolution.scan import Scan
from workloads.sources.voxels.network import VoxelNetwork


class Map(NamedTuple):
    """Where a layer reads and writes."""

    places: np.ndarray  # int32 [voxels, 3]
    geometry: Geometry
    book: Rulebook
    shared: bool  # it is the map of the layer before


class Maps:
    """The maps of a network's layers for one scan; nothing is found before it is asked for."""

    def __init__(self, network: VoxelNetwork, scan: Scan):
        self._network, self._scan = network, scan
        self._found: list[Map] = []

    def of(self, number: int) -> Map:
        """The map of layer `number`, from 0 on."""
        while len(self._found) <= number:
            self._found.append(self._next())
        return self._found[number]

    def _next(self) -> Map:
        step = self._network.layers[len(self._found)]
        before = self._found[-1] if self._found else None
        places = before.book.places if before else self._scan.places
        grid = before.geometry.output_grid if before else self._scan.grid
        geometry = self._network.kernels[step.kernel].geometry(grid)
        if before and geometry.submanifold and geometry == before.geometry:
            return before._replace(shared=True)
        return Map(places, geometry, make_rulebook(places, geometry), False)
