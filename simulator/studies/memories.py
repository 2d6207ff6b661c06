"""What DRAM in the loop changes: each machine with its memory left out, and with others, on layers that need one.

Energy is given twice: by the flat prices of the configuration, and by the data sheet of the memory.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from simulator.config.load import load_arch
from simulator.core.registry import find, machines
from simulator.hardware.component import NONE as NO_MEMORY
from simulator.pricing.technology import DATA_SHEET
from simulator.run.simulate import simulate
from workloads.document_types import Document
from workloads.model import load_workload
from workloads.study import Progress
from workloads.workload import Workload


class Case(NamedTuple):
    """A machine, a layer, and the memories that it is tried with."""

    machine: str
    layer: str
    memories: tuple[str, ...]


COLUMNS = ("layer", "machine", "memory", "cycles", "us", "x", "bytes", "flat uJ", "sheet uJ")


class Row(NamedTuple):
    """A layer on a machine with one memory."""

    machine: str
    layer: str
    memory: str
    cycles: int
    time_us: float
    times: float  # the time over that without a memory
    dram_bytes: int
    flat_uj: float
    data_sheet_uj: float | None  # None: without a memory there is no data sheet


def all_cases() -> list[Case]:
    """The cases of all machines."""
    papers = ((name, machine.paper()) for name, machine in machines().items())
    return [Case(name, *case) for name, paper in papers if paper is not None for case in paper.memories]


def rows(seed: int, cases: Sequence[Case] | None = None) -> Iterator[Row]:
    """Every case without a memory, then with each of its memories; the machines' cases unless others are given."""
    for case in all_cases() if cases is None else cases:
        formats = find(case.machine).formats(load_arch(case.machine).arch)
        workload = load_workload(case.layer, seed=seed, formats=formats)
        base = _row(case, workload, NO_MEMORY, None)
        yield base
        for memory in case.memories:
            yield _row(case, workload, memory, base)


def study(seed: int, say: Progress) -> Document:
    """All rows as a table."""
    found = []
    for row in rows(seed):
        found.append(row)
        say(f"{row.layer} on {row.machine}, {row.memory}")
    title = f"time and energy by memory, seed {seed}; x: time over that without a memory; sheet: by data sheet"
    table = {"title": title, "columns": list(COLUMNS), "rows": [_cells(row) for row in found]}
    return {"study": "DRAM in the loop", "tables": [table], "rows": [row._asdict() for row in found]}


def _row(case: Case, workload: Workload, memory: str, base: Row | None) -> Row:
    result = simulate(load_arch(case.machine, dram=memory), workload, output=False)
    sheet = None
    if memory != NO_MEMORY:
        priced = load_arch(case.machine, dram=memory, dram_energy=DATA_SHEET)
        sheet = simulate(priced, workload, output=False).energy_uj
    times = 1.0 if base is None else result.time_us / base.time_us
    where = case.machine, case.layer, memory
    return Row(*where, result.run.cycles, result.time_us, times, result.dram_bytes, result.energy_uj, sheet)


def _cells(row: Row) -> list[str]:
    """A row as it is printed."""
    sheet = "-" if row.data_sheet_uj is None else f"{row.data_sheet_uj:,.4g}"
    return [
        row.layer,
        row.machine,
        row.memory,
        f"{row.cycles:,}",
        f"{row.time_us:,.1f}",
        f"{row.times:.3g}",
        f"{row.dram_bytes:,}",
        f"{row.flat_uj:,.4g}",
        sheet,
    ]
