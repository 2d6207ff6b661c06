"""Conditions of `results --where`."""

from functools import cache
from pathlib import Path
from random import Random
from tempfile import mkdtemp

from ..commands import as_argument, call
from ..harness import Harness
from .store import seeds as stores

PARTS = [
    "pes",
    "cycles",
    "workload",
    "error",
    "None",
    "True",
    "1",
    "1e308",
    "'alexnet-fc8'",
    "-1",
    "nan",
    "counts.entries",
]
SIGNS = ["==", "!=", "<", "<=", ">", ">=", "in", "not in", "+", "-", "*", "/", "%", "and", "or", "**", "//", "is", "@"]
FORMS = ["({})", "not {}", "-{}", "[{}]", "({},)", "{}.a", "{}[0]", "f({})", "lambda: {}", "{} if 1 else 2", "'{}'"]


@cache
def _store() -> Path:
    folder = Path(mkdtemp())
    (folder / "s.db").write_bytes(stores()[0])
    return folder


def expression(_data: bytes, rng: Random) -> bytes:
    """Another condition, made of columns, numbers, signs."""
    return _make(rng, rng.choice([1, 2, 3, 5])).encode()


def repeat(data: bytes, rng: Random) -> bytes:
    """Many of the same, nested or in a row."""
    times = rng.choice([10, 100, 1000, 20_000])
    sign = rng.choice([b"(", b"-", b"not ", b"[", b"1+", b"9", b"pes<", b"a.", b"'", b"1,"])
    return sign * times + data + (b")" * times if sign == b"(" else b"")


def _make(rng: Random, depth: int) -> str:
    if depth == 0 or rng.random() < 0.2:
        return rng.choice(PARTS)
    if rng.random() < 0.3:
        return rng.choice(FORMS).format(_make(rng, depth - 1))
    return f"{_make(rng, depth - 1)} {rng.choice(SIGNS)} {_make(rng, depth - 1)}"


def seeds() -> list[bytes]:
    return [
        b"pes >= 1 and workload == 'alexnet-fc8'",
        b"error != None",
        b"cycles * 2 + 1 < 1e9 or not fits",
        b"pes in [1, 2]",
    ]


def read(data: bytes, folder: Path) -> None:  # noqa: ARG001
    call(["results", str(_store() / "s.db"), f"--where={as_argument(data)}", "--json"], _store())


HARNESS = Harness("where", read, seeds, [expression, expression, repeat])
