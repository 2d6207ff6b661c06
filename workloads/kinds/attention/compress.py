"""From attention in floating point to the words that a machine reads."""

import numpy as np

from workloads.errors import refuse
from workloads.kinds.attention.format import AttentionFormat
from workloads.kinds.attention.layer import THOUSANDTHS, Attention, CompressedAttention
from workloads.kinds.matrix_product.operand import encode
from workloads.number_formats import find_format
from workloads.number_formats.elements import BF16


def compress_attention(layer: Attention, density: float | None, wanted: AttentionFormat) -> CompressedAttention:
    """Queries in BF16, keys and values in the format of the cache.

    InputError where a density is asked for, where the format is unknown, and where every block could be skipped.
    """
    if density is not None:
        refuse(layer.name, f"density is {density:g}", "none, as attention has no weights")
    _, keys, width = layer.key.shape
    if wanted.skip_thousandths >= THOUSANDTHS * keys:
        share = f"skip_thousandths is {wanted.skip_thousandths} for {keys} keys, so that lambda is 1 or more"
        refuse(layer.name, share, f"less than {THOUSANDTHS * keys}")
    form = find_format(wanted.cache_format)
    given = [one.reshape(-1, width) for one in (layer.key, layer.value)]
    key, value = (encode(form, one) for one in given)
    lost = sum(float(((one.values() - other) ** 2).sum()) for one, other in zip((key, value), given, strict=True))
    whole = sum(float((one.astype(np.float64) ** 2).sum()) for one in given)
    return CompressedAttention(
        name=layer.name,
        query=BF16.cast(layer.query.clip(-BF16.largest, BF16.largest)),
        key=key,
        value=value,
        keys=keys,
        causal=layer.causal,
        tile_queries=wanted.tile_queries,
        block_keys=wanted.block_keys,
        skip_thousandths=wanted.skip_thousandths,
        cache_error=(lost / whole) ** 0.5 if whole else 0.0,
    )
