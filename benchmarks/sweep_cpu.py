"""CPU that two workers take over one process that does all itself: `python -m benchmarks.sweep_cpu`.

Points of about 0.5, 5 and 35 ms; each run is a process of its own, whose start counts, and the kinds take turns.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.children import adopt, children_cpu
from simulator.results.store import Store
from simulator.sweeps.axes import parse_axis
from simulator.sweeps.points import Space
from simulator.sweeps.run import sweep_space
from simulator.sweeps.sweep_file import make_space
from simulator.sweeps.workers.local import LocalExecutor
from simulator.sweeps.workers.messages import Batch, Report
from simulator.sweeps.workers.process import run_batch

SIZES = {
    "0.5 ms": ("alexnet-fc7", {"scale": 1 / 64}, ("seed=0:249:250", "pes=1,2,4,8,16", "queue_depth=1:8:8")),
    "5 ms": ("nt-wd", {}, ("seed=0:15:16", "pes=64:128:65", "queue_depth=1,8")),
    "35 ms": ("alexnet-fc7", {}, ("seed=0:1:2", "pes=64:256:97", "queue_depth=1,8")),
}
"""Workload, settings and axes."""


class InLine:
    """An executor that runs batches in this process."""

    loads = 16

    def __init__(self) -> None:
        self._batches: list[Batch] = []

    def __enter__(self) -> "InLine":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def room(self) -> int:
        """One batch at a time."""
        return 1 - len(self._batches)

    def idle(self) -> int:
        """Nobody waits."""
        return 0

    def waits(self) -> bool:
        """It is there."""
        return False

    def submit(self, batch: Batch) -> None:
        """Take a batch."""
        self._batches.append(batch)

    def give_back(self) -> None:
        """Nothing can be given back."""

    def collect(self, seconds: float) -> list[Report]:  # noqa: ARG002
        """Run what there is."""
        batches, self._batches = self._batches, []
        return [run_batch(batch) for batch in batches]


def space(size: str) -> Space:
    """The points of one of SIZES."""
    workload, fixed, axes = SIZES[size]
    return make_space("benchmark", ["eie"], [workload], [(parse_axis(axis),) for axis in axes], fixed)


def spent(size: str, jobs: int) -> float:
    """CPU seconds of a whole sweep in a new process; no jobs: in line."""
    arguments = [sys.executable, "-m", "benchmarks.sweep_cpu", "--size", size, "--jobs", str(jobs)]
    return float(subprocess.run(arguments, capture_output=True, text=True, check=True).stdout)


def one(size: str, jobs: int) -> float:
    """CPU seconds of this process and of all that it starts, for a whole sweep."""
    adopt()
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "s.db") as store:
        done = sweep_space(space(size), store, lambda: LocalExecutor(jobs) if jobs else InLine())
    assert not done.left
    assert not done.failed
    return time.process_time() + children_cpu()


def main() -> None:
    """Print the efficiency for each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--size", choices=SIZES, help="only one sweep, whose CPU seconds are printed")
    parser.add_argument("--jobs", type=int, default=0)
    chosen = parser.parse_args()
    if chosen.size is not None:
        print(one(chosen.size, chosen.jobs))
        return
    for size in SIZES:
        pairs = [(spent(size, 0), spent(size, 2)) for _ in range(chosen.rounds)]
        alone, two = (statistics.median(column) for column in zip(*pairs, strict=True))
        points = space(size).size
        print(
            f"{size}: {points:,} points, in line {1e3 * alone / points:.2f} ms a point, two workers "
            f"{1e3 * two / points:.2f} ms, efficiency {alone / two:.0%}",
            flush=True,
        )


if __name__ == "__main__":
    main()
