"""How many bits a layer takes after each stage of Deep Compression, exactly.

Weights are stored as one long list in the order of columns, then rows: a code and the count of zeros before it, with
padding entries where the count does not fit (Deep Compression, section 2). No pointers are needed, as nothing is read
from the middle. Biases stay 32-bit floats at every stage.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from workloads.compression.columns import Columns
from workloads.compression.huffman import code_lengths, count_symbols, encoded_bits, table_bits
from workloads.compression.relative_index import encode
from workloads.compression.shared import SharedFullyConnected

FLOAT_BITS = 32


class Entries(NamedTuple):
    """A layer's list of entries."""

    code: np.ndarray  # uint8 [entries], 0 = padding
    zeros: np.ndarray  # uint8 [entries]


class Storage(NamedTuple):
    """Bits of one layer. Each stage holds all that is needed to get the weights back."""

    layer: str
    weights: int
    kept: int
    padding: int
    weight_bits: int
    index_bits: int
    dense: int  # 32-bit weights and biases
    pruned: int  # 32-bit weights with an index each
    shared: int  # codes with an index each, and the codebook
    huffman: int  # both as Huffman streams, with their tables, and the codebook

    @property
    def rate(self) -> float:
        """How many times smaller than dense."""
        return self.dense / self.huffman


def list_entries(layer: SharedFullyConnected, index_bits: int) -> Entries:
    """The layer's weights as one list."""
    banks = encode(flatten(layer.columns, layer.outputs), 1, index_bits)
    return Entries(banks.code, banks.zeros)


def flatten(columns: Columns, outputs: int) -> Columns:
    """All columns one below the other as a single one: row i of column j becomes row j * outputs + i."""
    column = np.repeat(np.arange(columns.start.size - 1, dtype=np.uint32), np.diff(columns.start))
    end = np.array([0, columns.row.size], np.int64)
    return Columns(end, column * np.uint32(outputs) + columns.row, columns.code)


def dense_codes(layer: SharedFullyConnected) -> np.ndarray:
    """The code of every weight, uint8 [outputs, inputs], 0 where pruned."""
    dense = np.zeros((layer.inputs, layer.outputs), np.uint8)
    dense[np.repeat(np.arange(layer.inputs), np.diff(layer.columns.start)), layer.columns.row] = layer.columns.code
    return dense.T.copy()


def account(layer: SharedFullyConnected, weight_bits: int, index_bits: int) -> Storage:
    """Count the bits of a layer whose codes have `weight_bits` and whose zero counts have `index_bits`."""
    entries = list_entries(layer, index_bits)
    count, kept = entries.code.size, layer.columns.row.size
    biases = 0 if layer.bias is None else FLOAT_BITS * layer.bias.size
    codebook = FLOAT_BITS * (1 << weight_bits)
    return Storage(
        layer=layer.name,
        weights=layer.inputs * layer.outputs,
        kept=kept,
        padding=count - kept,
        weight_bits=weight_bits,
        index_bits=index_bits,
        dense=FLOAT_BITS * layer.inputs * layer.outputs + biases,
        pruned=count * (FLOAT_BITS + index_bits) + biases,
        shared=count * (weight_bits + index_bits) + codebook + biases,
        huffman=huffman_bits(entries.code, weight_bits) + huffman_bits(entries.zeros, index_bits) + codebook + biases,
    )


def huffman_bits(symbols: np.ndarray, bits: int) -> int:
    """Bits of symbols below 2**bits as a Huffman stream with its table."""
    counts = count_symbols(symbols, 1 << bits)
    length = code_lengths(counts)
    return encoded_bits(counts, length) + table_bits(length)


def total(parts: Iterable[Storage]) -> Storage:
    """The sum over layers; bits of codes and indices are those of the widest."""
    parts = list(parts)
    summed = {
        name: sum(getattr(part, name) for part in parts)
        for name in ("weights", "kept", "padding", "dense", "pruned", "shared", "huffman")
    }
    widest = {name: max(getattr(part, name) for part in parts) for name in ("weight_bits", "index_bits")}
    return Storage(layer="total", **summed, **widest)
