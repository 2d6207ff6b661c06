"""Ternary weights: two scales and zero (TTQ, Zhu et al., ICLR 2017)."""

from typing import NamedTuple

import numpy as np

from workloads.compression.prune import prune
from workloads.compression.shared import SharedFullyConnected
from workloads.errors import InputError
from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.number_formats.codebook import nearest

BITS = 2
"""Of a stored weight: 0 = zero, 1 = negative, 2 = positive."""


class Sides(NamedTuple):
    """Where a weight is one of the two scales."""

    positive: np.ndarray  # bool, shape of the weight
    negative: np.ndarray


def sides(weight: np.ndarray, share: float) -> Sides:
    """Split by the threshold `share` x the greatest magnitude; a weight on the threshold is zero."""
    if not 0 <= share < 1:
        raise InputError(f"ternary threshold is {share} of the greatest magnitude; expected from 0 to below 1")
    threshold = share * np.abs(weight).max(initial=0)
    return Sides(weight > threshold, weight < -threshold)


def scales(weight: np.ndarray, split: Sides) -> tuple[float, float]:
    """The scales that lose least: the mean magnitude of each side, 1 for an empty side."""
    means = [np.abs(weight[side]).mean() if side.any() else 1.0 for side in split]
    return float(means[0]), float(means[1])


def expand(split: Sides, positive: float, negative: float) -> np.ndarray:
    """The ternary weight, float32: positive, -negative, or zero."""
    zero = np.float32(0)
    return np.where(split.positive, np.float32(positive), np.where(split.negative, np.float32(-negative), zero))


def share_ternary(layer: FullyConnected, share: float) -> SharedFullyConnected:
    """A layer made ternary without training: threshold `share`, scales that lose least."""
    split = sides(layer.weight, share)
    positive, negative = scales(layer.weight, split)
    return store_ternary(layer, split, positive, negative)


def store_ternary(layer: FullyConnected, split: Sides, positive: float, negative: float) -> SharedFullyConnected:
    """A layer with these ternary weights, stored with codes of two bits."""
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
