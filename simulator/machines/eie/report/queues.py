"""The fill levels of EIE's activation queues over time, which neither counts nor traces contain."""

import numpy as np

from simulator.core.machine import Queue
from simulator.machines.eie.arch import Arch
from simulator.machines.eie.engine import time_pass
from simulator.machines.eie.layout.streams import Streams


def queues(arch: Arch, passes: tuple[Streams, ...]) -> list[Queue]:
    """The pushes and pops of each PE's queue over all passes. A PE pops a column when it begins to serve it."""
    pushes, pops, start = [], [], 0
    for streams in passes:
        plan = time_pass(arch, streams)
        for part in plan.segments:
            pushes.append(start + part.start + part.broadcast.astype(np.int64))
            pops.append(start + part.start + part.begin.astype(np.int64))
        start += plan.cycles
    pushed, popped = np.concatenate(pushes), np.concatenate(pops)
    slots = max(1, arch.queue_depth - 1)
    return [Queue(f"PE {k}", slots, pushed, popped[:, k]) for k in range(arch.pes)]
