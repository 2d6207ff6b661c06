"""The requests that EIE sends to its DRAM."""

from collections.abc import Sequence

import numpy as np

from simulator.hardware.dram.requests import Requests
from simulator.machines.eie.arch import Arch
from simulator.machines.eie.engine import time_pass
from simulator.machines.eie.layout.streams import Streams

ASKED = ("dram_words",)
"""The events that the requests make up."""


def requests(arch: Arch, passes: Sequence[Streams]) -> list[Requests]:
    """The requests for all fills of the memories, for the one channel of EIE.

    no channel on a machine without a DRAM.
    """
    if arch.dram is None:
        return []
    lines, cycles, begin = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], 0
    for streams in passes:
        plan, line = time_pass(arch, streams), streams.first_line
        for part, count in zip(plan.segments, streams.dram_lines[streams.dram_lines > 0].tolist(), strict=False):
            lines.append(np.arange(line, line + count))
            cycles.append(np.full(count, begin + part.requested, np.int64))
            line += count
        begin += plan.cycles
    address = np.concatenate(lines)
    return [Requests(arch.dram, address, np.zeros_like(address), np.concatenate(cycles))]
