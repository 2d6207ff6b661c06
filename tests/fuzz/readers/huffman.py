"""Huffman streams: lengths of words, a number of symbols, a stream."""

from pathlib import Path

import numpy as np

from ..harness import Harness


def _pack(symbols: list[int], size: int) -> bytes:
    from workloads.compression.huffman import code_lengths, encode

    array = np.array(symbols, np.uint8)
    length = code_lengths(np.bincount(array, minlength=size).astype(np.int64))
    return bytes([size]) + length.tobytes() + len(symbols).to_bytes(4, "little") + encode(array, length).tobytes()


def seeds() -> list[bytes]:
    return [_pack([0, 1, 1, 2, 5, 5, 5, 5], 6), _pack([3] * 9, 4), _pack(list(range(200)) * 2, 255), _pack([], 3)]


def read(data: bytes, folder: Path) -> None:  # noqa: ARG001
    """One byte of the code's size, its lengths, four bytes of a count, the stream."""
    from workloads.compression.huffman import decode, encode

    size = data[0] if data else 0
    length = np.frombuffer(data[1 : 1 + size], np.uint8)
    count = int.from_bytes(data[1 + size : 5 + size], "little") % (1 << 24)
    stream = np.frombuffer(data[5 + size :], np.uint8)
    symbols = decode(stream, count, length)
    assert encode(symbols, length).tobytes() == stream.tobytes()


HARNESS = Harness("huffman", read, seeds, [])
