"""The requests that Cambricon sends to its DRAM channels."""

from collections.abc import Sequence

from simulator.hardware.dram.requests import Requests
from simulator.machines.cambricon.arch import Arch
from simulator.machines.cambricon.engine.run import count_cycles
from simulator.machines.cambricon.engine.schedule import schedule
from simulator.machines.cambricon.layout.streams import Streams


def requests(arch: Arch, passes: Sequence[Streams]) -> list[Requests]:
    """All requests of a run, for each channel; no channel on a machine without a DRAM."""
    if arch.dram is None:
        return []
    (streams,) = passes
    asked = schedule(arch, streams, count_cycles(arch, streams).total, 0, log=True).asked
    parts = [asked[asked[:, 0] == channel] for channel in range(arch.dram_channels)]
    return [Requests(arch.dram, *(part[:, column].copy() for column in (1, 2, 3))) for part in parts]
