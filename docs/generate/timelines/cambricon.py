"""Cambricon: two selectors."""

import numpy as np

from docs.generate.timelines.drawing import BUSY, MOVE, OVER, WAIT, Timeline
from workloads.kinds.convolution.compress import compress_convolution
from workloads.kinds.convolution.layer import Convolution
from workloads.workload import Workload
from zeroskip import load_arch


def timeline() -> Timeline:
    """Two own selectors with unequal work: four outputs of sixteen inputs."""
    kept = np.array([[1] * 12 + [0] * 4, [1, 0] * 8, [0, 0, 1, 0] * 4, [1] * 16], np.float32)
    layer = Convolution(
        "pairs", kept[:, :, None, None], None, np.ones((16, 1, 1), np.float32), True, (1, 1), (0,) * 4, 1
    )
    workload = Workload("pairs", "drawn", 3, compress_convolution(layer, None, 0, 16))
    sizes = {"pes": 2, "multipliers": 2, "sb_bytes": 32, "sb_slots": 1, "chunk_bytes": 8, "chunks_per_cycle": 4}
    selector = {
        "m": (BUSY, "selects, multiplies"),
        "w": (WAIT, "waits for weights"),
        "n": (WAIT, "waits for inputs"),
        ".": (OVER, "finished"),
    }
    port = {"t": (MOVE, "chunks are moved"), ".": (OVER, "idle")}
    title = "Cambricon-X, 2 PEs of 2 multipliers, one slot of SB each"
    units, letters = ("selector 0", "selector 1", "port"), (selector, selector, port)
    return Timeline("cambricon_timeline", title, load_arch("cambricon_x", **sizes), workload, units, letters, 40)
