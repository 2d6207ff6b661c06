"""The reference kernel of attention, tile after tile."""

from collections.abc import Iterator

import numpy as np

from kernels_ref.attention import Tile, attend, margins
from workloads.kinds.attention.layer import CompressedAttention


def tiles_of(layer: CompressedAttention) -> Iterator[Tile]:
    """What each tile gives: of each key head its rows in order, `tile_queries` at once."""
    keys, values, seen = layer.cache_words(layer.key), layer.cache_words(layer.value), layer.seen
    for head in range(layer.key_heads):
        rows = layer.rows(head)
        for first in range(0, len(rows), layer.tile_queries):
            tile = slice(first, first + layer.tile_queries)
            yield attend(rows[tile], keys[head], values[head], seen[tile], layer.scale, layer.block_keys, layer.least)


def layer_margins(layer: CompressedAttention) -> np.ndarray:
    """The margins of the blocks of all tiles, float32 [blocks]: see `kernels_ref.attention.margins`."""
    keys, seen, found = layer.cache_words(layer.key), layer.seen, []
    for head in range(layer.key_heads):
        rows = layer.rows(head)
        for first in range(0, len(rows), layer.tile_queries):
            tile = slice(first, first + layer.tile_queries)
            found.append(margins(rows[tile], keys[head], seen[tile], layer.scale, layer.block_keys))
    return np.concatenate(found)


def reference(layer: CompressedAttention) -> np.ndarray:
    """The output, float32 [heads x queries x width], bit for bit."""
    return layer.by_head(np.concatenate([tile.output for tile in tiles_of(layer)]))


def exact(layer: CompressedAttention) -> np.ndarray:
    """The same with nothing skipped, in float64 and without blocks: [heads x queries x width]."""
    from kernels_ref.attention import BF16

    keys, values = (BF16.of(layer.cache_words(one)).value() for one in (layer.key, layer.value))
    found = np.zeros((layer.key_heads, layer.queries * (layer.heads // layer.key_heads), layer.width))
    hidden = np.arange(layer.keys) >= layer.seen[:, None]
    for head in range(layer.key_heads):
        scores = BF16.of(layer.rows(head)).value() @ keys[head].T / np.sqrt(layer.width)
        scores[hidden] = -np.inf
        weight = np.exp(scores - scores.max(axis=1, keepdims=True))
        found[head] = weight @ values[head] / weight.sum(axis=1, keepdims=True)
    return layer.by_head(found)
