"""How fast sweeps are: `pytest benchmarks/test_sweep_speed.py` on a computer that does nothing else."""

import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

from simulator.results.store import Store
from simulator.sweeps.axes import parse_axis
from simulator.sweeps.run import sweep_space
from simulator.sweeps.sweep_file import load_sweep, make_space
from simulator.sweeps.workers.local import LocalExecutor

SMALL = {"scale": 1 / 64}
# what getrusage gives for a new process begins with its parent's figure; VmHWM is that of the process
MEMORY = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from test_sweep_speed import small, timed
timed(small(int(sys.argv[1])), sys.argv[2], 2)
print(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
"""


def small(points):
    """EIE on layers of 64 x 64: five numbers of PEs x eight depths x seeds."""
    axes = [
        parse_axis(text)
        for text in (f"seed=0:{points // 40 - 1}:{points // 40}", "pes=1,2,4,8,16", "queue_depth=1:8:8")
    ]
    return make_space("benchmark", ["eie"], ["alexnet-fc7"], [(axis,) for axis in axes], SMALL)


def timed(space, path, jobs):
    """Seconds of a whole sweep, start of the workers included."""
    began = time.perf_counter()
    with Store(path) as store:
        done = sweep_space(space, store, lambda: LocalExecutor(jobs))
    assert done.run == space.size
    assert not done.failed
    return time.perf_counter() - began


def test_ten_thousand_small_points(tmp_path, capsys):
    spent = timed(small(10_000), tmp_path / "s.db", 2)
    with capsys.disabled():
        print(f"\n10,000 points of 64 x 64 on two workers: {spent:.1f} s, {10_000 / spent:,.0f} /s")
    assert 10_000 / spent >= 300


def test_figures_8_and_11_to_13(tmp_path, capsys):
    spent = [timed(load_sweep(name).space, tmp_path / f"{name}.db", 2) for name in ("eie-fig8", "eie-fig11-13")]
    with capsys.disabled():
        print(f"\nEIE, Fig 8: {spent[0]:.1f} s, Figs 11 to 13: {spent[1]:.1f} s")
    assert sum(spent) < 60


def test_two_workers_over_one(tmp_path, capsys):
    """Half a minute of points of some milliseconds, start of the workers included; the runs take turns."""
    axes = [(parse_axis("pes=64:128:65"),), (parse_axis("seed=0:99:100"),)]
    space = make_space("benchmark", ["eie"], ["nt-wd"], axes, {})
    rounds = [[timed(space, tmp_path / f"{jobs}-{turn}.db", jobs) for jobs in (1, 2)] for turn in range(3)]
    efficiency = statistics.median(one / two / 2 for one, two in rounds)
    with capsys.disabled():
        print(f"\ntwo workers over one: {rounds} s, efficiency {efficiency:.0%}")
    assert efficiency >= 0.85


def test_two_workers_over_one_where_many_points_share_a_layer(tmp_path, capsys):
    """A layer is drawn once and not by each worker."""
    axes = [(parse_axis(text),) for text in ("seed=0:19:20", "pes=64:128:65", "queue_depth=1:16:16")]
    space = make_space("benchmark", ["eie"], ["nt-wd"], axes, {})
    one, two = (timed(space, tmp_path / f"{jobs}.db", jobs) for jobs in (1, 2))
    with capsys.disabled():
        print(f"\ntwo workers over one, 1,040 points a layer: {one:.1f} s, {two:.1f} s, efficiency {one / two / 2:.0%}")
    assert one / two / 2 >= 0.85


@pytest.mark.parametrize("points", [1_000, 10_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_memory_of_the_client(points, tmp_path, capsys):
    arguments = [sys.executable, "-c", MEMORY, str(points), str(tmp_path / "s.db"), str(Path(__file__).parent)]
    found = subprocess.run(arguments, capture_output=True, text=True, check=True)
    mebibytes = int(found.stdout) / 1024
    with capsys.disabled():
        print(f"\n{points:,} points: the client takes {mebibytes:.0f} MiB at most")
    assert mebibytes < 200
