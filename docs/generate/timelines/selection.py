"""The selection unit: a tensor whose threshold is lowered twice."""

import numpy as np

from docs.generate.timelines.drawing import BLOCKED, BUSY, MOVE, OVER, WAIT, Timeline
from workloads.kinds.gradient.layer import CompressedGradient
from workloads.workload import Workload
from zeroskip import load_arch


def timeline() -> Timeline:
    """Eight elements in four beats; the threshold is lowered twice until three pass."""
    values, zeros = np.array([1, -6, 2, 7, 5, 0, 3, -8], np.float32), np.zeros(8, np.float32)
    layer = CompressedGradient("tensor", zeros, zeros, values, 0.0, wanted=3, start=1, stride=6, samples=2, top=1)
    sizes = {"lanes": 2, "beat_slots": 2, "sample_slots": 1, "dram_bytes_per_cycle": 40}
    memory = {
        "t": (MOVE, "a beat comes"),
        "f": (BLOCKED, "no slot"),
        "0": (MOVE, "zeros are written"),
        ".": (OVER, "idle"),
    }
    stream = {
        "a": (BUSY, "accumulates"),
        "c": (BUSY, "compares"),
        "w": (WAIT, "waits for a beat"),
        "f": (BLOCKED, "no slot for a sample"),
        ".": (OVER, "idle"),
    }
    queue = {"i": (BUSY, "a sample is inserted"), ".": (OVER, "idle")}
    encoder = {"e": (BUSY, "a pair"), ".": (OVER, "idle")}
    workload = Workload("tensor", "given", None, layer, "gradient")
    units, title = ("memory", "stream", "queue", "encoder"), "Selection of 3 of 8 elements, two lanes"
    letters = memory, stream, queue, encoder
    return Timeline("selection_timeline", title, load_arch("selection", **sizes), workload, units, letters, 40)
