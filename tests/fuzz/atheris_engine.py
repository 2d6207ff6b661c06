"""The engine of atheris (libFuzzer), where it is installed: changes are chosen by the code that they reach."""

import os
import sys
from random import Random
from time import monotonic

from .harness import SECONDS
from .mutate import Pool
from .worker import Trial


def fuzz(trial: Trial, pool: Pool, end: float) -> None:
    """Fuzz until the end of the time; does not return."""
    import atheris

    folder = trial.corpus()
    for number, data in enumerate(pool.first()):
        (folder / str(number)).write_bytes(data)

    def change(data: bytes, most: int, seed: int) -> bytes:
        if Random(seed).random() < 0.3:
            return bytes(atheris.Mutate(data, most))[:most]
        return pool.change(data)[:most]

    def one(data: bytes) -> None:
        if monotonic() > end:
            os._exit(0)
        trial.run(bytes(data))

    options = [f"-timeout={9 * SECONDS}", "-rss_limit_mb=0", "-max_len=65536", "-print_final_stats=0", "-verbosity=0"]
    atheris.Setup([sys.argv[0], *options, str(folder)], one, custom_mutator=change)
    atheris.Fuzz()
