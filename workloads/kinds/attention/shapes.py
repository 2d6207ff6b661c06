"""Attention of a shape: queries, keys and values take no memory, for runs that compute no output and skip nothing."""

import numpy as np

from workloads.kinds.attention.format import AttentionFormat
from workloads.kinds.attention.layer import CompressedAttention
from workloads.kinds.matrix_product.shapes import operand_of_shape
from workloads.number_formats import find_format


def attention_of_shape(
    name: str, form: AttentionFormat, heads: int, key_heads: int, queries: int, keys: int, width: int, causal: bool
) -> CompressedAttention:
    """A layer of zeros. heads, key_heads: of all sequences; queries, keys: of a head; width: numbers of each.

    InputError where the format of the cache is unknown.
    """
    cache = operand_of_shape(find_format(form.cache_format), key_heads * keys, width)
    return CompressedAttention(
        name=name,
        query=np.broadcast_to(np.zeros(1, np.uint16), (heads, queries, width)),
        key=cache,
        value=cache,
        keys=keys,
        causal=causal,
        tile_queries=form.tile_queries,
        block_keys=form.block_keys,
        skip_thousandths=form.skip_thousandths,
    )
