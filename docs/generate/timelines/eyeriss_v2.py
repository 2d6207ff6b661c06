"""Eyeriss v2: a pass of two tiles on six PEs."""

import numpy as np

from docs.generate.timelines.drawing import BUSY, MOVE, OVER, WAIT, Timeline
from workloads.kinds.convolution.compress import compress_convolution
from workloads.kinds.convolution.layer import Convolution
from workloads.workload import Workload
from zeroskip import load_arch


def timeline() -> Timeline:
    """Three input channels, three outputs and two places: a PE for each channel and tile of outputs."""
    weight = np.array([[1, 0, 2], [3, 0, 0], [1, 1, 1]], np.float32)[:, :, None, None]
    activation = np.array([[[1, 0]], [[2, 2]], [[0, 5]]], np.float32)
    layer = Convolution("pairs", weight, None, activation, True, (1, 1), (0,) * 4, 1)
    workload = Workload("pairs", "drawn", 3, compress_convolution(layer, None, 0, 16))
    array = {"cluster_rows": 1, "cluster_columns": 1, "pe_rows": 3, "pe_columns": 2}
    tiles = {"simd": 1, "tile_outputs": 2, "tile_inputs": 1, "search_tiles": 0, "fill_cycles": 0}
    ports = {"input_ports": 1, "input_port_bits": 12, "weight_port_bits": 12, "sum_port_bits": 24}
    config = load_arch("eyeriss_v2", dram_bytes_per_kcycle=4000, **array, **tiles, **ports)
    pe = {
        "m": (BUSY, "multiply"),
        "e": (MOVE, "an empty column"),
        "f": (MOVE, "its pipeline fills"),
        "w": (WAIT, "waits for weights"),
        "i": (WAIT, "waits for the meshes"),
        "b": (WAIT, "waits for other PEs"),
        "-": (OVER, "the pass has no work here"),
        ".": (OVER, "finished"),
    }
    path = {"l": (MOVE, "DRAM and weights"), ".": (OVER, "idle")}
    mesh = {"d": (MOVE, "inputs are delivered"), "s": (MOVE, "sums are moved"), ".": (OVER, "idle")}
    units = (*(f"PE {k}" for k in range(6)), "path to DRAM", "inputs", "sums")
    letters = (*[pe] * 6, path, mesh, mesh)
    return Timeline("eyeriss_v2_timeline", "Eyeriss v2, 3 x 2 PEs, one pass", config, workload, units, letters, 40)
