"""When each column is broadcast and served, without stepping cycles.

Broadcasts and service of columns follow a recurrence (see `simulator.hardware.column_broadcast`), whose stalls are the
cycles of the scan. The recurrence starts again wherever DRAM fills the memories.
"""

from collections.abc import Callable
from typing import NamedTuple, SupportsInt

import numpy as np
from numba import njit

from simulator.hardware.column_broadcast import schedule_columns
from simulator.hardware.dram.engine.bulk import load
from simulator.hardware.dram.engine.scheduler import clock_of, cycle_of
from simulator.hardware.dram.engine.state import initial_state
from simulator.machines.eie.arch import Arch, ControlLetter
from simulator.machines.eie.layout.streams import Streams

SCAN, LOAD = ord(ControlLetter.SCAN), ord(ControlLetter.LOAD)


class Segment(NamedTuple):
    """The cycles between two fills of the memories, counted from the end of the first fill."""

    requested: int  # the cycle of the run in which the lines of the fill are requested from DRAM
    start: int  # the cycle of the run in which the fill ends
    fill: int  # cycles before it in which the control waits for the PEs and for DRAM
    column: np.ndarray  # int64 [broadcasts]: the column that each broadcast sends
    stall: np.ndarray  # int32 [broadcasts]: cycles that the scan needs to find the i-th non-zero
    scan_trace: np.ndarray  # uint8 [stall cycles]: the control's letters in all stalls, also after the last broadcast
    broadcast: np.ndarray  # int32 [broadcasts]: the cycle of each
    begin: np.ndarray  # int32 [broadcasts, pes]: the cycle in which a PE begins to serve it
    end: np.ndarray  # int32 [pes]: the cycle after a PE's last slice

    @property
    def scanned(self) -> int:
        """The cycle after the control's last."""
        return self.scan_trace.size - int(self.stall.sum()) + (int(self.broadcast[-1]) + 1 if self.column.size else 0)

    @property
    def queue_full(self) -> int:
        """Cycles in which the control waits for a full queue."""
        return self.scanned - self.scan_trace.size - self.column.size


class PassTimes(NamedTuple):
    """The cycles of a pass: one segment, or several if the memories do not hold the layer."""

    segments: list[Segment]
    end: np.ndarray  # int64 [pes]: the cycle after a PE's last slice
    cycles: int

    @property
    def scan_end(self) -> int:
        """The cycle after the control's last."""
        return self.segments[-1].start + self.segments[-1].scanned

    def total(self, value: Callable[[Segment], SupportsInt]) -> int:
        """The sum of a value over the segments."""
        return sum(int(value(part)) for part in self.segments)


def time_pass(arch: Arch, streams: Streams) -> PassTimes:
    """Time the segments of a pass in order: a fill begins when the PEs have used the content of their memories."""
    fills = np.flatnonzero(streams.dram_lines).tolist() or [0]
    memory = initial_state(arch.dram) if arch.dram is not None and streams.dram_lines.any() else None
    found: list[Segment] = []
    line, used, scanned, end = streams.first_line, 0, 0, np.zeros(arch.pes, np.int64)
    for first, last in zip(fills, [*fills[1:], streams.dram_lines.size], strict=True):
        lines, start = int(streams.dram_lines[first]), used
        if memory and lines:
            start = cycle_of(arch.dram, load(arch.dram, memory, line, lines, 0, clock_of(arch.dram, used)))
        line += lines
        part = _segment(arch, streams, slice(first, last), (used, start, start - scanned))
        found.append(part)
        end = part.end.astype(np.int64) + start if part.column.size else np.full(arch.pes, used, np.int64)
        scanned = start + part.scanned
        used = max(int(end.max()), scanned)
    served = any(part.column.size for part in found)
    drained = int(end.max()) + 1 + arch.pipeline_stages if served else 0
    return PassTimes(found, end, max(scanned, drained) + streams.write_cycles)


def _segment(arch: Arch, streams: Streams, batches: slice, filled: tuple[int, int, int]) -> Segment:
    load_cycles, batch_start = streams.load_cycles[batches], streams.batch_start[batches.start : batches.stop + 1]
    width = int(batch_start[-1] - batch_start[0])
    column, stall = np.empty(width, np.int64), np.zeros(width, np.int32)
    stalls = int(load_cycles.sum()) + (arch.scan_fill + 1) * load_cycles.size + width // arch.pes
    scan_trace = np.empty(stalls, np.uint8)
    scanned = streams.activation, batch_start, load_cycles, arch.scan_fill, arch.pes
    found, stalled = _scan(*scanned, column, stall, scan_trace)
    column, stall, scan_trace = column[:found], stall[:found], scan_trace[:stalled]
    broadcast, begin = np.empty(found, np.int32), np.empty((found, arch.pes), np.int32)
    end = np.zeros(arch.pes, np.int32)
    schedule_columns(streams.pointer, column, stall, arch.queue_depth - 1, broadcast, begin, end)
    return Segment(*filled, column, stall, scan_trace, broadcast, begin, end)


@njit(cache=True)
def _scan(activation, batch_start, load_cycles, fill, pes, column, stall, scan_trace):  # type: ignore[no-untyped-def]
    """Scan a segment's batches for non-zero activations; return the numbers of columns and of stall cycles written.

    In: activation int16 [columns], batch_start int64 [batches + 1], load_cycles int64 [batches]. Out, at most as long
    as needed: column int64 and stall int32, the non-zero columns and the stall before each; scan_trace uint8, letters.
    """
    found, stalled, since = 0, 0, 0
    for batch in range(load_cycles.size):
        scan_trace[stalled : stalled + load_cycles[batch]] = LOAD
        stalled += load_cycles[batch]
        scan_trace[stalled : stalled + fill] = SCAN
        stalled += fill
        for group in range(batch_start[batch], batch_start[batch + 1], pes):
            last = min(group + pes, batch_start[batch + 1]) - 1
            for j in range(group, last + 1):
                if activation[j] != 0:
                    column[found], stall[found] = j, stalled - since
                    found, since = found + 1, stalled
            if activation[last] == 0 or last + 1 - group < pes:
                scan_trace[stalled] = SCAN
                stalled += 1
    return found, stalled
