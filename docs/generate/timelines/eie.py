"""EIE: columns that PEs take from their queues, and the same in lockstep."""

import numpy as np

from docs.generate.timelines.drawing import BLOCKED, BUSY, MOVE, OVER, WAIT, Timeline
from workloads.workload import Workload
from zeroskip import load_arch, load_workload

EIE_PE = {
    "m": (BUSY, "multiply"),
    "p": (MOVE, "padding entry"),
    "e": (MOVE, "empty slice"),
    "w": (WAIT, "waits for a column"),
    ".": (OVER, "all is issued"),
}
EIE_CONTROL = {
    "s": (MOVE, "scan"),
    "b": (BUSY, "broadcast"),
    "f": (BLOCKED, "a queue is full"),
    "d": (MOVE, "DRAM fills memories"),
    ".": (OVER, "all is broadcast"),
}


def eie_layer() -> Workload:
    """Five columns; PE 0 has three entries in one and PE 1 in the next, and the third input is zero."""
    weight = np.array(
        [[1, 2, 1, 3, 0], [4, 5, 1, 1, 2], [1, 0, 1, 2, 0], [0, 3, 1, 0, 1], [2, 0, 1, 1, 0], [0, 1, 1, 0, 3]]
    )
    codebook, activation = np.arange(16, dtype=np.float32), np.array([1, 2, 0, 3, 1], np.float32)
    return load_workload({"weight_code": weight.astype(np.uint8), "codebook": codebook, "activation": activation})


def deep() -> Timeline:
    """Queues that hold two columns."""
    return _timeline("eie_timeline", "EIE, 2 PEs, queues that hold 2 columns", 3)


def lockstep() -> Timeline:
    """Queues that hold one."""
    return _timeline("eie_lockstep", "The same layer with queues of depth 1: PEs in lockstep", 1)


def _timeline(name: str, title: str, depth: int) -> Timeline:
    config, letters = load_arch("eie", pes=2, queue_depth=depth), (EIE_PE, EIE_PE, EIE_CONTROL)
    return Timeline(name, title, config, eie_layer(), ("PE 0", "PE 1", "control"), letters, 40)


TIMELINES = (deep, lockstep)
