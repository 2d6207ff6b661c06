"""How large the arrays of an .npz archive may be, checked before any of them is unpacked.

A file of a few bytes may claim any size: by a packed array of zeros, by entries that share their bytes, or by a shape
in an array's header. What an archive unpacks to may be FREE_BYTES, or BYTES_A_BYTE times the file where that is more:
deflate packs zeros to about 1/1030, and a layer of float32 with one weight in a thousand other than zero to about
1/450, as the place and the value of such a weight take some five bytes.
"""

import math
from pathlib import Path
from zipfile import ZipFile

import numpy as np

from workloads.errors import refuse

FREE_BYTES = 256 << 20
"""64 Mi weights of float32, more than any layer of AlexNet has."""
BYTES_A_BYTE = 500
HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
"""By version; version (3, 0) differs from (2, 0) by letters in the names of fields only."""


def check_size(path: Path, archive: ZipFile) -> None:
    """Refuse an archive that unpacks to more than `most_bytes` (InputError)."""
    size = path.stat().st_size
    whole, most = sum(one.file_size for one in archive.infolist()), most_bytes(size)
    if whole > most:
        found = f"it has {size:,} bytes and unpacks to {whole:,}"
        rule = f"{FREE_BYTES >> 20} MiB, or {BYTES_A_BYTE} times the file"
        refuse(path, found, f"at most {most:,} ({rule}); an archive of numpy.savez, which packs nothing, always opens")


NAMELESS = "an array without a name"


def most_bytes(size: int) -> int:
    """What a file of `size` bytes may unpack to, in bytes."""
    return max(FREE_BYTES, BYTES_A_BYTE * size)


def check_claim(path: Path, archive: ZipFile, name: str) -> None:
    """Refuse an array whose header claims more bytes than follow it (InputError).

    What is no array of numbers is left to numpy. Exceptions of zipfile, zlib and numpy where the archive is damaged.
    """
    file_name = f"{name}.npy"
    if file_name not in archive.namelist():
        return
    with archive.open(file_name) as file:
        if file.read(len(np.lib.format.MAGIC_PREFIX)) != np.lib.format.MAGIC_PREFIX:
            return
        file.seek(0)
        version = np.lib.format.read_magic(file)
        shape, _, dtype = HEADERS.get(version, HEADERS[2, 0])(file)
        held = archive.getinfo(file_name).file_size - file.tell()
    claimed = math.prod(shape) * dtype.itemsize
    if claimed > held and not dtype.hasobject:
        found = f"{name or NAMELESS} is {dtype} {list(shape)}, {claimed:,} bytes, and has {held:,}"
        refuse(path, found, f"{claimed:,} bytes")
