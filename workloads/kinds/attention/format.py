"""What a machine wants attention compressed to, and how it goes through it."""

from typing import NamedTuple


class AttentionFormat(NamedTuple):
    """The format of keys and values, and the sizes that decide the order of sums and what is skipped."""

    cache_format: str = "bf16"
    tile_queries: int = 128
    block_keys: int = 128
    skip_thousandths: int = 0  # 1000 x lambda x keys
