"""DRAM figures of other simulators and of data sheets, simulated or computed here."""

from collections.abc import Iterator

import numpy as np

from simulator.core.published import PublishedFigure, compare_figure
from simulator.hardware.dram.engine.bulk import load
from simulator.hardware.dram.engine.memory import serve
from simulator.hardware.dram.engine.state import COUNTS, ROW_HITS, initial_state
from simulator.hardware.dram.presets import load_dram
from simulator.hardware.dram.spec import lines_per_channel
from simulator.pricing.data_sheet import load_prices

RAMULATOR = "Ramulator 2.1"
"""DDR3-1600K, 4 Gb x8, 2 ranks, RoBaRaCoCh, FR-FCFS with a queue of 32, open page; run on the same requests."""
SEQUENTIAL, SEQUENTIAL_CLOCKS, SEQUENTIAL_HITS = 1_000_000, 4_172_072, 991_315
RANDOM, RANDOM_CLOCKS = 100_000, 448_216
PJ_PER_BIT = {
    "ddr3_1600": (13.9, 10.2),
    "ddr4_2400": (5.7, 5.0),
    "lpddr2_1066": (6.7, 6.0),
    "lpddr3_1600": (4.6, 3.7),
    "lpddr4_3200": (5.3, 3.9),
}
"""Read and write, core, in an open row: Micron's data-sheet currents by TN-41-01, computed apart from the simulator."""


def rows() -> Iterator[PublishedFigure]:
    """Clocks a line compared with Ramulator's, and energies a bit compared with those of data sheets."""
    yield from _ramulator()
    for name, (read, write) in PJ_PER_BIT.items():
        prices = load_prices(name, load_dram(name))
        for kind, published in (("read", read), ("write", write)):
            quantity = f"{kind}_core_pj_per_bit"
            yield compare_figure(
                "data sheets, TN-41-01", "DRAM energy", name, quantity, published, prices.pj_per_bit(kind), "D"
            )


def _ramulator() -> Iterator[PublishedFigure]:
    dram = load_dram("ddr3_1600")
    state = initial_state(dram)
    clocks = int(load(dram, state, 0, SEQUENTIAL, 0, 0))
    hits = int(state.table[COUNTS, ROW_HITS])
    quantity = "clocks_per_line"
    table = "DRAM timing"
    yield compare_figure(
        RAMULATOR, table, "sequential", quantity, SEQUENTIAL_CLOCKS / SEQUENTIAL, clocks / SEQUENTIAL, "A"
    )
    yield compare_figure(RAMULATOR, table, "sequential", "row_hits", SEQUENTIAL_HITS, hits, "A")
    lines = np.random.default_rng(0).integers(0, lines_per_channel(dram), RANDOM)
    zeros = np.zeros(RANDOM, np.int64)
    served = serve(dram, lines, zeros, zeros)
    yield compare_figure(RAMULATOR, table, "random", quantity, RANDOM_CLOCKS / RANDOM, served.clocks / RANDOM, "A")
