"""SCNN: two rounds on two PEs."""

import numpy as np

from docs.generate.timelines.drawing import BLOCKED, BUSY, MOVE, OVER, WAIT, Timeline
from workloads.kinds.convolution.compress import compress_convolution
from workloads.kinds.convolution.layer import Convolution
from workloads.workload import Workload
from zeroskip import load_arch


def timeline() -> Timeline:
    """Two output channels' groups on two PEs with unequal inputs."""
    rng = np.random.default_rng(3)
    weight = rng.standard_normal((4, 1, 1, 3)).astype(np.float32)
    activation = np.array([[[1, 2, 3, 4, 1, 0, 0, 0, 2, 0]]], np.float32)
    layer = Convolution("row", weight, None, activation, True, (1, 1), (0, 1, 0, 1), 1)
    workload = Workload("row", "drawn", 3, compress_convolution(layer, 0.7, 0, 16))
    sizes = {"rows": 1, "columns": 2, "weights_per_vector": 2, "activations_per_vector": 2, "banks": 8}
    config = load_arch("scnn", bank_step=3, queue_depth=1, group_channels=2, **sizes)
    pe = {
        "m": (BUSY, "a step of F x I products"),
        "s": (BLOCKED, "no room before a bank"),
        "w": (WAIT, "waits for weights"),
        "d": (MOVE, "last products are added"),
        "b": (WAIT, "waits for other PEs"),
        "p": (BLOCKED, "PPUs still busy"),
        "t": (WAIT, "waits for DRAM"),
        ".": (OVER, "finished"),
    }
    channel = {
        "b": (BUSY, "weights are broadcast"),
        "f": (MOVE, "DRAM"),
        "q": (BLOCKED, "a FIFO is full"),
        ".": (OVER, "idle"),
    }
    ppu = {"h": (MOVE, "halo"), "c": (BUSY, "bias, ReLU, compress"), ".": (OVER, "idle")}
    letters = (pe, pe, channel, ppu)
    title = "SCNN, 2 PEs of 2 x 2 multipliers, two rounds"
    return Timeline("scnn_timeline", title, config, workload, ("PE 0", "PE 1", "channel", "PPU"), letters, 40)
