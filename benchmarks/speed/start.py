"""A whole command, next to what Python takes to import numpy and numba and to make one cached call."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.speed.pairs import Figure, alone, compare, of_process

FLOOR = """import sys
sys.modules["scipy"] = None
import numpy as np
from numba import njit
@njit(cache=True)
def total(values):
    return values.sum()
total(np.ones(4))
"""
REFERENCE = "Python that imports numpy and numba and makes one cached call, without scipy"
COMMANDS = ("run eie alexnet-fc7", "run eie vgg16-fc6", "run scnn alexnet-conv3", "run ese google-lstm")


def figures(rounds: int) -> Iterator[Figure]:
    """Each command with all caches filled; the first run of all with none."""
    with tempfile.TemporaryDirectory() as folder:
        floor = Path(folder) / "floor.py"
        floor.write_text(FLOOR)
        for command in COMMANDS:
            ours = of_process([sys.executable, "-m", "simulator.cli", *command.split()])
            yield compare(
                "start", f"`zeroskip {command}`", ours, REFERENCE, of_process([sys.executable, floor]), rounds
            )
    with tempfile.TemporaryDirectory() as folder:
        first = of_process([sys.executable, "-m", "simulator.cli", *COMMANDS[0].split()], NUMBA_CACHE_DIR=folder)
        yield alone("start", f"`zeroskip {COMMANDS[0]}`, the first time: compilation included", first, 1)
