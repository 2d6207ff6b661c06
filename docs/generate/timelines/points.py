"""The machine for pairs: three offsets of a row of voxels."""

import numpy as np

from docs.generate.timelines.drawing import BLOCKED, BUSY, MOVE, OVER, WAIT, Timeline
from workloads.kinds.sparse_convolution.compress import compress_sparse
from workloads.kinds.sparse_convolution.layer import SparseConvolution
from workloads.kinds.sparse_convolution.rulebook import Geometry
from workloads.workload import Workload
from zeroskip import load_arch


def timeline() -> Timeline:
    """Three voxels of a row, two of them neighbours: blocks of one, three and one pair."""
    geometry = Geometry((7, 1, 1), (3, 1, 1), (1, 1, 1), (1, 0, 0), True)
    places = np.array([[2, 0, 0], [3, 0, 0], [5, 0, 0]], np.int32)
    ones = np.ones((1, 1, 3, 1, 1), np.float32)
    layer = SparseConvolution("row", places, geometry, ones, None, np.ones((3, 1), np.float32), True)
    workload = Workload("row", "given", None, compress_sparse(layer), "sparse convolution")
    sizes = {"rows": 3, "columns": 1, "latency": 1, "merge_width": 4, "block_pairs": 4, "buffers": 1}
    config = load_arch("points", cache_bytes=64, sum_buffer_bytes=64, dram_bits_per_kcycle=64_000, **sizes)
    array = {
        "m": (BUSY, "a row streams"),
        "l": (MOVE, "weights load"),
        "w": (WAIT, "waits for features"),
        "s": (BLOCKED, "buffers of sums are full"),
        "d": (OVER, "the last sums leave"),
    }
    mapping = {"p": (BUSY, "pairs are found"), ".": (OVER, "idle")}
    gather = {"g": (MOVE, "features"), "p": (WAIT, "waits for pairs"), "b": (BLOCKED, "buffers are full"),
              ".": (OVER, "idle")}  # fmt: skip
    scatter = {"o": (MOVE, "sums are added"), ".": (OVER, "idle")}
    units, title = ("array", "mapping", "gather", "scatter"), "A machine for pairs, an array of 3 x 1, three offsets"
    return Timeline("points_timeline", title, config, workload, units, (array, mapping, gather, scatter), 40)
