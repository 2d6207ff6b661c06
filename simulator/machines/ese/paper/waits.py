"""Where the time of each matrix of ESE goes: entries, unequal PEs, queues, pipeline, assembly, waits for fetches."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from simulator.config.load import Config, load_arch
from simulator.machines.ese import MACHINE
from simulator.machines.ese.engine.run import time_product
from simulator.machines.ese.layout.streams import Streams, layout
from simulator.machines.ese.paper.balance import CONFIG, LAYER
from simulator.machines.ese.paper.real_cycles import real_cycles
from workloads.document_types import Document
from workloads.model import load_workload
from workloads.study import Progress

DRAWS = 10


class Wait(NamedTuple):
    """The cycles of a matrix in a time step; they add up to `cycles`."""

    matrix: str
    entries: float  # lines, one entry for each PE: the theoretical time
    unequal: float  # what the longest PE has more, padding and empty slices included
    queues: float  # the longest PE waits for a broadcast, as another PE's queue is full
    pipeline: float  # of a product
    assembly: float  # results are put in order one per cycle, beyond all that
    fetch: float  # all other parts wait for the matrix to come
    cycles: float


def waits(config: Config, streams: Streams) -> Iterator[Wait]:
    """Each matrix of one time step of a layout."""
    charged = real_cycles(config, streams)
    for name, matrix in streams.matrices.items():
        slices = np.maximum(np.diff(matrix.pointer.astype(np.int64), axis=0), 1)
        longest, last = int(slices.sum(axis=0).max()), int(time_product(matrix, config.arch.queue_depth).end.max())
        product = last + config.arch.pipeline_cycles
        assembly = max(0, matrix.outputs + config.arch.pipeline_cycles - product)
        parts = matrix.lines, longest - matrix.lines, last - longest, config.arch.pipeline_cycles, assembly
        yield Wait(name, *parts, charged[name] - product - assembly, charged[name])


def study(seed: int, progress: Progress) -> Document:
    """The means over draws as a table, in microseconds."""
    config = load_arch(CONFIG)
    drawn = []
    for one in range(seed, seed + DRAWS):
        workload = load_workload(LAYER, seed=one, formats=MACHINE.formats(config.arch))
        drawn.append(list(waits(config, layout(config.arch, workload.layer)[0])))
        progress(f"draw {one}")
    clock, lines = config.technology.clock_mhz, []
    for matrix in zip(*drawn, strict=True):
        values = np.array([one[1:] for one in matrix]) / clock
        spread = values[:, -1].std(ddof=1)
        lines.append([matrix[0].matrix, *(f"{x:.2f}" for x in values.mean(axis=0)), f"{spread:.2f}"])
    columns = ["matrix", *Wait._fields[1:-1], "together", "standard deviation"]
    title = f"{LAYER} on {config.name}: where the time of each matrix goes, us, means of {DRAWS} draws"
    return {"study": "Waits of a time step", "tables": [{"title": title, "columns": columns, "rows": lines}]}
