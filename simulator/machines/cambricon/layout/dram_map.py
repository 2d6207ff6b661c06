"""Where a layer's data are in DRAM: weights, load by load; inputs, tile by tile; outputs, as jobs write them.

Each part begins with a line. What is loaded again is read from the same lines; inputs that tiles share are in each of
them, so that a tile's are consecutive.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulator.hardware.dram.spec import Dram, lines_per_channel
from simulator.machines.cambricon.arch import Arch
from simulator.machines.cambricon.layout.tiles import areas
from workloads.errors import refuse

if TYPE_CHECKING:
    from simulator.machines.cambricon.layout.streams import Streams


class Lines(NamedTuple):
    """First line and number of lines of transfers, int64 [transfers] each."""

    first: np.ndarray
    number: np.ndarray


class DramMap(NamedTuple):
    """The lines of all transfers."""

    loads: Lines
    contents: Lines
    writes: Lines  # of each job; those of jobs that write nothing mean nothing
    lines: int  # in use


def dram_map(arch: Arch, dram: Dram, streams: Streams) -> DramMap:
    """The lines of a layer, from line 0 on; a transfer has at least one."""
    jobs, owners = streams.jobs, streams.stored.owners
    outputs = (owners[:, 1] - owners[:, 0])[jobs.owner] * areas(streams.tiles)[jobs.tile]
    places = (
        (jobs.load_data, jobs.load_bytes.sum(axis=1)),
        (streams.content_data, streams.content_bytes),
        (jobs.tile * len(owners) + jobs.owner, outputs * arch.activation_bits // 8),
    )
    found, end = list[Lines](), 0
    for data, size in places:
        found.append(_place(data, np.maximum(1, -(-size // dram.line_bytes)), end))
        end = max(end, int((found[-1].first + found[-1].number).max(initial=0)))
    loads, contents, writes = found
    return DramMap(loads, contents, writes, end)


def check_room(arch: Arch, dram: Dram, streams: Streams) -> None:
    """InputError where the channels do not hold the layer."""
    lines, room = dram_map(arch, dram, streams).lines, arch.dram_channels * lines_per_channel(dram)
    if lines > room:
        refuse(streams.layer.name, f"it takes {lines:,} lines of DRAM", f"at most {room:,}")


def _place(data: np.ndarray, count: np.ndarray, first: int) -> Lines:
    """Consecutive parts from a line on, in the order of their numbers. data, count: int64 [transfers]."""
    _, where, which = np.unique(data, return_index=True, return_inverse=True)
    begins = first + np.concatenate([[0], count[where].cumsum()[:-1]])
    return Lines(begins[which].astype(np.int64), count[where][which].astype(np.int64))
