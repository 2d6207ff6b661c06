"""How large the arrays of an .npz archive may be, checked before any of them is unpacked.

A file of a few bytes may claim any size: by a packed array of zeros, by entries that share their bytes, or by a shape
in an array's header. What an archive unpacks to may be FREE_BYTES, or BYTES_A_BYTE times the file where that is more.
A value counts four bytes at least, as narrower ones become float32 in a layer. What machines and formats make of
FREE_BYTES stays below 2 GB of memory; deflate packs a layer of float32 with one weight in 250 other than zero to about
1/128, as the place and the value of such a weight take some eight bytes.
"""

import math
from pathlib import Path
from zipfile import ZipFile

import numpy as np

from workloads.errors import refuse

FREE_BYTES = 128 << 20
"""32 Mi weights of float32."""
BYTES_A_BYTE = 128
VALUE_BYTES = 4
"""A float32."""
HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
"""By version; version (3, 0) differs from (2, 0) by letters in the names of fields only."""


def packed_bytes(archive: ZipFile) -> int:
    """What the directory of an archive says that it unpacks to, in bytes."""
    return sum(one.file_size for one in archive.infolist())


def check_size(path: Path, whole: int) -> None:
    """Refuse an archive that unpacks to `whole` bytes where that is more than `most_bytes` (InputError)."""
    size = path.stat().st_size
    most = most_bytes(size)
    if whole > most:
        found = f"it has {size:,} bytes and unpacks to {whole:,}"
        rule = f"{FREE_BYTES >> 20} MiB, or {BYTES_A_BYTE} times the file, with {VALUE_BYTES} bytes a value or more"
        refuse(path, found, f"at most {most:,} ({rule}); an archive of numpy.savez, which packs nothing, always opens")


NAMELESS = "an array without a name"


def most_bytes(size: int) -> int:
    """What a file of `size` bytes may unpack to, in bytes."""
    return max(FREE_BYTES, BYTES_A_BYTE * size)


def claimed_bytes(path: Path, archive: ZipFile, name: str) -> int:
    """What an array takes, with VALUE_BYTES a value or more. InputError where it claims more bytes than follow it.

    What is no array of numbers is left to numpy. Exceptions of zipfile, zlib and numpy where the archive is damaged.
    """
    file_name = f"{name}.npy"
    if file_name not in archive.namelist():
        return 0
    with archive.open(file_name) as file:
        if file.read(len(np.lib.format.MAGIC_PREFIX)) != np.lib.format.MAGIC_PREFIX:
            return 0
        file.seek(0)
        version = np.lib.format.read_magic(file)
        shape, _, dtype = HEADERS.get(version, HEADERS[2, 0])(file)
        held = archive.getinfo(file_name).file_size - file.tell()
    values = math.prod(shape)
    claimed = values * dtype.itemsize
    if claimed > held and not dtype.hasobject:
        found = f"{name or NAMELESS} is {dtype} {list(shape)}, {claimed:,} bytes, and has {held:,}"
        refuse(path, found, f"{claimed:,} bytes")
    return values * max(VALUE_BYTES, dtype.itemsize)
