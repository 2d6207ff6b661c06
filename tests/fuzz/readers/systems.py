"""Systems of several chips in YAML: collectives on them, and a step of training where the file has its time."""

from functools import partial
from pathlib import Path

from ..harness import Harness
from ..mutators.trees import change_yaml, fill_json, insert_yaml
from .models import try_all, write

MOST = 64
"""Chips of systems that run: more take more time, as they should."""


def seeds() -> list[bytes]:
    """The shipped files."""
    from simulator.system.system_file import shipped_systems

    return [text.encode() for text in shipped_systems().values()]


def read(data: bytes, folder: Path) -> None:
    """As `zeroskip system FILE --bytes 4096`, and `zeroskip system FILE alexnet --train-step --chips 2`."""
    path = str(write(folder, "in.yaml", data))
    try_all(partial(_collectives, path), partial(_train, path))


def _collectives(path: str) -> None:
    from simulator.system.engine import run_engine
    from simulator.system.report import collective_rows
    from simulator.system.system_file import load_system

    system = load_system(path)
    if system.network.chips <= MOST:
        collective_rows(system, "all-reduce", 64 * system.network.chips, run_engine)


def _train(path: str) -> None:
    from simulator.system.api import system
    from simulator.system.system_file import load_system

    loaded = load_system(path)
    if loaded.train_step_ps is not None and loaded.network.chips <= MOST:
        system(path, "alexnet", train=True).to_dict()


HARNESS = Harness("systems", read, seeds, [change_yaml, change_yaml, insert_yaml, fill_json])
