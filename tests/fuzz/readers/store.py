"""Stores of sweeps."""

import tempfile
from pathlib import Path
from zlib import crc32

from ..commands import call
from ..harness import Harness
from ..mutators.databases import change_database
from .models import try_all, write

COMMANDS = (
    ["results", "in.db"],
    ["results", "in.db", "--layers"],
    ["results", "in.db", "--by", "pes"],
    ["results", "in.db", "--where", "cycles > 5 and pes in [1, 2]", "--json"],
    ["results", "in.db", "--csv"],
    ["results", "in.db", "--fits", "--columns", "cycles,pes"],
    ["pareto", "in.db", "--minimise", "cycles,energy_uj"],
    ["sweep", "eie", "alexnet-fc8", "--over", "pes=1,2", "--set", "scale=0.02", "--store", "in.db", "--jobs", "1"],
)
PAGES = (["report", "in.db", "-o", "page.html"], ["plot", "in.db", "energy", "-o", "p.svg"])
PAGES += (["plot", "in.db", "speedup", "-o", "p.svg"],)


def seeds() -> list[bytes]:
    from simulator.sweeps.api import sweep

    found = []
    for number, (machine, workload) in enumerate((("eie", "alexnet-fc8"), ("eie", "alexnet"))):
        with tempfile.TemporaryDirectory() as folder:
            store = Path(folder) / f"{number}.db"
            sweep(machine, workload, {"pes": [1, 2], "scale": [0.02]}, store=store, jobs=1)
            found.append(store.read_bytes())
    return found


def read(data: bytes, folder: Path) -> None:
    """Two of the tables and, of some inputs, a page, a picture or a sweep that goes on, which take longer."""
    write(folder, "in.db", data)
    chosen = [COMMANDS[crc32(data[:4096]) % (len(COMMANDS) - 1)], COMMANDS[crc32(data) % (len(COMMANDS) - 1)]]
    chosen += {0: [PAGES[crc32(data) % len(PAGES)]], 4: [COMMANDS[-1]]}.get(crc32(data) % 8, [])
    try_all(*(lambda words=words: call(words, folder) for words in chosen))


HARNESS = Harness("store", read, seeds, [change_database, change_database])
