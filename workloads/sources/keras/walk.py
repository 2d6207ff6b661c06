"""The state of a walk through the layers of a Keras model, and the folding of a normalisation into another layer."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np

from workloads.array_checks import float32
from workloads.kinds.convolution.layer import Convolution
from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.kinds.lstm.layer import Lstm
from workloads.sources.keras.file import KerasLayer, complain, weight
from workloads.yaml_files import shorten

Kind = TypeVar("Kind", FullyConnected, Convolution)


class Normalisation(NamedTuple):
    """The function y -> y x factor + shift for each channel."""

    layer: KerasLayer
    factor: np.ndarray  # float64 [channels]
    shift: np.ndarray  # float64 [channels]


@dataclass
class Walk:
    """The state after the layers walked so far."""

    path: Path
    values: np.ndarray | None  # float32 [any shape], the last output; None: no image was given, or a layer was not read
    rank: int | None  # dimensions of the values without the batch
    layers: list[FullyConnected | Convolution | Lstm] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    open: bool = False  # whether the output of the last of `layers` is the input of the next layer
    waiting: Normalisation | None = None  # a normalisation that is neither folded nor applied yet


def normalisation(layer: KerasLayer) -> Normalisation:
    """Return what a BatchNormalization computes in inference; InputError where its arrays do not fit each other."""
    mean, variance = (weight(layer, f"moving_{what}", 1).astype(np.float64) for what in ("mean", "variance"))
    scale = weight(layer, "gamma", 1) if "gamma" in layer.weights else np.ones(mean.size)
    offset = weight(layer, "beta", 1) if "beta" in layer.weights else np.zeros(mean.size)
    epsilon = layer.config.get("epsilon", 1e-3)
    if not isinstance(epsilon, int | float):
        complain(layer, f"epsilon is {shorten(repr(epsilon), 60)}", "a number")
    if {scale.size, offset.size, variance.size} != {mean.size} or not (variance + epsilon).min() > 0:
        complain(layer, "its arrays do not fit", "as many scales, offsets, means and positive variances")
    factor = scale / np.sqrt(variance + epsilon)
    return Normalisation(layer, factor, offset - mean * factor)


def apply_normalisation(walk: Walk, found: Normalisation) -> None:
    """Apply a normalisation to the values, if there are any."""
    if walk.values is not None:
        walk.values = (walk.values * found.factor + found.shift).astype(np.float32)


def skip_waiting(walk: Walk) -> None:
    """Apply the waiting normalisation to the values and name it in `skipped`, as no layer can include it."""
    assert walk.waiting is not None
    walk.skipped.append(
        f"{walk.waiting.layer}: there is no layer directly before or after it that it can be folded into"
    )
    apply_normalisation(walk, walk.waiting)
    walk.waiting = None


def fold_waiting(walk: Walk, read: Kind) -> Kind:
    """Return the layer with the waiting normalisation, if there is one, folded in; InputError where it does not fit."""
    if walk.waiting is None:
        return read
    found, walk.waiting = walk.waiting, None
    if found.factor.size != read.weight.shape[1]:
        complain(
            found.layer, f"it has {found.factor.size} channels", f"{read.weight.shape[1]}, the inputs of {read.name}"
        )
    shape = (-1, *(1 for _ in read.weight.shape[2:]))
    added = (read.weight * found.shift.reshape(shape)).reshape(len(read.weight), -1).sum(axis=1)
    bias = added if read.bias is None else read.bias + added
    return with_weights(found.layer, read, read.weight * found.factor.reshape(shape), bias)


def with_weights(layer: KerasLayer, read: Kind, folded: np.ndarray, bias: np.ndarray) -> Kind:
    """Return the layer with folded weights, float [outputs, ...], and a folded bias, float [outputs], as float32.

    layer: the layer of the file that was folded in. InputError where a folded value is not finite in float32.
    """
    what = f"{layer} folded into {read.name}"
    return read._replace(weight=float32(layer.path, what, folded), bias=float32(layer.path, f"{what}, bias", bias))
