"""Matrix Market files."""

from pathlib import Path

from ..harness import Harness
from .models import compress, run, try_all, write

COORDINATE = b"%%MatrixMarket matrix coordinate real general\n% text\n3 4 5\n1 1 1.5\n2 2 -2\n3 4 1e-3\n1 4 .5\n3 1 7\n"
SYMMETRIC = b"%%MatrixMarket matrix coordinate integer symmetric\n3 3 3\n1 1 2\n2 1 -1\n3 3 4\n"
PATTERN = b"%%MatrixMarket matrix coordinate pattern general\n2 3 3\n1 1\n2 2\n1 3\n"
ARRAY = b"%%MatrixMarket matrix array real general\n2 3\n1.0D+0\n0\n0\n2.5\n-1\n3\n"


def seeds() -> list[bytes]:
    return [COORDINATE, SYMMETRIC, PATTERN, ARRAY, ARRAY.replace(b"general\n2 3", b"skew-symmetric\n4 4")]


def read(data: bytes, folder: Path) -> None:
    path = str(write(folder, "in.mtx", data))
    try_all(lambda: run("eie", path), lambda: compress(path), lambda: run("gamma", f"{path}@{path}"))


HARNESS = Harness("mtx", read, seeds, [])
