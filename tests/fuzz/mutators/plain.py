"""Changes of bytes and of texts, whatever they hold."""

import re
from random import Random

from .values import TOKENS

NUMBER = re.compile(rb"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
WORD = re.compile(rb"\w+")
LONGEST = 1 << 20
"""Bytes of an input: the promise is about files of less than 1 MB."""


def flip_bits(data: bytes, rng: Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 4])):
        if changed:
            changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def set_bytes(data: bytes, rng: Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 8])):
        if changed:
            changed[rng.randrange(len(changed))] = rng.choice([0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)])
    return bytes(changed)


def cut(data: bytes, rng: Random) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def drop_part(data: bytes, rng: Random) -> bytes:
    first, last = _span(data, rng)
    return data[:first] + data[last:]


def copy_part(data: bytes, rng: Random) -> bytes:
    first, last = _span(data, rng)
    place = rng.randrange(len(data) + 1)
    times = rng.choice([1, 1, 1, 2, 50])
    return (data[:place] + data[first:last] * times + data[place:])[:LONGEST]


def write_integer(data: bytes, rng: Random) -> bytes:
    """Over some bytes: a length or an offset, in either order of bytes."""
    width = rng.choice([1, 2, 4, 8])
    value = rng.choice([0, 1, 2**7, 2**15, 2**31, 2**31 - 1, 2**63, 2**64 - 1, len(data), rng.randrange(256)])
    new = (value % (1 << 8 * width)).to_bytes(width, rng.choice(["little", "big"]))
    place = rng.randrange(len(data) + 1)
    return data[:place] + new + data[place + width :]


def replace_number(data: bytes, rng: Random) -> bytes:
    return _replace(NUMBER, data, rng, rng.choice(TOKENS))


def replace_word(data: bytes, rng: Random) -> bytes:
    """By another one of the text, or by an odd one."""
    words = WORD.findall(data)
    new = rng.choice(words) if words and rng.random() < 0.7 else rng.choice(TOKENS)
    return _replace(WORD, data, rng, new)


def drop_line(data: bytes, rng: Random) -> bytes:
    lines = data.split(b"\n")
    del lines[rng.randrange(len(lines))]
    return b"\n".join(lines)


def copy_line(data: bytes, rng: Random) -> bytes:
    lines = data.split(b"\n")
    lines.insert(rng.randrange(len(lines) + 1), rng.choice(lines))
    return b"\n".join(lines)


def insert_sign(data: bytes, rng: Random) -> bytes:
    place = rng.randrange(len(data) + 1)
    new = rng.choice(list(b"()[]{}<>:;,.=-+*/%&|!?'\"#@~^_ \t\n\r0\0\xff")) if rng.random() < 0.9 else 0xC3
    return data[:place] + bytes([new]) + data[place:]


BINARY = (flip_bits, set_bytes, cut, drop_part, copy_part, write_integer)
TEXTUAL = (flip_bits, cut, drop_part, copy_part, replace_number, replace_number, replace_number)
TEXTUAL += (replace_word, replace_word, drop_line, copy_line, insert_sign, insert_sign)


def _span(data: bytes, rng: Random) -> tuple[int, int]:
    first = rng.randrange(len(data) + 1)
    return first, min(len(data), first + rng.choice([1, 2, 4, 16, 64, 256, 4096]))


def _replace(pattern: re.Pattern[bytes], data: bytes, rng: Random, new: bytes) -> bytes:
    found = list(pattern.finditer(data))
    if not found:
        return new + data
    one = rng.choice(found)
    return data[: one.start()] + new + data[one.end() :]
