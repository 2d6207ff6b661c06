"""The fill levels of ESE's activation queues over time, which neither counts nor traces contain."""

import numpy as np

from simulator.core.machine import Queue
from simulator.machines.ese.arch import Arch
from simulator.machines.ese.engine.run import time_steps
from simulator.machines.ese.layout.streams import Streams


def queues(arch: Arch, passes: tuple[Streams, ...]) -> list[Queue]:
    """The pushes and pops of the queues of one channel's PEs, over all passes and time steps.

    All channels with a voice are equal. A PE pops an activation in the cycle in which it begins to serve its column.
    """
    pushes, pops, start = [np.zeros(0, np.int64)], [np.zeros((0, arch.pes), np.int64)], 0
    for streams in passes:
        for timing in (one for step in time_steps(arch, streams, streams.activation.shape[1]) for one in step):
            product = timing.work.product
            if product is not None:
                pushes.append(start + product.broadcast.astype(np.int64))
                pops.append(start + product.begin.astype(np.int64))
            start += timing.cycles
    pushed, popped = np.concatenate(pushes), np.concatenate(pops)
    return [Queue(f"channel 0 PE {k}", arch.queue_depth, pushed, popped[:, k]) for k in range(arch.pes)]
