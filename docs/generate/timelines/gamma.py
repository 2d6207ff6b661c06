"""GAMMA: two rows on two PEs."""

import numpy as np

from docs.generate.timelines.drawing import BLOCKED, BUSY, MOVE, OVER, WAIT, Timeline
from workloads.kinds.sparse_product.compress import compress_sparse
from workloads.kinds.sparse_product.layer import SparseProduct, by_rows
from workloads.workload import Workload
from zeroskip import load_arch


def timeline() -> Timeline:
    """Two rows of A, of two and of one term, on two PEs."""
    left = by_rows("a", (2, 3), np.array([0, 0, 1]), np.array([0, 2, 1]), np.array([1.0, 2.0, 3.0]))
    places = np.array([0, 0, 0, 1, 1, 2, 2]), np.array([0, 1, 3, 2, 3, 1, 2])
    layer = compress_sparse(SparseProduct("product", left, by_rows("b", (3, 4), *places, np.arange(1.0, 8.0))), None)
    sizes = {"pes": 2, "radix": 2, "cache_banks": 2, "cache_ways": 2, "cache_bytes": 192, "line_bytes": 24}
    config = load_arch("gamma", dram_latency=3, cache_latency=1, dram_bits_per_kcycle=192_000, **sizes)
    pe = {
        "m": (BUSY, "an element is merged"),
        "w": (WAIT, "waits for a line"),
        "o": (BLOCKED, "lines wait to be written"),
        ".": (OVER, "no task"),
    }
    cache = {"a": (BUSY, "accesses"), "c": (BLOCKED, "an access waits for its bank"), ".": (OVER, "idle")}
    memory = {"d": (MOVE, "DRAM"), ".": (OVER, "idle")}
    units, title = ("PE 0", "PE 1", "FiberCache", "DRAM"), "GAMMA, 2 PEs, two rows of A"
    workload = Workload("product", "given", None, layer, "sparse product")
    return Timeline("gamma_timeline", title, config, workload, units, (pe, pe, cache, memory), 40)
