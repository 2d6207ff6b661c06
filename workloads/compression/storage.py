"""The exact number of bits a layer takes after each stage of Deep Compression.

Weights are stored as one list in the order of columns, then rows: a code and the count of zeros before it, with padding
entries where the count does not fit (Deep Compression, section 2). There are no pointers, as the list is always read
from its beginning. Biases stay 32-bit floats at every stage.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from workloads.compression.columns import Columns
from workloads.compression.huffman import code_lengths, count_symbols, encoded_bits, table_bits
from workloads.compression.relative_index import encode
from workloads.compression.shared import CODEBOOK, SharedFullyConnected
from workloads.number_formats import find_format
from workloads.number_formats.number_format import Encoded

FLOAT_BITS = 32


class Entries(NamedTuple):
    """The list of entries of a layer."""

    code: np.ndarray  # uint8 or uint16 [entries], 0 = padding
    zeros: np.ndarray  # uint8 [entries]: weights skipped before each entry


class Storage(NamedTuple):
    """Bits of one layer after each stage; every stage alone is enough to restore the weights."""

    layer: str
    weights: int  # before pruning
    kept: int  # weights after pruning
    padding: int  # entries that only extend a count of zeros
    weight_bits: int  # of a code
    index_bits: int  # of a count of zeros
    dense: int  # bits of 32-bit weights and biases
    pruned: int  # bits of 32-bit weights with an index each, and biases
    shared: int  # bits of codes with an index each, the codebook or the scales of all blocks, and biases
    huffman: int  # bits of codes and indices as Huffman streams with their tables, and of the same rest

    @property
    def rate(self) -> float:
        """The compression rate: dense bits over Huffman-coded bits."""
        return self.dense / self.huffman


def list_entries(layer: SharedFullyConnected, index_bits: int) -> Entries:
    """Return the layer's weights as one list, with zero counts of `index_bits` bits (1 .. 8)."""
    banks = encode(flatten(layer.columns, layer.outputs), 1, index_bits)
    return Entries(banks.code, banks.zeros)


def flatten(columns: Columns, outputs: int) -> Columns:
    """Concatenate all columns to a single one: row i of column j becomes row j * outputs + i."""
    column = np.repeat(np.arange(columns.start.size - 1, dtype=np.uint32), np.diff(columns.start))
    end = np.array([0, columns.row.size], np.int64)
    return Columns(end, column * np.uint32(outputs) + columns.row, columns.code)


def dense_codes(layer: SharedFullyConnected) -> np.ndarray:
    """Return the code of every weight, uint8 or uint16 [outputs, inputs]; 0 where it is pruned."""
    dense = np.zeros((layer.inputs, layer.outputs), layer.columns.code.dtype)
    dense[np.repeat(np.arange(layer.inputs), np.diff(layer.columns.start)), layer.columns.row] = layer.columns.code
    return dense.T.copy()


def account(layer: SharedFullyConnected, weight_bits: int, index_bits: int) -> Storage:
    """Count the bits of a layer with codes of `weight_bits` bits and zero counts of `index_bits` bits (1 .. 8)."""
    entries = list_entries(layer, index_bits)
    count, kept = entries.code.size, layer.columns.row.size
    biases = 0 if layer.bias is None else FLOAT_BITS * layer.bias.size
    codebook = shared_bits(layer, weight_bits)
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


def shared_bits(layer: SharedFullyConnected, weight_bits: int) -> int:
    """Bits of what the codes share: a codebook of 2**weight_bits levels, or the scales of another format."""
    if layer.form == CODEBOOK:
        return FLOAT_BITS * (1 << weight_bits)
    return find_format(layer.form).shared_bits(Encoded(np.zeros(0, np.uint8), layer.shared))


def huffman_bits(symbols: np.ndarray, bits: int) -> int:
    """Bits of `symbols`, uint8 or uint16 [n], each below 2**bits, as a Huffman stream with its table."""
    counts = count_symbols(symbols, 1 << bits)
    length = code_lengths(counts)
    return encoded_bits(counts, length) + table_bits(length)


def total(parts: Iterable[Storage]) -> Storage:
    """Sum the storage of layers; the widths of codes and indices are those of the widest layer."""
    parts = list(parts)
    summed = {
        name: sum(getattr(part, name) for part in parts)
        for name in ("weights", "kept", "padding", "dense", "pruned", "shared", "huffman")
    }
    widest = {name: max(getattr(part, name) for part in parts) for name in ("weight_bits", "index_bits")}
    return Storage(layer="total", **summed, **widest)
