"""ESE: a time step's first slots."""

import numpy as np

from docs.generate.timelines.drawing import BLOCKED, BUSY, MOVE, OVER, WAIT, Timeline
from docs.generate.timelines.eie import EIE_PE
from simulator.core.registry import find
from workloads.kinds.lstm.compress import compress_lstm
from workloads.kinds.lstm.layer import Lstm
from workloads.workload import Workload
from zeroskip import load_arch


def timeline() -> Timeline:
    """A time step's first slots of an LSTM of 4 cells on two PEs of one channel."""
    rng = np.random.default_rng(1)
    lstm = Lstm(
        name="lstm",
        weight_input=rng.standard_normal((4, 4, 4)).astype(np.float32),
        weight_hidden=rng.standard_normal((4, 4, 4)).astype(np.float32),
        bias=rng.standard_normal((4, 4)).astype(np.float32),
        activation=rng.standard_normal((1, 4)).astype(np.float32),
    )
    sizes = {"channels": 1, "pes": 2, "pipeline_cycles": 2, "element_pipeline": 2, "weight_buffer_entries": 8}
    config = load_arch("ese", unit_bits=32, line_bits=64, input_path_bits=64, dram="none", **sizes)
    form = find("ese").formats(config.arch)["LSTM"]
    workload = Workload("lstm", "drawn", 1, compress_lstm([lstm], 0.5, form))
    units = ("PE 0", "PE 1", "feeder", "assembler", "element-wise", "memory 1", "memory 2")
    pe = {**EIE_PE, ".": (WAIT, "its product is done, the slot is not"), "-": (OVER, "nothing to multiply")}
    rest = {
        "b": (BUSY, "broadcast"),
        "f": (BLOCKED, "a queue is full"),
        "a": (BUSY, "a sum is put in order"),
        "x": (BUSY, "element-wise"),
        "d": (MOVE, "fetch a line"),
        "_": (OVER, "idle"),
    }
    letters = (pe, pe, rest, rest, rest, rest, rest)
    title = "ESE, one channel of 2 PEs: the first slots of a time step"
    return Timeline("ese_timeline", title, config, workload, units, letters, 44)
