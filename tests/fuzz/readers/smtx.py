"""Matrices of the Deep Learning Matrix Collection."""

from pathlib import Path

from ..harness import Harness
from .models import compress, run, try_all, write


def seeds() -> list[bytes]:
    return [b"3, 4, 5\n0 2 3 5\n0 3 1 0 2\n", b"1, 1, 1\n0 1\n0\n", b"2, 2, 0\n0 0 0\n\n"]


def read(data: bytes, folder: Path) -> None:
    path = str(write(folder, "in.smtx", data))
    try_all(lambda: run("eie", path), lambda: compress(path))


HARNESS = Harness("smtx", read, seeds, [])
