"""What commands do with a file of weights: run it on machines, compress it."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from workloads.errors import InputError


@cache
def machine(name: str) -> Any:
    """A configuration, loaded once."""
    from simulator.config.load import load_arch

    return load_arch(name)


def write(folder: Path, name: str, data: bytes) -> Path:
    """An input as a file."""
    path = folder / name
    path.write_bytes(data)
    return path


def try_all(*actions: Callable[[], object]) -> None:
    """Every action, each as if it were the only one; InputError, the first one, where none accepts the input."""
    from ..harness import check_sentence

    refusals = list[str]()
    for action in actions:
        try:
            action()
        except InputError as error:
            refusals.append(str(error))  # the error itself would keep the arrays of its frames
    if len(refusals) == len(actions):
        raise InputError(refusals[0])
    for sentence in refusals:
        check_sentence(sentence)


def run(name: str, source: str, **options: Any) -> None:
    """As `zeroskip run` does."""
    from simulator.run.executor import run as execute
    from workloads.model import make_options

    (result,) = execute([machine(name)], source, make_options(**options))
    result.to_dict()


def compress(source: str) -> None:
    """As `zeroskip compress` does, but for the files that it writes."""
    from workloads.model import read_matrices
    from workloads.pipeline import compress_matrices

    compress_matrices(read_matrices(source), 0.5, 4, 4)
