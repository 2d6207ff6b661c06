"""From a network over voxels and a scan to its layers: pairs are found, weights and features drawn, when asked for."""

import math
from typing import NamedTuple

import numpy as np

from workloads.kinds import find_kind
from workloads.kinds.drawing import check_bytes, generator
from workloads.kinds.sparse_convolution.layer import SparseConvolution
from workloads.kinds.sparse_convolution.recipe import VALUE_BYTES, draw_features
from workloads.kinds.sparse_convolution.scan import Scan
from workloads.options import Formats, WorkloadOptions
from workloads.sources.voxels.maps import Maps
from workloads.sources.voxels.network import VoxelNetwork
from workloads.workload import Layer, Workload

KIND = "sparse convolution"


class Making(NamedTuple):
    """A network with its scan."""

    name: str
    network: VoxelNetwork
    scan: Scan
    maps: Maps
    options: WorkloadOptions


def make_layer(making: Making, number: int, alone: bool = False) -> Layer:
    """Layer `number` of the network. alone: it finds its pairs itself, and has the network's name with its own."""
    step = making.network.layers[number].name
    title = f"{making.name}-{step}" if alone else step

    def load(formats: Formats) -> Workload:
        options = making.options.with_formats(formats)
        drawn = _draw(making, number, title)
        if alone:
            drawn = drawn._replace(shares_map=False)
        compressed = find_kind(KIND).compress(drawn, options.density, options)
        return Workload(title, "zoo", options.seed, compressed, KIND, among=len(making.network.layers) if alone else 1)

    return Layer(title, KIND, load)


def _draw(making: Making, number: int, title: str) -> SparseConvolution:
    """The layer in floating point: its weights are Gaussian, times sqrt(2 / products of an output)."""
    network, found = making.network, making.maps.of(number)
    before = network.layers[number - 1].outputs if number else network.features.value
    inputs = _scaled(before, making.options.scale) if number else before
    outputs = _scaled(network.layers[number].outputs, making.options.scale)
    geometry, voxels = found.geometry, len(found.places)
    weights, features = geometry.offsets * inputs * outputs, voxels * inputs + len(found.book.places) * outputs
    check_bytes(title, f"{weights:,} weights and {features:,} features", VALUE_BYTES * (weights + features))
    rng = generator(f"{making.name}-{network.layers[number].name}", making.options.seed)
    gain = np.float32(math.sqrt(2 / (geometry.offsets * inputs)))
    weight = gain * rng.standard_normal((outputs, inputs, *geometry.kernel), dtype=np.float32)
    given = making.scan.features if number == 0 else None
    image = draw_features((voxels, inputs), network.activations, rng) if given is None else given
    return SparseConvolution(
        title, found.places, geometry, weight, None, image, True, shares_map=found.shared, book=found.book
    )


def _scaled(channels: int, scale: float) -> int:
    return max(1, round(channels * scale))
