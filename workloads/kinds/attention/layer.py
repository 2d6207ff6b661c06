"""Attention: in floating point, and in the words that a machine reads."""

from typing import NamedTuple

import numpy as np

from workloads.kinds.matrix_product.operand import Operand
from workloads.number_formats.elements import BF16

THOUSANDTHS = 1000


class Attention(NamedTuple):
    """Queries of several heads on the keys and values that they share in groups, in floating point.

    Several sequences are several heads each: query heads h x group to (h + 1) x group - 1 read key head h.
    """

    name: str
    query: np.ndarray  # float32 [heads, queries, width]
    key: np.ndarray  # float32 [key heads, keys, width]
    value: np.ndarray  # float32 [key heads, keys, width]
    causal: bool  # the last query reads all keys, each one before it a key less

    @property
    def activation(self) -> np.ndarray:
        """What another input takes the place of: the queries, float32 [heads, queries, width]."""
        return self.query


class CompressedAttention(NamedTuple):
    """Queries in BF16, keys and values in the format of the cache: all that decides the output to the last bit.

    The output is float32 [heads x queries x width]; see `kernels_ref.attention`. A block of keys is skipped where
    lambda = skip_thousandths / 1000 / keys is above the share that it could have of any row (0: none is skipped).
    """

    name: str
    query: np.ndarray  # uint16 [heads, queries, width], BF16
    key: Operand  # codes [key heads x keys, width]
    value: Operand  # likewise
    keys: int  # of a head
    causal: bool
    tile_queries: int  # rows that share a tile at most: queries of all heads that read the same keys
    block_keys: int
    skip_thousandths: int
    own_format: bool = False  # the network chose the format of the cache, and not the machine
    notes: tuple[str, ...] = ()
    cache_error: float = 0.0  # |k' - k| / |k| of keys and values together

    @property
    def number_format(self) -> str:
        """Of keys and values."""
        return self.key.form.name

    @property
    def heads(self) -> int:
        """Of queries, of all sequences."""
        return self.query.shape[0]

    @property
    def queries(self) -> int:
        """Of a head."""
        return self.query.shape[1]

    @property
    def width(self) -> int:
        """Numbers of a query, a key or a value."""
        return self.query.shape[2]

    @property
    def key_heads(self) -> int:
        """Of keys and values, of all sequences."""
        return self.key.code.shape[0] // self.keys

    @property
    def inputs(self) -> int:
        """Keys of a head."""
        return self.keys

    @property
    def outputs(self) -> int:
        """Numbers that are put out."""
        return self.query.size

    @property
    def scale(self) -> np.float32:
        """Of scores: 1/sqrt(width), for powers of two."""
        return np.float32(np.log2(np.e) / np.sqrt(self.width))

    @property
    def least(self) -> np.float32:
        """How far below the maximum a score counts: log2(lambda), float32; minus infinity where nothing is skipped."""
        if not self.skip_thousandths:
            return np.float32(-np.inf)
        return np.float32(np.log2(self.skip_thousandths / THOUSANDTHS / self.keys))

    @property
    def seen(self) -> np.ndarray:
        """How many keys each row of a key head reads, int64 [queries x group]: see `rows`."""
        numbers = np.arange(self.queries) + self.keys - self.queries + 1
        numbers = numbers if self.causal else np.full(self.queries, self.keys)
        return np.repeat(numbers, self.heads // self.key_heads)

    @property
    def dense_operations(self) -> int:
        """Operations of two products without any skipping: a multiply and an add for each key that a query reads."""
        return 4 * self.width * self.key_heads * int(self.seen.sum())

    def rows(self, head: int) -> np.ndarray:
        """The queries that read key head `head`: uint16 [queries x group, width], all heads of a query together."""
        group = self.heads // self.key_heads
        mine = self.query[head * group : (head + 1) * group]
        return np.ascontiguousarray(mine.transpose(1, 0, 2).reshape(-1, self.width))

    def cache_words(self, which: Operand) -> np.ndarray:
        """Keys or values as the array reads them: uint16 [key heads, keys, width], decoded to BF16."""
        values = which.values().clip(-BF16.largest, BF16.largest)
        return BF16.cast(values.astype(np.float32)).reshape(self.key_heads, self.keys, self.width)

    def by_head(self, rows: np.ndarray) -> np.ndarray:
        """Rows of all key heads, float32 [key heads, queries x group, width], as [heads x queries x width]."""
        group = self.heads // self.key_heads
        split = rows.reshape(self.key_heads, self.queries, group, self.width)
        return np.ascontiguousarray(split.transpose(0, 2, 1, 3)).ravel()
