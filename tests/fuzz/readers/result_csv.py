"""CSV that commands printed, as pictures and pages are made of it."""

from pathlib import Path
from random import Random
from zlib import crc32

from ..commands import call
from ..harness import Harness
from ..mutators.trees import FILLED, MOST_TEXT
from .documents import printed
from .models import try_all, write

KINDS = ("energy", "latency", "pareto", "roofline", "speedup", "density", "published", "errors")
COMMANDS = (
    ["report", "in.csv", "-o", "page.html"],
    *(["plot", "in.csv", kind, "-o", "p.svg"] for kind in KINDS),
)
VALIDATION = b"""table,row,quantity,published,simulated,error_percent,mark,where
Fig 8,a,load_balance_percent,50,51,2,predicted,x
Fig 8,b,load_balance_percent,60,,,,x
"""


def seeds() -> list[bytes]:
    runs = (
        ("run", "eie", "alexnet-fc8", "--scale", "0.02", "--csv"),
        ("run", "scnn", "alexnet", "--scale", "0.02", "--csv"),
    )
    return [*(printed(*words).encode() for words in runs), VALIDATION]


def widen(data: bytes, rng: Random) -> bytes:
    """Many more columns, or rows, in few inputs nearly a megabyte of them."""
    many = 80_000 if rng.random() < FILLED else 100
    head, *rows = data.splitlines() or [b""]
    if rng.random() < 0.5:
        more = b"".join(b",c%d" % number for number in range(many))
        return b"\n".join([head + more, *(row + b",1" * many for row in rows[:2])])
    return b"\n".join([head, *rows, *([rng.choice(rows or [b"1"])[: MOST_TEXT // many]] * many)])


def read(data: bytes, folder: Path) -> None:
    """The file read, and one thing made of it."""
    from simulator.results.files import read_file

    path = write(folder, "in.csv", data)
    try_all(lambda: read_file(path), lambda: call(COMMANDS[crc32(data) % len(COMMANDS)], folder))


HARNESS = Harness("result_csv", read, seeds, [widen])
