"""The fill level of EdgeDRNN's list of changes over time, which neither counts nor traces contain."""

import numpy as np

from simulator.core.machine import Queue
from simulator.machines.edgedrnn.arch import Arch
from simulator.machines.edgedrnn.engine.run import compute, layer_steps
from simulator.machines.edgedrnn.layout.streams import Streams


def queues(arch: Arch, passes: tuple[Streams, ...]) -> list[Queue]:
    """The pushes and pops of the list, over all time steps."""
    pushes, pops, start = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], 0
    for streams in passes:
        end = 0
        for one in layer_steps(arch, streams, compute(streams)):
            pushes.append(start + one.start + one.timing.push)
            pops.append(start + one.start + one.timing.pop)
            end = one.start + one.timing.cycles
        start += end + arch.run_overhead
    return [Queue("list of changes", arch.list_depth, np.concatenate(pushes), np.concatenate(pops))]
