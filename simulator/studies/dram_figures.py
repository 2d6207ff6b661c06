"""DRAM figures of other simulators and of data sheets, simulated or computed here."""

from collections.abc import Iterator

import numpy as np

from simulator.core.published import PublishedFigure, Standing, compare_figure
from simulator.hardware.dram.engine.bulk import load
from simulator.hardware.dram.engine.memory import serve
from simulator.hardware.dram.engine.state import COUNTS, ROW_HITS, initial_state
from simulator.hardware.dram.presets import load_dram, presets
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


ALONE = Standing("predicted", "no clocks of another simulator are known here for this memory")
REPRODUCED = Standing("reproduced", "the same requests to another simulator")
SAME_SHEETS = Standing("reproduced", "the same currents by TN-41-01, computed apart from the simulator")
DRAMSIM3, DRAMSIM3_HITS = "DRAMsim3", 991_603
"""The same lines in order, one in 4 clocks, DDR3_4Gb_x8_1600."""


def rows() -> Iterator[PublishedFigure]:
    """Clocks a line compared with Ramulator's, and energies a bit compared with those of data sheets."""
    yield from _ramulator()
    for name in presets():
        if name != "ddr3_1600":
            clocks, _ = _sequential(name)
            yield _timing(
                "zeroskip alone",
                f"sequential, {name}",
                "clocks_per_line",
                None,
                clocks,
                ALONE._replace(configuration=name),
            )
    for name, (read, write) in PJ_PER_BIT.items():
        prices = load_prices(name, load_dram(name))
        for kind, published in (("read", read), ("write", write)):
            quantity, found = f"{kind}_core_pj_per_bit", prices.pj_per_bit(kind)
            known = SAME_SHEETS._replace(configuration=name)
            yield compare_figure("data sheets, TN-41-01", "DRAM energy", name, quantity, published, found, "D", known)


def _sequential(name: str) -> tuple[float, int]:
    """Clocks a line and row hits of `SEQUENTIAL` lines in order."""
    dram = load_dram(name)
    state = initial_state(dram)
    clocks = int(load(dram, state, 0, SEQUENTIAL, 0, 0))
    return clocks / SEQUENTIAL, int(state.table[COUNTS, ROW_HITS])


def _ramulator() -> Iterator[PublishedFigure]:
    dram, known = load_dram("ddr3_1600"), REPRODUCED._replace(configuration="ddr3_1600")
    clocks, hits = _sequential("ddr3_1600")
    quantity = "clocks_per_line"
    yield _timing(RAMULATOR, "sequential", quantity, SEQUENTIAL_CLOCKS / SEQUENTIAL, clocks, known)
    yield _timing(RAMULATOR, "sequential", "row_hits", SEQUENTIAL_HITS, hits, known)
    yield _timing(DRAMSIM3, f"sequential, {DRAMSIM3}", "row_hits", DRAMSIM3_HITS, hits, known)
    lines = np.random.default_rng(0).integers(0, lines_per_channel(dram), RANDOM)
    zeros = np.zeros(RANDOM, np.int64)
    served = serve(dram, lines, zeros, zeros)
    yield _timing(RAMULATOR, "random", quantity, RANDOM_CLOCKS / RANDOM, served.clocks / RANDOM, known)


def _timing(
    paper: str, row: str, quantity: str, published: float | None, simulated: float, known: Standing
) -> PublishedFigure:
    return compare_figure(paper, "DRAM timing", row, quantity, published, simulated, "A", known)
