"""SIGMA: two folds."""

import numpy as np

from docs.generate.timelines.drawing import BLOCKED, BUSY, MOVE, OVER, WAIT, Timeline
from workloads.kinds.matrix_product.compress import compress_product
from workloads.kinds.matrix_product.layer import MatrixProduct
from workloads.workload import Workload
from zeroskip import load_arch


def timeline() -> Timeline:
    """Five weights on four multipliers: two folds."""
    weight = np.array([[1, 0, 2, 0], [0, 3, 0, 4], [5, 0, 0, 0]], np.float32)
    tokens = np.array([[1, 1, 1, 1], [1, 0, 1, 0], [0, 0, 0, 0]], np.float32)
    layer = compress_product(MatrixProduct("product", weight, None, tokens, False))
    sizes = {"flex_dpes": 2, "multipliers": 2, "slab": 4, "port_bits": 36, "stationary_bits": 16}
    config = load_arch("sigma", wait_for_dram=1, dram_bits_per_kcycle=20_000, **sizes)
    dpe = {
        "m": (BUSY, "a column is multiplied"),
        "s": (BLOCKED, "the column is still sent"),
        "e": (MOVE, "a column without a value"),
        "u": (WAIT, "the fold has no value here"),
        "l": (MOVE, "stationary values are loaded"),
        "w": (WAIT, "waits for DRAM"),
        "d": (OVER, "the last sums leave"),
    }
    port = {"r": (MOVE, "stationary values"), "b": (BUSY, "a column is sent"), ".": (OVER, "idle")}
    memory = {"f": (MOVE, "DRAM"), ".": (OVER, "idle")}
    units, title = ("Flex-DPE 0", "Flex-DPE 1", "port", "memory"), "SIGMA, 2 Flex-DPEs of 2 multipliers, two folds"
    workload = Workload("product", "given", None, layer, "matrix product")
    return Timeline("sigma_timeline", title, config, workload, units, (dpe, dpe, port, memory), 40)
