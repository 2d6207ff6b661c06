"""Canonical Huffman codes for streams of small symbols (Deep Compression, section 4).

A code is defined by the length of each symbol's word alone (0: the symbol does not occur): words of one length are
consecutive numbers in the order of the symbols, shorter words before longer ones. In the stream, a word's first bit
comes first, and each byte is filled from its upper bit; the last byte is padded with zeros.
"""

import heapq

import numpy as np
from numba import njit

from workloads.errors import InputError

LONGEST = 16
"""The longest word in bits, so that a decoder's table has at most 2**16 entries."""
LENGTH_BITS = 5
"""Bits of a word's length, 0 .. 16, in a stored table."""


def code_lengths(counts: np.ndarray) -> np.ndarray:
    """Return the word lengths in bits, uint8 [symbols], of the shortest code with words of at most `LONGEST` bits.

    counts: how often each symbol occurs, int64 [symbols], at most 2**16 symbols. A single symbol takes one bit.
    Package-merge (Larmore and Hirschberg, 1990): the encoded stream is as short as the limit on lengths allows.
    """
    used = np.flatnonzero(counts)
    length = np.zeros(counts.size, np.uint8)
    if used.size <= 1:
        length[used] = 1
        return length
    leaves = sorted((int(counts[symbol]), (int(symbol),)) for symbol in used)
    packages: list[tuple[int, tuple[int, ...]]] = []
    for _ in range(LONGEST):
        merged = list(heapq.merge(leaves, packages))
        packages = [(a[0] + b[0], a[1] + b[1]) for a, b in zip(merged[::2], merged[1::2], strict=False)]
    for _, symbols in packages[: used.size - 1]:
        np.add.at(length, list(symbols), 1)
    return length


def count_symbols(symbols: np.ndarray, size: int = 1 << LONGEST) -> np.ndarray:
    """Return how often each symbol below `size` occurs, int64 [size], in `symbols`, uint8 or uint16 [n]."""
    counts = np.zeros(size, np.int64)
    _count(symbols, counts)
    return counts


def encode(symbols: np.ndarray, length: np.ndarray) -> np.ndarray:
    """Encode symbols, uint8 or uint16 [n], with a code of word lengths, uint8 [words]; return a stream, uint8 [bytes].

    InputError where the lengths form no code (`check_code`), or where a symbol has no word.
    """
    check_code(length)
    counts = count_symbols(symbols)
    if counts[length.size :].any() or counts[: length.size][length == 0].any():
        raise InputError("Huffman: a symbol has no word in the code; expected a code made from these symbols")
    bits = encoded_bits(counts[: length.size], length)
    stream = np.zeros(-(-bits // 8), np.uint8)
    _encode(symbols, code_words(length), length, stream)
    return stream


def decode(stream: np.ndarray, count: int, length: np.ndarray) -> np.ndarray:
    """Decode a stream, uint8 [bytes], with a code of word lengths, uint8 [words]; return the symbols, uint16 [count].

    InputError where the lengths form no code (`check_code`), or where the stream does not hold exactly `count` symbols
    and the zeros that pad its last byte.
    """
    check_code(length)
    symbols = np.empty(count, np.uint16)
    if count and not length.any():
        raise InputError(f"Huffman: {count} symbols of a code without words; expected at least one word")
    depth = int(length.max(initial=1))
    read = int(_decode(stream, _decoder_table(length, depth), depth, symbols))
    if read < 0:
        raise InputError(
            f"Huffman: the stream of {stream.size} bytes holds no {count} symbols; expected a whole stream"
        )
    if -(-read // 8) != stream.size or (read % 8 and stream[-1] & ((1 << (8 - read % 8)) - 1)):
        raise InputError(f"Huffman: something follows the {count} symbols in the stream; expected its end")
    return symbols


def encoded_bits(counts: np.ndarray, length: np.ndarray) -> int:
    """Bits of a stream without its table: symbols occur `counts` times, int64 [symbols]; lengths uint8 [symbols]."""
    return int(counts @ length.astype(np.int64))


def table_bits(length: np.ndarray) -> int:
    """Bits of the stored table of word lengths, uint8 [symbols]."""
    return LENGTH_BITS * length.size


def check_code(length: np.ndarray) -> None:
    """Check that word lengths, uint8 [symbols], form a complete prefix code of words of at most `LONGEST` bits.

    InputError where they do not. A single symbol with a word of one bit is a code too.
    """
    if length.size > 1 << LONGEST or length.max(initial=0) > LONGEST:
        raise InputError(f"Huffman: a word has {length.max(initial=0)} bits; expected at most {LONGEST}")
    used = length[length > 0].astype(np.int64)
    share = int((1 << (LONGEST - used)).sum())
    complete = share == 1 << LONGEST or (used.size == 1 and used[0] == 1) or used.size == 0
    if not complete:
        raise InputError("Huffman: the lengths of the words make no complete code; expected a table as encoded")


def code_words(length: np.ndarray) -> np.ndarray:
    """Return each symbol's word in the lower bits of uint32 [symbols], for word lengths uint8 [symbols]."""
    words = np.zeros(length.size, np.uint32)
    word = previous = 0
    for symbol in np.lexsort((np.arange(length.size), length)):
        bits = int(length[symbol])
        if bits:
            word <<= bits - previous if previous else 0
            words[symbol] = word
            word, previous = word + 1, bits
    return words


def _decoder_table(length: np.ndarray, depth: int) -> np.ndarray:
    """Return a lookup table, uint32 [2**depth], of word lengths uint8 [symbols].

    An entry is (symbol << 5) | length of the word that its index of `depth` bits begins with, or 0 where there is none.
    """
    table = np.zeros(1 << depth, np.uint32)
    for symbol, word in enumerate(code_words(length).tolist()):
        bits = int(length[symbol])
        if bits:
            table[word << (depth - bits) : (word + 1) << (depth - bits)] = (symbol << LENGTH_BITS) | bits
    return table


@njit(cache=True)
def _count(symbols, counts):  # type: ignore[no-untyped-def]
    """Add to `counts`, int64 [size], how often each symbol occurs in `symbols`, uint8 or uint16 [n]."""
    for i in range(symbols.size):
        counts[symbols[i]] += 1


@njit(cache=True)
def _encode(symbols, words, length, stream):  # type: ignore[no-untyped-def]
    """Write the words of `symbols`, uint8 or uint16 [n], to `stream`, uint8 [bytes].

    words: uint32 [code's symbols], length: uint8 [code's symbols], in bits.
    """
    pending, bits, position = np.uint64(0), np.uint64(0), 0
    for i in range(symbols.size):
        symbol = symbols[i]
        pending = (pending << np.uint64(length[symbol])) | np.uint64(words[symbol])
        bits += np.uint64(length[symbol])
        while bits >= np.uint64(8):
            bits -= np.uint64(8)
            stream[position] = np.uint8((pending >> bits) & np.uint64(255))
            position += 1
    if bits:
        stream[position] = np.uint8((pending << (np.uint64(8) - bits)) & np.uint64(255))


@njit(cache=True)
def _decode(stream, table, depth, symbols):  # type: ignore[no-untyped-def]
    """Fill `symbols`, uint16 [count], from `stream`, uint8 [bytes], with `table`, uint32 [2**depth].

    Return the number of bits read, or -1 where the stream ends early or holds no word.
    """
    pending, bits, position, read = np.uint64(0), 0, 0, 0
    mask = np.uint64((1 << depth) - 1)
    for i in range(symbols.size):
        while bits < depth:
            byte = np.uint64(stream[position]) if position < stream.size else np.uint64(0)
            pending = (pending << np.uint64(8)) | byte
            position += 1
            bits += 8
        found = table[(pending >> np.uint64(bits - depth)) & mask]
        used = int(found & np.uint32(31))
        read += used
        if used == 0 or read > 8 * stream.size:
            return -1
        bits -= used
        symbols[i] = found >> np.uint32(5)
    return read
