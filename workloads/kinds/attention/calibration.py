"""Which factor of lambda skips which share of blocks: a curve, its fit, and the factor for a wanted share.

A block is skipped where lambda = factor / keys is above the share that it could have; see `kernels_ref.attention`.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from workloads.errors import refuse
from workloads.kinds.attention.compress import compress_attention
from workloads.kinds.attention.format import AttentionFormat
from workloads.kinds.attention.layer import THOUSANDTHS, Attention, CompressedAttention
from workloads.number_formats.elements import BF16

LAMBDAS = tuple(np.geomspace(1e-6, 0.99, 20).tolist())
"""Thresholds that are tried (NVIDIA, Model-Optimizer: 20 of them from 1e-6 to 0.99)."""
FITTED = 0.1, 0.9
"""Shares between which a curve is fitted (NVIDIA, Model-Optimizer)."""


class Fit(NamedTuple):
    """factor = a x exp(b x share)."""

    a: float
    b: float
    worst: float  # the greatest distance of a fitted factor, as a share of the given one
    points: int

    def factor(self, share: float) -> float:
        """The factor that skips a share."""
        return self.a * math.exp(self.b * share)


def least_of(threshold: float) -> np.float32:
    """How far below the maximum a score counts, in powers of two: see `CompressedAttention.least`."""
    return np.float32(np.log2(threshold))


def skipped_share(margins: np.ndarray, threshold: float) -> float:
    """The share of blocks that lambda = `threshold` skips; margins: float32 [blocks]."""
    return float(np.count_nonzero(margins < least_of(threshold)) / margins.size)


def fit(factors: Sequence[float], shares: Sequence[float]) -> Fit | None:
    """The least squares of log(factor) over the shares within FITTED; None where these are less than two."""
    points = [(share, math.log(one)) for one, share in zip(factors, shares, strict=True) if _fits(share)]
    if len({share for share, _ in points}) < 2:
        return None
    x, y = np.array(points).T
    b, log_a = np.polyfit(x, y, 1)
    worst = float(np.abs(np.expm1(log_a + b * x - y)).max())
    return Fit(math.exp(log_a), float(b), worst, len(points))


def _fits(share: float) -> bool:
    low, high = FITTED
    return low <= round(share, 12) <= high


def thousandths_for(margins: np.ndarray, keys: int, target: float) -> int | None:
    """The least `skip_thousandths` that skips at least a share of blocks; None where no lambda below 1 does.

    margins: float32 [blocks].
    """
    wanted = max(1, math.ceil(target * margins.size - 1e-9))
    margin = float(np.partition(margins, wanted - 1)[wanted - 1])
    found, most = max(1, math.floor(THOUSANDTHS * keys * 2.0**margin)), THOUSANDTHS * keys - 1
    while found <= most and skipped_share(margins, found / THOUSANDTHS / keys) * margins.size < wanted:
        found += max(1, found >> 20)  # least is rounded to FP32
    return found if found <= most else None


def shorten(layer: CompressedAttention, keys: int) -> CompressedAttention:
    """The layer on its first keys, and on the first queries where each key has one; keys and values in BF16.

    InputError where it has fewer keys, or where its queries are the last of more keys.
    """
    if keys == layer.keys:
        return layer
    if keys > layer.keys:
        refuse(layer.name, f"a length of {keys:,} is wanted", f"at most its {layer.keys:,} keys")
    if layer.causal and layer.queries != layer.keys:
        queries = f"its {layer.queries:,} queries are the last of {layer.keys:,}"
        refuse(layer.name, f"a length of {keys:,} is wanted and {queries}", "a recipe, which is drawn at any length")
    values = BF16.parts
    words = [layer.query, *(layer.cache_words(one)[:, :keys] for one in (layer.key, layer.value))]
    query, key, value = (values.of(one).value().astype(np.float32) for one in words)
    query = query[:, :keys] if layer.queries == layer.keys else query
    form = AttentionFormat("bf16", layer.tile_queries, layer.block_keys)
    return compress_attention(Attention(layer.name, query, key, value, layer.causal), None, form)
