"""How fast the DRAM engine is: consecutive lines relative to the same lines one by one, and random ones."""

import statistics

import numpy as np
import pytest

from benchmarks.speed.pairs import within
from simulator.hardware.dram.engine.bulk import load
from simulator.hardware.dram.engine.memory import serve
from simulator.hardware.dram.engine.scheduler import serve_channel
from simulator.hardware.dram.engine.state import initial_state
from simulator.hardware.dram.presets import load_dram, presets
from simulator.hardware.dram.spec import lines_per_channel

LINES, RANDOM, ROUNDS, GOAL = 2_000_000, 300_000, 7, 100_000_000


@pytest.mark.parametrize("write", [0, 1], ids=["read", "written"])
@pytest.mark.parametrize("name", tuple(presets()))
def test_sequential(name, write, capsys):
    dram, lines = load_dram(name), np.arange(LINES // 10)
    kind, arrival = np.full(lines.size, write), np.zeros(lines.size, np.int64)
    acts = (
        lambda size=LINES: load(dram, initial_state(dram), 0, size, write, 0),
        lambda: serve_channel(dram, initial_state(dram, lines.size), lines, kind, arrival),
    )
    assert acts[0](lines.size) == acts[1]()
    pairs = [(within(acts[0])() / LINES, within(acts[1])() / lines.size) for _ in range(ROUNDS)]
    together, alone = (min(times) for times in zip(*pairs, strict=True))
    ratio = statistics.median(one / other for one, other in pairs)
    with capsys.disabled():
        print(f"\n{name}, consecutive lines {'written' if write else 'read'}: {1e9 * together:.1f} ns a line, ", end="")
        print(f"{GOAL * together:.1f} s of the core for 100 M; one by one {1e9 * alone:.1f} ns; {ratio:.2f} x")
    assert ratio < 0.7


@pytest.mark.parametrize("name", tuple(presets()))
def test_random(name, capsys):
    """A request to a random line moves two or three commands; a consecutive one in turn, one."""
    dram, rng = load_dram(name), np.random.default_rng(0)
    zeros = np.zeros(RANDOM, np.int64)
    line = rng.integers(0, lines_per_channel(dram), RANDOM)
    served = serve(dram, line, zeros, zeros)
    pairs = [
        (within(serve, dram, line, zeros, zeros)(), within(serve, dram, np.arange(RANDOM), zeros, zeros)())
        for _ in range(ROUNDS)
    ]
    least, ratio = min(one for one, _ in pairs), statistics.median(one / other for one, other in pairs)
    with capsys.disabled():
        print(f"\n{name}, random lines: {1e9 * least / RANDOM:.0f} ns and {served.clocks / RANDOM:.4f} clocks a line, ")
        print(f"{ratio:.1f} x consecutive ones, one by one")
    assert served.counts.reads.sum() == RANDOM
