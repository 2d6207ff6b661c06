"""EdgeDRNN: two time steps, of which the second sends what changed."""

import numpy as np

from docs.generate.timelines.drawing import BLOCKED, BUSY, MOVE, OVER, WAIT, Timeline
from simulator.core.registry import find
from workloads.kinds.gru.compress import compress_gru
from workloads.kinds.gru.layer import Gru
from workloads.workload import Workload
from zeroskip import load_arch


def timeline() -> Timeline:
    """Three inputs and two cells on two PEs: a column has three beats, and the second step sends fewer of them."""
    rng = np.random.default_rng(2)
    weight_input, weight_hidden = (rng.standard_normal((3, 2, n)).astype(np.float32) for n in (3, 2))
    activation = np.array([[1, 0.5, 0], [1, 0, 0]], np.float32)
    gru = Gru("gru", weight_input, weight_hidden, None, activation)
    sizes = {"pes": 2, "list_depth": 2, "encoder_cycles": 1, "phase_cycles": 1, "fetch_cycles": 2}
    ends = {"pipeline_cycles": 1, "activation_steps": 2, "activation_pipeline": 0, "run_overhead": 0}
    config = load_arch("edgedrnn", input_threshold=64, state_threshold=64, **sizes, **ends)
    form = find("edgedrnn").formats(config.arch)["GRU"]
    workload = Workload("gru", "drawn", 2, compress_gru([gru], None, False, form))
    encoder = {
        "-": (OVER, "fills, or turns to states"),
        "c": (BUSY, "compares: a change"),
        "s": (MOVE, "compares: no change"),
        "f": (BLOCKED, "the list is full"),
        ".": (OVER, "idle"),
    }
    memory = {
        "l": (WAIT, "the first beat is on its way"),
        "b": (MOVE, "a beat of weights"),
        "h": (BLOCKED, "a beat waits for the PEs"),
        ".": (OVER, "idle"),
    }
    pes = {
        "m": (BUSY, "multiply"),
        "e": (MOVE, "end of inputs or states"),
        "w": (WAIT, "wait"),
        "d": (OVER, "products leave the pipeline"),
        "a": (BUSY, "new states"),
    }
    units, letters = ("encoder", "memory", "PEs"), (encoder, memory, pes)
    return Timeline("edgedrnn_timeline", "EdgeDRNN, 2 PEs: two time steps", config, workload, units, letters, 48)
