"""How fast the DRAM engine is: 100 M sequential reads, and random ones."""

import time

import numpy as np

from simulator.hardware.dram.engine.bulk import load
from simulator.hardware.dram.engine.memory import serve
from simulator.hardware.dram.engine.state import initial_state
from simulator.hardware.dram.presets import load_dram
from simulator.hardware.dram.spec import lines_per_channel

SEQUENTIAL, RANDOM = 100_000_000, 3_000_000


def timed(act):
    wall, cpu = time.perf_counter(), time.process_time()
    result = act()
    return result, time.perf_counter() - wall, time.process_time() - cpu


def test_sequential(capsys):
    for name in ("ddr3_1600", "ddr4_2400"):
        dram = load_dram(name)
        load(dram, initial_state(dram), 0, 1000, 0, 0)
        clocks, wall, cpu = timed(lambda dram=dram: load(dram, initial_state(dram), 0, SEQUENTIAL, 0, 0))
        with capsys.disabled():
            print(
                f"\n{name}, {SEQUENTIAL / 1e6:.0f} M sequential reads: {wall:.1f} s ({cpu:.1f} s of the core), ", end=""
            )
            print(f"{clocks / SEQUENTIAL:.4f} clocks a line")
        assert cpu < 10 or name != "ddr3_1600"


def test_random(capsys):
    dram, rng = load_dram("ddr3_1600"), np.random.default_rng(0)
    line, write = rng.integers(0, lines_per_channel(dram), RANDOM), np.zeros(RANDOM, np.int64)
    serve(dram, line[:10], write[:10], write[:10])
    served, wall, cpu = timed(lambda: serve(dram, line, write, write))
    with capsys.disabled():
        print(f"\n{RANDOM / 1e6:.0f} M random reads: {wall:.1f} s ({cpu:.1f} s of the core), ", end="")
        print(f"{1e9 * cpu / RANDOM:.0f} ns and {served.clocks / RANDOM:.4f} clocks a line")
    assert served.counts.reads.sum() == RANDOM
