"""What decides when a run ends: in each pass its slowest PE or a mesh, and the path to DRAM between passes."""

from collections.abc import Iterator, Sequence

import numpy as np

from simulator.core.mechanisms import CriticalPath, Unit, join_spans
from simulator.machines.eyeriss_v2.arch import Arch
from simulator.machines.eyeriss_v2.engine.run import all_passes
from simulator.machines.eyeriss_v2.engine.schedule import Schedule, schedule
from simulator.machines.eyeriss_v2.layout.streams import Streams

MEMORY, PES, INPUTS, SUMS = "memory", "slowest PE", "mesh of inputs", "mesh of sums"


def critical_path(arch: Arch, passes: Sequence[Streams]) -> CriticalPath:
    """Passes in order, each by the first of equals that decides it."""
    (streams,) = passes
    times = schedule(arch, streams, all_passes(arch, streams)[0])
    return CriticalPath(join_spans(list(_spans(times))), tuple(_units(arch, times)))


def _spans(times: Schedule) -> Iterator[tuple[int, int, str, str]]:
    parts = np.array([times.compute, times.deliver, times.sums])
    names = PES, INPUTS, SUMS
    yield 0, int(times.start[0]), MEMORY, ""
    begins = np.append(times.start, times.cycles)
    for number, decides in enumerate(parts.argmax(axis=0).tolist()):
        begin, spent = int(begins[number]), int(times.duration[number])
        yield begin, spent, names[decides], ""
        yield begin + spent, int(begins[number + 1]) - begin - spent, MEMORY, ""


def _units(arch: Arch, times: Schedule) -> Iterator[Unit]:
    """The path to DRAM and the meshes: a pass may take as much longer as another part of it takes."""
    following = np.append(times.load[1:], 0)
    lasting = np.maximum(times.duration, following) if arch.prefetch else times.duration
    apart = arch.prefetch and not times.load[0] and not times.store
    slack = int((lasting - following)[:-1].min(initial=times.cycles)) if apart else 0
    yield Unit(MEMORY, slack, int(times.duration.sum()), "all of it in no time")
    for name, spent, rest in (
        (INPUTS, times.deliver, np.maximum(times.compute, times.sums)),
        (SUMS, times.sums, np.maximum(times.compute, times.deliver)),
        (PES, times.compute, np.maximum(times.deliver, times.sums)),
    ):
        step = np.maximum(rest, following) if arch.prefetch else rest + following
        free = int(times.load[0] + step.sum()) + times.store
        yield Unit(name, int((lasting - spent).min()), free, "none of this in any pass")
