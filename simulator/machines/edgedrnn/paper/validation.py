"""The figures of EdgeDRNN's hardware description, simulated."""

import re
from collections.abc import Callable, Container, Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from simulator.config.load import load_arch
from simulator.core.published import PublishedFigure, compare_figure, read_published, standing
from simulator.core.run import Run
from simulator.machines.edgedrnn import MACHINE
from simulator.machines.edgedrnn.arch import Arch
from simulator.machines.edgedrnn.engine.timing import time_layer
from simulator.machines.edgedrnn.layout.streams import layout
from simulator.machines.edgedrnn.paper.own_layers import Size, own_layers, run_own

DRAWS = 1
"""The layers are drawn once, with the seed of the figures."""
SIZES = {16: Size(8, 16, 1), 256: Size(40, 256, 60), 512: Size(40, 512, 20)}
"""By the number of cells."""
ROW = re.compile(r"H=(\d+)(?:, threshold=(\d+))?")


class Row(NamedTuple):
    """What a row is of."""

    size: Size
    threshold: int


def rows(seed: int, draws: int, quantities: Container[str] | None = None) -> Iterator[PublishedFigure]:  # noqa: ARG001
    """Every figure with its simulated one; `quantities` selects some. No seed changes the layers."""
    published, arch = read_published("simulator.machines.edgedrnn.paper"), load_arch(MACHINE.default).arch
    for table in (one for one in published["tables"] if quantities is None or one["quantity"] in quantities):
        simulate = QUANTITIES[table["quantity"]]
        for name, value in table["rows"].items():
            known = standing(table, name)
            found = simulate(arch, parse(name))
            yield compare_figure(
                published["paper"], table["table"], name, table["quantity"], value, found, table["mark"], known
            )


def parse(name: str) -> Row:
    """The layers and the threshold that a row names."""
    match = ROW.fullmatch(name)
    assert match is not None
    return Row(SIZES[int(match[1])], int(match[2] or 0))


@lru_cache
def _run(arch: Arch, row: Row) -> Run:
    return run_own(arch, row.size, row.threshold)


def _cycles(arch: Arch, row: Row) -> float:
    return _run(arch, row).cycles


def _requests(arch: Arch, row: Row) -> float:
    return int(_run(arch, row).counts.column_requests.sum())


def _beyond_beats(arch: Arch, row: Row) -> float:
    """Cycles of a time step less the beats of its columns, mean over all."""
    run = _run(arch, row)
    return (run.cycles - arch.run_overhead - int(run.counts.weight_beats.sum())) / row.size.steps


def least_cycles(arch: Arch, row: Row) -> float:
    """Cycles of a time step in which nothing changes."""
    (streams,) = layout(arch, own_layers(arch, row.size))
    return sum(time_layer(arch, one, np.zeros(len(one.beats), bool)).cycles for one in streams.layers)


QUANTITIES: dict[str, Callable[[Arch, Row], float]] = {
    "cycles": _cycles,
    "column_requests": _requests,
    "cycles_beyond_beats": _beyond_beats,
    "least_cycles": least_cycles,
}
