"""What EIE asks of its DRAM."""

from collections.abc import Sequence

import numpy as np

from simulator.hardware.dram.requests import Requests
from simulator.machines.eie.arch import Arch
from simulator.machines.eie.engine import schedule
from simulator.machines.eie.layout.streams import Streams

ASKED = ("dram_words",)
"""Events that requests stand for."""


def requests(arch: Arch, passes: Sequence[Streams]) -> list[Requests]:
    """The lines that fill memories which do not hold the layer, on its one channel; no channel without a DRAM."""
    if arch.dram is None:
        return []
    lines, cycles, begin = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], 0
    for streams in passes:
        plan, line = schedule(arch, streams), streams.first_line
        for part, count in zip(plan.segments, streams.dram_lines[streams.dram_lines > 0].tolist(), strict=False):
            lines.append(np.arange(line, line + count))
            cycles.append(np.full(count, begin + part.asked, np.int64))
            line += count
        begin += plan.cycles
    where = np.concatenate(lines)
    return [Requests(arch.dram, where, np.zeros_like(where), np.concatenate(cycles))]
