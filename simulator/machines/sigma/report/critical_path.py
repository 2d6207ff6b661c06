"""What decides when a run of SIGMA ends: it loads, streams and waits in turn, so each cycle has one cause."""

from collections.abc import Sequence

import numpy as np

from simulator.core.mechanisms import CriticalPath, Unit, join_spans
from simulator.machines.sigma.arch import Arch
from simulator.machines.sigma.engine import columns_of, times_of
from simulator.machines.sigma.layout import Streams

LOADS, MEMORY = "loads", "DRAM"
MEANS = {LOADS: "stationary values are loaded in no time", MEMORY: "all operands are in SRAM"}


def critical_path(arch: Arch, passes: Sequence[Streams]) -> CriticalPath:
    """The wait, load and columns of each fold, then the drain."""
    (streams,) = passes
    times, spans, now = times_of(arch, streams, columns_of(arch, streams)), list[tuple[int, int, str, str]](), 0
    for ready, loaded, end in zip(*(one.tolist() for one in times[:3]), strict=True):
        for what, until in (("memory", ready), ("load", loaded), ("columns", end)):
            spans.append((now, until - now, what, ""))
            now = until
    written = times.cycles - streams.write_cycles
    spans.append((now, written - now, "drain" if streams.fetched <= now + arch.latency else "memory", ""))
    spans.append((written, streams.write_cycles, "memory", ""))
    units = [Unit(LOADS, 0 if streams.folds else times.cycles, _without(arch, streams, LOADS), MEANS[LOADS])]
    if arch.wait_for_dram:
        units.append(Unit(MEMORY, _slack(streams, times.ready, written), _without(arch, streams, MEMORY),
                          MEANS[MEMORY]))  # fmt: skip
    return CriticalPath(join_spans(spans), tuple(units))


def free_unit(arch: Arch, passes: Sequence[Streams], unit: str) -> tuple[Arch, Sequence[Streams]]:
    """A run without the time of loads, or of DRAM."""
    (streams,) = passes
    if unit == LOADS:
        return arch, (streams._replace(load_cycles=np.zeros_like(streams.load_cycles)),)
    return arch, (streams._replace(arrival=np.zeros_like(streams.arrival), fetched=0, write_cycles=0),)


def _without(arch: Arch, streams: Streams, unit: str) -> int:
    arch, (free,) = free_unit(arch, (streams,), unit)
    return times_of(arch, free, columns_of(arch, free)).cycles


def _slack(streams: Streams, ready: np.ndarray, cycles: int) -> int:
    """Cycles by which any transfer may take longer; ready: int64 [folds]; cycles: until outputs are written."""
    return 0 if streams.write_cycles else int(min([cycles - streams.fetched, *(ready - streams.arrival).tolist()]))
