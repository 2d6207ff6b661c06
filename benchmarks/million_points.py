"""A sweep of many small points into one store: speed, memory, size, and what a killed client leaves.

`python -m benchmarks.million_points --points 1000000` on a computer that does nothing else; the store is a new file.
After half of the points the client is killed, and another one goes on.
"""

import argparse
import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from benchmarks.children import adopt, children_cpu
from simulator.results.store import Store
from simulator.sweeps.axes import parse_axis
from simulator.sweeps.points import Space
from simulator.sweeps.progress import Progress
from simulator.sweeps.run import sweep_space
from simulator.sweeps.sweep_file import make_space
from simulator.sweeps.workers.local import LocalExecutor

LAYER_POINTS = 250
"""Points of one drawn layer: ten numbers of PEs x 25 depths."""
MEBIBYTE = 1 << 20


def space(points: int) -> Space:
    """EIE on layers of 64 x 64, `points` rounded up to whole layers."""
    seeds = max(2, -(-points // LAYER_POINTS))
    axes = [parse_axis(text) for text in (f"seed=0:{seeds - 1}:{seeds}", "pes=1:10:10", "queue_depth=1:25:25")]
    return make_space("benchmark", ["eie"], ["alexnet-fc7"], [(axis,) for axis in axes], {"scale": 1 / 64})


def resident() -> float:
    """Memory of this process now, MiB."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / MEBIBYTE


def client(points: int, path: Path, jobs: int) -> None:
    """Fill the store; print what it took, as JSON."""
    memory: dict[int, float] = {}

    def watch(progress: Progress) -> None:
        tenth = 10 * (progress.known + progress.run) // progress.points
        memory.setdefault(tenth, resident())

    began, spent = time.perf_counter(), time.process_time()
    with Store(path) as store:
        done = sweep_space(space(points), store, lambda: LocalExecutor(jobs), watch)
    counts = {"points": done.points, "known": done.known, "run": done.run, "failed": done.failed}
    spent = time.process_time() - spent
    print(json.dumps({**counts, "seconds": time.perf_counter() - began, "client_cpu": spent, "memory": memory}))


def start(points: int, path: Path, jobs: int) -> subprocess.Popen[str]:
    """A client as a process of its own."""
    arguments = ["--points", str(points), "--jobs", str(jobs), "--client", str(path)]
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.million_points", *arguments], stdout=subprocess.PIPE, text=True
    )


def stored(path: Path) -> int:
    """Points in the store; 0 where it is only being made."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as file:
            return int(file.execute("SELECT count(*) FROM point").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def study(points: int, path: Path, jobs: int) -> None:
    """Kill a client after half of the points, then let another one go on; print what both took."""
    adopt()
    size, began = space(points).size, time.perf_counter()
    found = start(points, path, jobs)
    while found.poll() is None and stored(path) < size // 2:
        time.sleep(0.5)
    found.send_signal(signal.SIGKILL)
    found.wait()
    first, left = time.perf_counter() - began, stored(path)
    print(f"killed after {first:.0f} s with {left:,} of {size:,} points stored", flush=True)
    done = json.loads(start(points, path, jobs).communicate()[0])
    seconds = time.perf_counter() - began
    rows = stored(path)
    assert rows == size == done["known"] + done["run"], (rows, done)
    assert done["known"] >= left
    if not done["run"]:
        print("all were stored before the kill: ask for more points")
        return
    memory = {int(tenth): f"{mebibytes:.0f}" for tenth, mebibytes in done["memory"].items()}
    print(
        f"went on: {done['known']:,} were there, {done['run']:,} run in {done['seconds']:.0f} s, none lost, none twice"
    )
    print(f"{size / seconds:,.0f} points/s over all {seconds:.0f} s, {size / children_cpu():,.0f} per CPU second")
    print(
        f"client: {1e6 * done['client_cpu'] / done['run']:.0f} us of CPU a point; MiB by tenth of the points: {memory}"
    )
    print(f"store: {path.stat().st_size / size:.0f} bytes a point, {path.stat().st_size / MEBIBYTE:.0f} MiB")


def main() -> None:
    """Read the options and run the study."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--client", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.client is not None:
        client(chosen.points, chosen.client, chosen.jobs)
        return
    with tempfile.TemporaryDirectory() as folder:
        study(chosen.points, Path(folder) / "s.db", chosen.jobs)


if __name__ == "__main__":
    main()
