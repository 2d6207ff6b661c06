"""When the passes of a layer begin, and how long each of their parts takes."""

from typing import NamedTuple

import numpy as np

from simulator.machines.eyeriss_v2.arch import Arch
from simulator.machines.eyeriss_v2.engine.passes import Passes
from simulator.machines.eyeriss_v2.layout.streams import Streams


class Schedule(NamedTuple):
    """Of each pass, int64 [passes], and of the whole run."""

    start: np.ndarray  # first cycle
    compute: np.ndarray  # cycles of the slowest PE, the pipeline's filling included
    deliver: np.ndarray  # cycles that inputs move
    sums: np.ndarray  # cycles that sums move
    load: np.ndarray  # cycles that its weights, and what else DRAM moves with them, take
    store: int  # cycles that the last outputs take
    cycles: int
    weight_bytes: int  # of DRAM
    input_bytes: int
    output_bytes: int

    @property
    def duration(self) -> np.ndarray:
        """Cycles from the start of each pass to its end, int64 [passes]."""
        return np.maximum(self.compute, np.maximum(self.deliver, self.sums))


def schedule(arch: Arch, streams: Streams, passes: Passes) -> Schedule:
    """The schedule of all passes of a layer."""
    weights, inputs = -(-passes.all_weight_bits // 8), _input_bytes(streams, passes)
    outputs = -(-passes.output_bits // 8)
    moved = weights + inputs
    moved[2:] += outputs[:-2]  # outputs leave while the pass after them runs
    load = np.maximum(-(-passes.weight_bits // arch.weight_port_bits), -(-1000 * moved // arch.dram_bytes_per_kcycle))
    store = -(-1000 * int(outputs[-2:].sum()) // arch.dram_bytes_per_kcycle)
    deliver = -(-passes.input_bits // (arch.input_ports * arch.input_port_bits))
    sums = -(-passes.sum_bits // arch.sum_port_bits)
    if arch.ideal_mesh:
        load, deliver, sums, store = np.zeros_like(load), np.zeros_like(deliver), np.zeros_like(sums), 0
    compute = passes.compute + arch.fill_cycles
    duration = np.maximum(compute, np.maximum(deliver, sums))
    following = np.append(load[1:], 0)
    step = np.maximum(duration, following) if arch.prefetch else duration + following
    ends = int(load[0]) + np.cumsum(step)
    start = np.append(int(load[0]), ends[:-1])
    totals = (int(moving.sum()) for moving in (weights, inputs, outputs))
    return Schedule(start, compute, deliver, sums, load, store, int(ends[-1]) + store, *totals)


def _input_bytes(streams: Streams, passes: Passes) -> np.ndarray:
    """Bytes of inputs from DRAM for each pass, int64 [passes]: all before the first, or those that it delivers."""
    if not streams.fits:
        return -(-passes.all_input_bits // 8)
    found = np.zeros_like(passes.all_input_bits)
    found[0] = -(-streams.input_bits // 8)
    return found
