"""The engine of atheris (libFuzzer), where it is installed: changes are chosen by the code that they reach."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

from .harness import SECONDS
from .limits import cpu_seconds
from .mutate import Pool
from .worker import Trial


def fuzz(trial: Trial, pool: Pool, end: float) -> None:
    """Fuzz until the process has used `end` seconds of processor time; does not return."""
    import atheris

    folder = trial.corpus()
    for number, data in enumerate(pool.first()):
        (folder / str(number)).write_bytes(data)

    def change(data: bytes, most: int, seed: int) -> bytes:
        if Random(seed).random() < 0.3:
            return bytes(atheris.Mutate(data, most))[:most]
        return pool.change(data)[:most]

    def one(data: bytes) -> None:
        if cpu_seconds() > end:
            os._exit(0)
        trial.run(bytes(data))

    options = [f"-timeout={9 * SECONDS}", "-rss_limit_mb=0", "-max_len=65536", "-print_final_stats=0", "-verbosity=0"]
    atheris.Setup([sys.argv[0], *options, str(folder)], one, custom_mutator=change)
    atheris.Fuzz()


def instrument() -> None:
    """Have what is imported from now on report the code that it runs, but for what Numba compiles."""
    import atheris

    skipped = [name for name, text in _modules() if "numba" in text]
    atheris.instrument_imports(include=["workloads", "simulator"], exclude=skipped).__enter__()


def _modules() -> Iterator[tuple[str, str]]:
    """Names and texts of our modules."""
    root = Path(__file__).parents[2]
    for package in ("workloads", "simulator"):
        for path in (root / package).rglob("*.py"):
            yield ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"), path.read_text()
