"""DRAM, layouts and sweeps."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.speed.pairs import Figure, compare, with_children, within
from simulator.hardware.dram.engine.bulk import load
from simulator.hardware.dram.engine.memory import serve
from simulator.hardware.dram.engine.scheduler import serve_channel
from simulator.hardware.dram.engine.state import initial_state
from simulator.hardware.dram.presets import load_dram, presets
from simulator.hardware.dram.spec import lines_per_channel
from workloads.compression.relative_index import encode
from zeroskip import load_workload, simulate, sweep

LINES, SHORT, RANDOM, PES, INDEX_BITS = 100_000_000, 200_000, 1_000_000, 4096, 4
POINTS = {"seed": "0:199:200", "pes": [1, 2, 4, 8, 16], "queue_depth": "1:8:8"}


def figures(rounds: int) -> Iterator[Figure]:
    """Each preset, the layout on thousands of PEs, a sweep of small points."""
    for name in presets():
        yield consecutive(name, rounds)
        yield random_lines(name, rounds)
    columns = load_workload("alexnet-fc6").layer.columns
    count = np.diff(encode(columns, PES, INDEX_BITS).pointer, axis=0)
    sums = np.zeros_like(count)
    yield compare(
        "layout", f"alexnet-fc6 on {PES:,} PEs", within(lambda: encode(columns, PES, INDEX_BITS)),
        "NumPy's sum over the columns of a table as large", within(lambda: np.cumsum(count, axis=0, out=sums)), rounds,
    )  # fmt: skip
    yield from _sweep(rounds)


def consecutive(name: str, rounds: int, lines: int = LINES, write: int = 0) -> Figure:
    """Lines one after the other, which the engine takes together, next to some of them one by one."""
    dram, few = load_dram(name), np.arange(SHORT)
    kind, arrival, count = np.full(SHORT, write), np.zeros(SHORT, np.int64), min(lines, lines_per_channel(dram))
    assert load(dram, initial_state(dram), 0, SHORT, write, 0) == serve_channel(
        dram, initial_state(dram, SHORT), few, kind, arrival
    )
    many = within(lambda: load(dram, initial_state(dram), 0, count, write, 0))
    single = within(lambda: serve_channel(dram, initial_state(dram, SHORT), few, kind, arrival))
    what = f"{name}, {count / 1e6:.0f} M consecutive lines{' written' if write else ''}"
    found = compare("DRAM", what, many, f"{SHORT:,} of them one by one", single, rounds)
    assert found.reference_seconds
    note = f"100 M take {1e8 * found.seconds / count:.1f} s"
    return found._replace(note=note, units=count, reference_units=SHORT)


def random_lines(name: str, rounds: int, count: int = RANDOM) -> Figure:
    """Lines anywhere, next to as many in sequence one by one: a request moves two or three commands instead of one."""
    dram = load_dram(name)
    zeros = np.zeros(count, np.int64)
    line = np.random.default_rng(0).integers(0, lines_per_channel(dram), count)
    act = within(lambda: serve(dram, line, zeros, zeros))
    plain = within(lambda: serve(dram, np.arange(count), zeros, zeros))
    what = f"{name}, {count / 1e6:g} M random lines"
    found = compare("DRAM", what, act, "as many in sequence, one by one", plain, rounds)
    note = f"100 M take {1e8 * found.seconds / count:.0f} s"
    return found._replace(note=note, units=count, reference_units=count)


def _sweep(rounds: int) -> Iterator[Figure]:
    """Points of a sweep with its worker's start, next to simulating the same layer as often; then the client alone."""
    layer = load_workload("alexnet-fc7", scale=1 / 64)
    points = 200 * 5 * 8

    def sweeping() -> None:
        with tempfile.TemporaryDirectory() as folder:
            done = sweep("eie", "alexnet-fc7", POINTS, fixed={"scale": 1 / 64}, store=Path(folder) / "s.db", jobs=1)
            assert done.run == points

    plain = within(lambda: [simulate("eie", layer) for _ in range(points)])
    what, reference = f"{points:,} EIE points of 64 x 64", "`simulate` as often"
    whole = compare("sweep", what, with_children(sweeping), reference, plain, rounds)
    yield whole._replace(note=f"{points / whole.seconds:,.0f} points a second of processor time, a store included")
    client = compare("sweep", f"{what}, the client alone", within(sweeping), reference, plain, rounds)
    yield client._replace(note=f"{1e6 * client.seconds / points:.0f} us a point")
