"""Encodings of a layer's weights, decoded back by decoders that share nothing with the encoders."""

import numpy as np
from support.decoders import decode as decode_banks
from support.decoders import from_run_lengths

from workloads.compression import huffman, relative_index, run_length


def difference(layer, rng):
    """What the layer's weights do not come back from; None: they come back from each encoding."""
    for columns in _columns(layer):
        found = _relative_index(columns, int(rng.integers(1, 10)), int(rng.integers(1, 9)))
        if found is not None:
            return found
    for vector in _vectors(layer):
        found = _run_lengths(vector, int(rng.integers(1, 9)))
        if found is not None:
            return found
    return None


def _columns(layer):
    """The sparse matrices of a layer."""
    if hasattr(layer, "columns"):
        yield layer.columns
    for one in getattr(layer, "layers", ()):
        for matrix in getattr(one, "matrices", {}).values():
            yield matrix.columns


def _vectors(layer):
    """The arrays of words of a layer, flat."""
    for name in ("weight", "activation"):
        words = getattr(layer, name, None)
        if isinstance(words, np.ndarray):  # a matrix product has no words, but codes
            yield words.ravel()


def _relative_index(columns, banks, bits):
    encoded = relative_index.encode(columns, banks, bits)
    found = decode_banks(encoded)
    if not all(np.array_equal(*pair) for pair in zip(found, columns, strict=True)):
        return f"relative index of {bits} bits in {banks} banks: other columns come back"
    counts = relative_index.count_entries(columns, banks, bits)
    if not np.array_equal(counts, encoded.pointer[-1]):
        return f"relative index of {bits} bits in {banks} banks: {counts} entries are counted"
    return _huffman(encoded.zeros) or _huffman(encoded.code.view(_unsigned(encoded.code)))


def _unsigned(codes):
    return np.uint8 if codes.dtype.itemsize == 1 else np.uint16


def _run_lengths(values, bits):
    zeros, stored = run_length.to_run_lengths(values, bits)
    if zeros.max(initial=0) >= 1 << bits:
        return f"run lengths of {bits} bits: a count is {zeros.max()}"
    if not np.array_equal(from_run_lengths(zeros, stored, values.size), values):
        return f"run lengths of {bits} bits: other values come back"
    return _huffman(zeros)


def _huffman(symbols):
    """Encode symbols, and read the stream bit by bit, with words that are only defined by their lengths."""
    length = huffman.code_lengths(huffman.count_symbols(symbols, int(symbols.max(initial=0)) + 1))
    stream = huffman.encode(symbols, length)
    if read_huffman(stream, length, symbols.size) != symbols.tolist():
        return "Huffman: other symbols come back"
    if huffman.decode(stream, symbols.size, length).tolist() != symbols.tolist():
        return "Huffman: the decoder returns other symbols"
    return None


def read_huffman(stream, length, count):
    """The symbols of a canonical code: shorter words first, symbols in order, each word the one before plus one."""
    words, word, before = {}, 0, 0
    for bits, symbol in sorted((int(bits), symbol) for symbol, bits in enumerate(length.tolist()) if bits):
        word <<= bits - before
        words[bits, word] = symbol
        word, before = word + 1, bits
    found, bits, value = [], 0, 0
    for bit in np.unpackbits(stream).tolist():
        if len(found) == count:
            break
        bits, value = bits + 1, 2 * value + bit
        if (bits, value) in words:
            found.append(words[bits, value])
            bits = value = 0
    return found
