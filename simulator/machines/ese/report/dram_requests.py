"""What ESE asks of its two DRAM channels. Outputs take no time in the model and are not asked for here."""

from collections.abc import Sequence

import numpy as np

from simulator.hardware.dram.requests import Requests
from simulator.machines.ese.arch import MEMORY_CHANNELS, Arch, bursts
from simulator.machines.ese.engine.run import time_steps
from simulator.machines.ese.layout.streams import Streams, places

ASKED = ("dram_weight_lines", "dram_vector_lines")
"""Events that requests stand for."""


def requests(arch: Arch, passes: Sequence[Streams]) -> list[Requests]:
    """All lines that are read, burst by burst, for each channel and layer; no channel without a DRAM."""
    if arch.dram is None:
        return []
    many = bursts(arch)
    lines: list[list[np.ndarray]] = [[] for _ in range(MEMORY_CHANNELS)]
    cycles: list[list[np.ndarray]] = [[] for _ in range(MEMORY_CHANNELS)]
    now = 0
    for streams in passes:
        for t, step in enumerate(time_steps(arch, streams, streams.activation.shape[1])):
            for slot, timing in zip(streams.slots, step, strict=True):
                for channel, where in enumerate(places(streams, slot, t)):
                    asked = (timing.weights, timing.vectors)[channel].asked
                    lines[channel].append((where[:, None] * many + np.arange(many)).ravel())
                    cycles[channel].append(np.repeat(now + asked, many))
                now += timing.cycles
    joined = [(np.concatenate(where), np.concatenate(when)) for where, when in zip(lines, cycles, strict=True)]
    return [Requests(arch.dram, where, np.zeros_like(where), when) for where, when in joined]
