"""Small layers of attention for tests."""

import numpy as np

from simulator.core.registry import find
from workloads.kinds.attention.compress import compress_attention
from workloads.kinds.attention.layer import Attention


def attention(seed, heads=2, key_heads=1, queries=3, keys=9, width=4, causal=False, spread=1.0):
    """Gaussian queries, keys and values; spread: of scores."""
    rng = np.random.default_rng(seed)
    query, key, value = (
        rng.standard_normal(shape, dtype=np.float32)
        for shape in ((heads, queries, width), (key_heads, keys, width), (key_heads, keys, width))
    )
    return Attention("drawn", query * np.float32(spread), key, value, causal)


def attention_for(arch, layer):
    """A layer as a tensor engine reads it."""
    return compress_attention(layer, None, find("tensor").formats(arch)["attention"])
