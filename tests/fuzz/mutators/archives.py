"""Changes of .npz archives: entries, and what their headers say."""

import io
import struct
import zipfile
from random import Random

import numpy as np

from .plain import LONGEST, flip_bits, replace_number, set_bytes
from .values import TEXTS

TYPES = [
    b"<f4",
    b"<f8",
    b"<f2",
    b">f4",
    b"|b1",
    b"<i8",
    b"|u1",
    b"<U4",
    b"|S3",
    b"|O",
    b"<M8[s]",
    b"<c8",
    b"|V4",
    b"<f16",
]
NAMES = ["weight", "bias", "activation", "x", "shape", "format", "data", "indices", "indptr", "relu", "row", "col"]
NAMES += ["weight_input", "weight_hidden", "stride", "padding", "groups", "dilation", "fc.weight", "codebook"]


def change_archive(data: bytes, rng: Random) -> bytes:
    """The archive with one of its entries changed, dropped, copied or renamed; the bytes changed where it is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [(one.filename, archive.read(one)) for one in archive.infolist()]
    except Exception:  # of a damaged archive
        return flip_bits(data, rng)
    if not entries:
        return data
    place = rng.randrange(len(entries))
    name, content = entries[place]
    kind = rng.randrange(7)
    if kind <= 2:
        entries[place] = name, rng.choice(CONTENTS)(content, rng)
    elif kind == 3:
        del entries[place]
    elif kind == 4:
        entries[place] = f"{rng.choice(NAMES + TEXTS)}.npy".encode("utf-8", "replace").decode(), content
    elif kind == 5:
        entries.append((f"{rng.choice(NAMES)}.npy", content))
    else:
        entries[place] = name, rng.choice(entries)[1]
    return pack(entries, rng)


def pack(entries: list[tuple[str, bytes]], rng: Random) -> bytes:
    """Names and contents as an archive."""
    import warnings

    file, how = io.BytesIO(), rng.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w", how) as archive:
        warnings.simplefilter("ignore")  # of a name that is there twice
        for name, content in entries:
            archive.writestr(name or "x", content)
    return file.getvalue()[:LONGEST]


def _other_shape(content: bytes, rng: Random) -> bytes:
    """A number of the header."""
    head, rest = _split(content)
    return _join(replace_number(head, rng), rest)


def _other_type(content: bytes, rng: Random) -> bytes:
    head, rest = _split(content)
    before, found, after = head.partition(b"'descr': '")
    return _join(before + found + rng.choice(TYPES) + after[after.find(b"'") :], rest) if found else content


def _other_values(content: bytes, rng: Random) -> bytes:
    """Numbers after the header: extreme ones."""
    head, rest = _split(content)
    values = [np.nan, np.inf, -np.inf, 1e-45, 3.4e38, -1.0, 0.0]
    new = np.float32(rng.choice(values)).tobytes() if rng.random() < 0.5 else rng.randbytes(4)
    place = 4 * rng.randrange(len(rest) // 4 + 1)
    return _join(head, rest[:place] + new + rest[place + 4 :])


def _zeros(content: bytes, _rng: Random) -> bytes:
    head, rest = _split(content)
    return _join(head, bytes(len(rest)))


def _claim(_content: bytes, rng: Random) -> bytes:
    """A large array of zeros, which packs well."""
    count = rng.choice([10**4, 10**4, 10**6, 3 * 10**7])
    shape = rng.choice([f"({count},)", f"(1, {count})", f"({count}, 1)", f"(10, {count // 10})"]).encode()
    return _join(b"{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + b", }", bytes(4 * count))


def _single(_content: bytes, rng: Random) -> bytes:
    """An array written anew, of another number of dimensions."""
    file = io.BytesIO()
    shape = rng.choice([(), (0,), (1,), (3, 0), (2, 2), (3, 1, 1), (1, 1, 3, 3), (2, 2, 2, 2, 2), (1,) * 20])
    kind = rng.choice(["f4", "f8", "i8", "?", "u1", "U3"])
    np.save(file, np.ones(shape, kind))
    return file.getvalue()


CONTENTS = [
    _other_shape, _other_shape, _other_shape, _other_type, _other_type, _other_values, _other_values, _other_values,
    _zeros, _claim, _single, _single, flip_bits, set_bytes,
]  # fmt: skip


def _split(content: bytes) -> tuple[bytes, bytes]:
    """The header's text and the numbers of a .npy file."""
    size = struct.unpack_from("<H", content, 8)[0] if len(content) > 10 else 0
    return content[10 : 10 + size].rstrip(), content[10 + size :]


def _join(head: bytes, rest: bytes) -> bytes:
    padded = head + b" " * (-(len(head) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(padded) % 65536) + padded + rest
