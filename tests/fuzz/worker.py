"""The process that tries inputs: it counts, saves what fails, and may die of an input, which its parent sees."""

import os
from collections.abc import Callable
from ctypes import Structure, c_double, c_int64
from pathlib import Path
from random import Random
from time import monotonic, process_time

from .failures import Failure, describe, minimise, save
from .harness import BYTES, SECONDS, BrokenPromiseError, Harness, LateError, attempt
from .limits import cpu_seconds, forget_peak, held_bytes, limit_memory, peak_bytes, time_limit
from .mutate import Pool

COMPILING = 300
"""Seconds of processor time that a seed may take."""
CURRENT = "current"
"""The file with the input that is tried."""


class Counts(Structure):
    """What parent and worker share."""

    _fields_ = [
        ("inputs", c_int64),
        ("accepted", c_int64),
        ("refused", c_int64),
        ("failures", c_int64),
        ("peak_bytes", c_int64),
        ("slowest_s", c_double),
        ("cpu_s", c_double),
        ("began", c_double),
    ]


class Trial:
    """Tries inputs one by one. state: a folder for the current and the slowest input; saved: one for failures."""

    def __init__(self, harness: Harness, counts: Counts, state: Path, saved: Path):
        self._harness, self._counts, self._state, self._saved = harness, counts, state, saved
        self._work = state / "work"
        self._work.mkdir(parents=True, exist_ok=True)
        self._known = set[str]()

    def run(self, data: bytes, must: bool = False) -> bool:
        """Try an input; whether it was accepted. must: it is a seed, which has to be."""
        counts = self._counts
        (self._state / CURRENT).write_bytes(data)
        counts.began = 0.0 if must else monotonic()  # what is compiled for a seed takes any time
        begin, held = process_time(), held_bytes()
        forget_peak()
        failure, accepted = self._attempt(data, COMPILING if must else SECONDS)
        if failure is not None and failure.kind.startswith("LateError"):  # or it was compiling
            begin = process_time()
            failure, accepted = self._attempt(data)
        seconds, peak = process_time() - begin, peak_bytes()
        counts.inputs += 1
        counts.accepted += accepted
        counts.refused += not accepted and failure is None
        counts.peak_bytes = max(counts.peak_bytes, peak)
        if seconds > counts.slowest_s and not must:
            counts.slowest_s = seconds
            (self._state / "slowest").write_bytes(data)
        if must and not accepted and failure is None:
            failure = describe(BrokenPromiseError("a seed is refused"), data)
        if failure is None and peak - held > BYTES:
            error = BrokenPromiseError(f"memory: {(peak - held) >> 20} MB")
            failure = describe(error, data)
        if failure is not None:
            self._record(failure)
        counts.began, counts.cpu_s = 0.0, cpu_seconds()
        return accepted

    def corpus(self) -> Path:
        """A folder for inputs that an engine finds worth keeping."""
        folder = self._state / "corpus"
        folder.mkdir(exist_ok=True)
        return folder

    def _attempt(self, data: bytes, seconds: float = SECONDS) -> tuple[Failure | None, bool]:
        try:
            with time_limit(seconds):
                return None, attempt(self._harness, data, self._work)
        except (Exception, LateError) as error:
            return describe(error, data), False

    def _record(self, failure: Failure) -> None:
        """Save the first failure of each kind, made smaller."""
        self._counts.failures += 1
        if failure.kind in self._known:
            return
        self._known.add(failure.kind)
        if not failure.kind.startswith(("LateError", "MemoryError", "BrokenPromiseError memory")):
            self._counts.began = 0.0
            failure = failure._replace(data=minimise(failure.data, self._kind_of, failure.kind))
        path = save(failure, self._saved)
        print(f"{self._harness.name}: {failure.kind} ({len(failure.data)} bytes, {path})", flush=True)

    def _kind_of(self, data: bytes) -> str | None:
        failure, _ = self._attempt(data)
        return None if failure is None else failure.kind


def work(trial: Trial, harness: Harness, seed: str, left: float, fuzz: Callable[..., None] | None = None) -> None:
    """Try inputs for seconds of processor time. seed: of all random numbers. fuzz: another engine."""
    end = cpu_seconds() + left
    limit_memory()
    os.nice(5)
    pool = Pool(harness, Random(seed))
    for data in pool.first():
        trial.run(data, must=True)
    if fuzz is not None:
        fuzz(trial, pool, end)
    while cpu_seconds() < end:
        data = pool.next()
        if trial.run(data):
            pool.keep(data)
