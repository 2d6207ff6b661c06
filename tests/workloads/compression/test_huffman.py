"""Huffman codes: optimal, reversible, and deaf to damage."""

import heapq

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workloads.compression.huffman import (
    LONGEST,
    check_code,
    code_lengths,
    code_words,
    count_symbols,
    decode,
    encode,
    encoded_bits,
    table_bits,
)
from workloads.errors import InputError

symbol_lists = st.lists(st.integers(0, 40), max_size=300).map(lambda values: np.array(values, np.uint8))


def huffman_cost(counts):
    """Bits of the best code without a limit: the sum of all merges."""
    heap = [count for count in counts if count]
    if len(heap) == 1:
        return heap[0]
    heapq.heapify(heap)
    total = 0
    while len(heap) > 1:
        merged = heapq.heappop(heap) + heapq.heappop(heap)
        total += merged
        heapq.heappush(heap, merged)
    return total


@given(symbol_lists)
def test_decoding_undoes_encoding(symbols):
    length = code_lengths(count_symbols(symbols, 41))
    stream = encode(symbols, length)
    assert stream.size == -(-encoded_bits(count_symbols(symbols, 41), length) // 8)
    np.testing.assert_array_equal(decode(stream, symbols.size, length), symbols)


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=200))
def test_no_code_is_shorter(counts):
    counts = np.array(counts, np.int64)
    length = code_lengths(counts)
    check_code(length)
    assert ((length > 0) == (counts > 0)).all()
    if length.max() < LONGEST:
        assert encoded_bits(counts, length) == huffman_cost(counts.tolist())


def test_words_are_limited_and_still_a_code():
    fibonacci = [1, 1]
    while len(fibonacci) < 40:
        fibonacci.append(sum(fibonacci[-2:]))
    length = code_lengths(np.array(fibonacci))
    assert length.max() == LONGEST
    check_code(length)


@given(symbol_lists)
def test_no_word_begins_another(symbols):
    length = code_lengths(count_symbols(symbols, 41))
    words = [format(word, f"0{bits}b") for word, bits in zip(code_words(length), length, strict=True) if bits]
    assert not any(a != b and b.startswith(a) for a in words for b in words)


def test_words_of_a_length_follow_each_other():
    assert code_words(np.array([2, 0, 1, 3, 3], np.uint8)).tolist() == [0b10, 0, 0b0, 0b110, 0b111]
    assert table_bits(np.zeros(16, np.uint8)) == 16 * 5


def test_real_codes_come_near_their_entropy():
    share = np.array([0.64, 2.47, 5.5, 9.89, 14.68, 12.99, 10.57, 13.98, 11.61, 8.25, 5.16, 2.65, 1.15, 0.38, 0.08])
    counts = np.round(share * 10_000).astype(np.int64)
    entropy = -(counts / counts.sum() * np.log2(counts / counts.sum())).sum()
    assert entropy <= encoded_bits(counts, code_lengths(counts)) / counts.sum() < entropy + 0.05


@given(symbol_lists.filter(lambda s: s.size > 0), st.data())
def test_a_damaged_stream_is_refused_or_other_symbols(symbols, data):
    length = code_lengths(count_symbols(symbols, 41))
    stream = encode(symbols, length)
    damaged = stream.copy()
    damaged[data.draw(st.integers(0, stream.size - 1))] ^= 1 << data.draw(st.integers(0, 7))
    damaged = damaged[: data.draw(st.integers(0, stream.size))]
    try:
        found = decode(damaged, symbols.size, length)
    except InputError as error:
        assert str(error).startswith("Huffman: ")
        assert "; expected " in str(error)
    else:
        assert damaged.size == stream.size
        assert not np.array_equal(found, symbols)


@given(st.lists(st.integers(0, 40), max_size=40), st.binary(max_size=20), st.integers(0, 30))
def test_any_table_is_refused_or_decodes(lengths, content, count):
    try:
        symbols = decode(np.frombuffer(content, np.uint8), count, np.array(lengths, np.uint8))
    except InputError as error:
        assert "; expected " in str(error)
    else:
        assert symbols.size == count


@pytest.mark.parametrize(
    ("lengths", "complaint"),
    [
        ([17, 1], "a word has 17 bits; expected at most 16"),
        ([1, 1, 1], "make no complete code"),
        ([2, 2], "make no complete code"),
    ],
)
def test_lengths_that_are_no_code(lengths, complaint):
    with pytest.raises(InputError, match=complaint):
        check_code(np.array(lengths, np.uint8))


def test_ends_are_checked():
    length = np.array([1, 1], np.uint8)
    stream = encode(np.array([0, 1, 1], np.uint8), length)
    with pytest.raises(InputError, match="holds no 9 symbols"):
        decode(stream, 9, length)
    with pytest.raises(InputError, match="something follows the 2 symbols"):
        decode(stream, 2, length)
    with pytest.raises(InputError, match="something follows the 3 symbols"):
        decode(np.append(stream, np.uint8(0)), 3, length)
    with pytest.raises(InputError, match="a symbol has no word"):
        encode(np.array([2], np.uint8), length)


@given(symbol_lists.filter(lambda s: s.size > 1))
def test_no_longer_than_dahuffmans_code(symbols):
    from dahuffman import HuffmanCodec

    counts = count_symbols(symbols, 41)
    frequencies = {symbol: int(count) for symbol, count in enumerate(counts) if count}
    theirs = HuffmanCodec.from_frequencies(frequencies).get_code_table()
    with_end = sum(bits * frequencies.get(symbol, 1) for symbol, (bits, _) in theirs.items())  # it adds an end mark
    assert encoded_bits(counts, code_lengths(counts)) <= with_end
