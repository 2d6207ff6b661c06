"""How full SB and NBin are over time: slots of weights and halves of inputs that a job still needs."""

from collections.abc import Sequence

import numpy as np

from simulator.core.machine import Queue
from simulator.machines.cambricon.arch import HALVES, Arch
from simulator.machines.cambricon.engine.run import count_cycles
from simulator.machines.cambricon.engine.schedule import schedule
from simulator.machines.cambricon.layout.streams import Streams


def queues(arch: Arch, passes: Sequence[Streams]) -> list[Queue]:
    """The slots of SB of each selector, then the halves of NBin. What has come is there until its last job ends."""
    (streams,) = passes
    jobs, cycles = streams.jobs, count_cycles(arch, streams).total
    times = schedule(arch, streams, cycles, 0)
    ended = times.begun + cycles
    left = _last(jobs.load, ended, times.loaded.size)
    names = ["SB"] if arch.shared_selector else [f"SB of PE {k}" for k in range(arch.selectors)]
    found = []
    for name, first, end in zip(names, jobs.load_start[:-1], jobs.load_start[1:], strict=True):
        found.append(Queue(name, arch.sb_slots, times.loaded[first:end] - 1, np.sort(left[first:end]) - 1))
    inputs = _last(jobs.content, ended, times.arrived.size)
    return [*found, Queue("NBin", HALVES, times.arrived - 1, np.sort(inputs) - 1)]


def _last(used: np.ndarray, ended: np.ndarray, size: int) -> np.ndarray:
    """When the last job that needs each of `size` things ends, int64 [size]; used, ended: int64 [jobs]."""
    found = np.zeros(size, np.int64)
    np.maximum.at(found, used, ended)
    return found
