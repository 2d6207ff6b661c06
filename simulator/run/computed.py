"""Layers whose inputs are computed: each sees the real zeros that ReLU left behind the layer before it."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from workloads.errors import refuse
from workloads.kinds import reference_output
from workloads.kinds.convolution.compress import compress_convolution
from workloads.kinds.convolution.layer import CompressedConvolution, Convolution
from workloads.kinds.fully_connected.compress import give_input, share_weights
from workloads.kinds.fully_connected.layer import CompressedFullyConnected, FullyConnected
from workloads.kinds.lstm.layer import Lstm
from workloads.sources.zoo.networks import Pool, find_network
from workloads.sources.zoo.recipes import draw_any, zoo
from workloads.workload import Workload

Compressed = CompressedConvolution | CompressedFullyConnected


class Stage(NamedTuple):
    """A layer in floating point, the share of its weights to keep (None: every non-zero), and the pooling behind it."""

    layer: Convolution | FullyConnected
    density: float | None
    pool: Pool | None


def compute_network(name: str, *, seed: int = 0, granularity: int = 0, weight_bits: int = 4) -> Iterator[Workload]:
    """A network of the zoo with weights pruned to its recipes' densities; only the first layer's input is drawn.

    weight_bits: of fully connected layers' codes. The weights are drawn, so that the zeros are those of ReLU on random
    sums: about one half, fewer behind pooling.
    """
    for layer in compute(_stages(name, seed), granularity, weight_bits):
        yield Workload(layer.name, f"zoo, {name} computed", seed, layer)


def compute(stages: Iterable[Stage], granularity: int = 0, weight_bits: int = 4) -> Iterator[Compressed]:
    """Compress each layer with the words that the one before it gives; the first one's input is its own.

    The words go over unchanged, in the format that the layer before chose for its output; where a fully connected
    layer's bias needs 1.0 to be representable, they are rounded to that. InputError where shapes do not follow.
    """
    values, bits = None, None
    for layer, density, pool in stages:
        if values is not None:
            layer = layer._replace(activation=_fit(layer, values))
        compressed = _compress(layer, density, granularity, weight_bits, bits)
        yield compressed
        values = compressed.output_value(reference_output(compressed))
        bits = compressed.output_fraction_bits
        if isinstance(compressed, CompressedConvolution):
            values = values.reshape(compressed.outputs, *compressed.output_plane)
        if pool is not None:
            values = max_pool(values, pool)


def max_pool(image: np.ndarray, pool: Pool) -> np.ndarray:
    """The greatest of each square window of [channels, height, width]; windows lie inside the plane."""
    if image.ndim != 3 or min(image.shape[1:]) < pool.window:
        refuse(
            "pooling", f"its input has shape {list(image.shape)}", f"planes of {pool.window} x {pool.window} or more"
        )
    windows = np.lib.stride_tricks.sliding_window_view(image, (pool.window, pool.window), (1, 2))
    return windows[:, :: pool.stride, :: pool.stride].max(axis=(3, 4))


def _stages(name: str, seed: int) -> Iterator[Stage]:
    for step in find_network(name).steps:
        recipe = zoo()[step.layer]
        layer = draw_any(step.layer, recipe, 1.0, seed)
        assert not isinstance(layer, Lstm)
        yield Stage(layer, recipe.weight_density.value, step.pool)


def _fit(layer: Convolution | FullyConnected, values: np.ndarray) -> np.ndarray:
    """The values as this layer's input, float64: in the shape of the input that it has, or flat."""
    shape = values.shape if layer.activation is None else layer.activation.shape
    if isinstance(layer, FullyConnected):
        shape, values = (layer.weight.shape[1],), values.ravel()
    if values.shape != shape:
        refuse(layer.name, f"it reads {list(shape)}, and the layer before gives {list(values.shape)}", "a chain")
    return values


def _compress(
    layer: Convolution | FullyConnected, density: float | None, granularity: int, weight_bits: int, bits: int | None
) -> Compressed:
    if isinstance(layer, Convolution):
        return compress_convolution(layer, density, granularity, activation_fraction_bits=bits)
    if layer.activation is None:
        refuse(layer.name, "it has no input", "an activation for each of its inputs")
    return give_input(share_weights(layer, density, weight_bits), layer.activation, bits)
