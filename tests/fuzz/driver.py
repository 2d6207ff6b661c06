"""A reader under many inputs, in a process that is started anew where an input ends it."""

import multiprocessing
import resource
import shutil
import tempfile
from importlib import import_module
from multiprocessing.sharedctypes import Value
from pathlib import Path
from time import monotonic, sleep
from typing import Any, NamedTuple

from .failures import Failure, save
from .harness import Harness
from .worker import CURRENT, Counts, Trial, work

READERS = (
    "npz", "npz_input", "compressed", "safetensors", "onnx", "mtx", "smtx", "keras", "pickles", "huffman",
    "configuration", "recipes", "sweep_file", "store", "result_json", "result_csv", "ert", "trace",
    "where", "settings", "axes", "input_shape", "yaml", "language", "systems", "boxes", "clip", "video", "voxels",
)  # fmt: skip
"""Modules of `readers`, each with a harness."""
WALL_SECONDS = 300
"""After which a worker that still tries one input is ended: it waits, or is in a library that takes no signals."""
WALL_FACTOR = 20
"""How much longer than its processor time a run may last."""
SAVED = Path(tempfile.gettempdir()) / "zeroskip_fuzz"


class Summary(NamedTuple):
    """What a run of a reader was; peak_mb of the process, cpu_s of it and its children."""

    reader: str
    engine: str
    seed: int
    inputs: int
    accepted: int
    refused: int
    cpu_s: float
    peak_mb: float
    slowest_s: float
    failures: int


def find_harness(name: str) -> Harness:
    """The harness of a reader."""
    harness: Harness = import_module(f"{__package__}.readers.{name}").HARNESS
    assert harness.name == name
    return harness


def fuzz(name: str, seconds: float, seed: int, engine: str = "own", saved: Path = SAVED) -> Summary:
    """Fuzz a reader for seconds of processor time, and say what came of it; failing inputs are saved in a folder."""
    other = None
    if engine == "atheris":
        module = import_module(f"{__package__}.atheris_engine")
        module.instrument()
        other = module.fuzz
    harness, context = find_harness(name), multiprocessing.get_context("fork")
    counts, end, starts = Value(Counts, lock=False), monotonic() + WALL_FACTOR * seconds + WALL_SECONDS, 0
    before = _children_s()
    with tempfile.TemporaryDirectory() as folder:
        while (left := seconds - (_children_s() - before)) > 0 and monotonic() < end and starts < 50:
            trial = Trial(harness, counts, Path(folder), saved / name)
            one = context.Process(target=work, args=(trial, harness, f"{name} {seed} {starts}", left, other))
            one.start()
            _watch(one, counts, end)
            if one.exitcode and counts.began:
                data = (Path(folder) / CURRENT).read_bytes()
                kind = f"the process ended with {one.exitcode} (-9: after {WALL_SECONDS} s, or for its memory)"
                counts.failures += 1
                counts.inputs += 1
                counts.began = 0.0
                print(f"{name}: {kind}, {save(Failure(kind, '', data), saved / name)}", flush=True)
            starts += 1
        _keep_slowest(Path(folder), saved / name)
    cpu_s = round(_children_s() - before, 1)
    found = counts.inputs, counts.accepted, counts.refused, cpu_s, round(counts.peak_bytes / 1e6)
    return Summary(name, engine, seed, *found, round(counts.slowest_s, 2), counts.failures)


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _watch(one: Any, counts: Any, end: float) -> None:
    """Wait for a worker; end it where one input takes too long."""
    while one.is_alive():
        began = counts.began
        if began and monotonic() - began > WALL_SECONDS:
            one.kill()
        elif monotonic() > end + WALL_SECONDS:
            counts.began = 0.0
            one.kill()
        sleep(0.05)
    one.join()


def _keep_slowest(state: Path, saved: Path) -> None:
    if (state / "slowest").exists():
        saved.mkdir(parents=True, exist_ok=True)
        shutil.copy(state / "slowest", saved / "slowest")
