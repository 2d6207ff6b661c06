"""Layers whose inputs are computed: each sees the real zeros that ReLU leaves in the output of the layer before it."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from workloads.errors import InputError, refuse
from workloads.kinds import kind_of, reference_output
from workloads.kinds.kind import CompressedLayer
from workloads.options import Formats, WorkloadOptions
from workloads.sources.zoo.networks import Pool, find_network
from workloads.sources.zoo.recipes import draw_any, zoo
from workloads.workload import Layer, Model, Workload

CHOSEN = ("seed", "granularity", "computed")


class Stage(NamedTuple):
    """A layer in floating point, the share of its weights to keep (None: every non-zero), and the pooling after it."""

    layer: object
    density: float | None
    pool: Pool | None


def open_computed(name: str, options: WorkloadOptions) -> Model:
    """A network of the zoo that is a chain, with weights pruned to its recipes' densities; the first input is drawn.

    The weights are drawn, so that the zeros are those of ReLU on random sums: about one half, fewer after pooling.
    InputError where another option than seed and granularity is given; where shapes do not follow, it is raised when
    that layer is reached.
    """
    for key, value in options.given().items():
        if key not in CHOSEN:
            refuse(name, f"{key} is {value} with computed", "seed and granularity only")
    return Model(name, _layers(name, options), True, "computed")


def _layers(name: str, options: WorkloadOptions) -> Iterator[Layer]:
    try:
        for compressed in compute(_stages(name, options.seed), options):
            yield _layer(compressed, f"zoo, {name} computed", options)
    except InputError as error:
        raise InputError(f"{name}: inputs cannot be computed: {error}") from None


def _layer(compressed: CompressedLayer, place: str, options: WorkloadOptions) -> Layer:
    """A layer that is compressed already; a machine may still ask for it as another kind."""
    kind = kind_of(compressed)

    def load(formats: Formats) -> Workload:
        changed = kind.convert(compressed, options.with_formats(formats).formats)
        return Workload(compressed.name, place, options.seed, changed, kind.name)

    return Layer(compressed.name, kind.name, load)


def compute(stages: Iterable[Stage], options: WorkloadOptions) -> Iterator[CompressedLayer]:
    """Compress each layer with the words that the one before it gives; the first one's input is its own.

    The words go over unchanged, in the format that the layer before chose for its output; where a fully connected
    layer's bias needs 1.0 to be representable, they are rounded to that. InputError where shapes do not follow.
    """
    values, bits = None, None
    for layer, density, pool in stages:
        kind = kind_of(layer)
        if values is not None:
            layer = kind.follow(layer, values)
        compressed = kind.compress_in_chain(layer, density, options, bits)
        yield compressed
        values = kind.output_values(compressed, reference_output(compressed))
        bits = compressed.output_fraction_bits
        if pool is not None:
            values = max_pool(values, pool)


def max_pool(image: np.ndarray, pool: Pool) -> np.ndarray:
    """The greatest of each square window of an image, numbers [channels, height, width]; windows lie inside.

    InputError where the planes are smaller than the window.
    """
    if image.ndim != 3 or min(image.shape[1:]) < pool.window:
        refuse(
            "pooling", f"its input has shape {list(image.shape)}", f"planes of {pool.window} x {pool.window} or more"
        )
    windows = np.lib.stride_tricks.sliding_window_view(image, (pool.window, pool.window), (1, 2))
    return windows[:, :: pool.stride, :: pool.stride].max(axis=(3, 4))


def _stages(name: str, seed: int) -> Iterator[Stage]:
    for step in find_network(name).steps:
        recipe = zoo()[step.layer]
        yield Stage(draw_any(step.layer, recipe, 1.0, seed), recipe.weight_density.value, step.pool)
