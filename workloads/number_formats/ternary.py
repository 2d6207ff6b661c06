"""Ternary weights: two scales and zero (TTQ, Zhu et al., ICLR 2017)."""

from typing import NamedTuple

import numpy as np

from workloads.compression.prune import prune
from workloads.compression.shared import SharedFullyConnected
from workloads.errors import InputError
from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.number_formats.codebook import nearest

BITS = 2
"""Bits of a stored weight's code: 0 = zero, 1 = negative, 2 = positive."""


class Sides(NamedTuple):
    """Masks of the weights that take the positive and the negative scale; all others are zero."""

    positive: np.ndarray  # bool, the shape of the weight
    negative: np.ndarray  # bool, the shape of the weight


def sides(weight: np.ndarray, relative_threshold: float) -> Sides:
    """Split weights, float32 [...], by the threshold `relative_threshold` x their greatest magnitude: bool [...] each.

    A weight on the threshold becomes zero. InputError where `relative_threshold` is not from 0 to below 1.
    """
    if not 0 <= relative_threshold < 1:
        given = f"ternary threshold is {relative_threshold} of the greatest magnitude"
        raise InputError(f"{given}; expected from 0 to below 1")
    threshold = relative_threshold * np.abs(weight).max(initial=0)
    return Sides(weight > threshold, weight < -threshold)


def scales(weight: np.ndarray, split: Sides) -> tuple[float, float]:
    """Return the scales of least squared error for `weight`, float32 [...]: each side's mean magnitude; 1 if empty."""
    means = [np.abs(weight[side]).mean() if side.any() else 1.0 for side in split]
    return float(means[0]), float(means[1])


def expand(split: Sides, positive: float, negative: float) -> np.ndarray:
    """Return the ternary weight, float32 [...], the shape of the sides: `positive`, -`negative`, or zero."""
    zero = np.float32(0)
    return np.where(split.positive, np.float32(positive), np.where(split.negative, np.float32(-negative), zero))


def share_ternary(layer: FullyConnected, relative_threshold: float) -> SharedFullyConnected:
    """Make a layer ternary without training, with the scales of least squared error.

    InputError where `relative_threshold` is not from 0 to below 1.
    """
    split = sides(layer.weight, relative_threshold)
    positive, negative = scales(layer.weight, split)
    return store_ternary(layer, split, positive, negative)


def store_ternary(layer: FullyConnected, split: Sides, positive: float, negative: float) -> SharedFullyConnected:
    """Return the layer with these ternary weights, stored as codes of two bits; its bias is kept."""
    columns, value = prune(split.positive.astype(np.float32) - split.negative.astype(np.float32), None)
    codebook = np.array([0, -negative, positive, 0], np.float32)
    outputs, inputs = layer.weight.shape
    return SharedFullyConnected(
        name=layer.name,
        inputs=inputs,
        outputs=outputs,
        columns=columns._replace(code=np.where(value > 0, 2, 1).astype(np.uint8)),
        codebook=codebook,
        bias=layer.bias,
        bias_code=None if layer.bias is None else nearest(codebook, layer.bias),
        relu=layer.relu,
    )
