"""The requests that ESE sends to its two DRAM channels, without outputs, which take no time in the model."""

from collections.abc import Sequence

import numpy as np

from simulator.hardware.dram.requests import Requests
from simulator.machines.ese.arch import MEMORY_CHANNELS, Arch, bursts
from simulator.machines.ese.engine.run import time_steps
from simulator.machines.ese.layout.streams import Streams, slot_lines

ASKED = ("dram_weight_lines", "dram_vector_lines")
"""The events that the requests make up."""


def requests(arch: Arch, passes: Sequence[Streams]) -> list[Requests]:
    """The requests for all bursts of all lines, for each channel; no channel on a machine without a DRAM."""
    if arch.dram is None:
        return []
    per_line = bursts(arch)
    lines: list[list[np.ndarray]] = [[] for _ in range(MEMORY_CHANNELS)]
    cycles: list[list[np.ndarray]] = [[] for _ in range(MEMORY_CHANNELS)]
    now = 0
    for streams in passes:
        for t, step in enumerate(time_steps(arch, streams, streams.activation.shape[1])):
            for slot, timing in zip(streams.slots, step, strict=True):
                for channel, line in enumerate(slot_lines(streams, slot, t)):
                    requested = (timing.weights, timing.vectors)[channel].requested
                    lines[channel].append((line[:, None] * per_line + np.arange(per_line)).ravel())
                    cycles[channel].append(np.repeat(now + requested, per_line))
                now += timing.cycles
    joined = [(np.concatenate(line), np.concatenate(cycle)) for line, cycle in zip(lines, cycles, strict=True)]
    return [Requests(arch.dram, line, np.zeros_like(line), cycle) for line, cycle in joined]
