"""What decides when a run of EIE ends: the longest path through broadcasts and slices, and the slack of each unit."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from simulator.core.mechanisms import CriticalPath, PathSpan, Unit, critical_pes, join_spans
from simulator.core.slack_map import SlackMap, empty_map
from simulator.hardware import column_path as columns
from simulator.machines.eie.arch import Arch
from simulator.machines.eie.engine import time_pass
from simulator.machines.eie.engine.timing import LOAD, PassTimes, Segment
from simulator.machines.eie.layout.ideal import any_queue, without_fills, without_pe, without_zeros
from simulator.machines.eie.layout.streams import Streams

QUEUES, SCAN, BROADCAST, MEMORY = "queues", "scan", "broadcast", "memory"
MOST_STEPS = 1 << 28
"""Of the recurrence, for what the run would take without single PEs: columns x PEs x PEs tried."""

Loose = list[tuple[int, int, str, str]]


class Part(NamedTuple):
    """A segment of a pass, with what follows its PEs' last slice."""

    streams: Streams
    times: Segment
    slots: int
    drain: int  # cycles from the last slice to the end of the segment
    trailing: int  # cycles of the scan after the last broadcast, or all of them without one
    cycles: int  # from its first broadcast or scan to its end

    @property
    def recurrence(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
        """What the functions of `simulator.hardware.column_path` take.

        Pointers int32 [all columns + 1, pes], columns int64 and stalls int32 [columns], and slots.
        """
        return self.streams.pointer, self.times.column, self.times.stall, self.slots

    def without(self, pe: int = -1, slots: int | None = None, scan: bool = True, earlier: int = 0) -> int:
        """Its cycles without a PE's entries, with other queues, without the scan, or with earlier broadcasts."""
        pointer, column, stall, held = self.recurrence
        if not column.size:  # the segment before it drains at the same time
            return max(self.trailing if scan else 0, self.drain - (self.times.start - self.times.requested))
        stall = stall if scan else np.zeros_like(stall)
        end, sent = columns.find_end(pointer, column, stall, held if slots is None else slots, pe, earlier)
        return max(int(end) + self.drain, int(sent) + 1 + (self.trailing if scan else 0))


def critical_path(arch: Arch, passes: Sequence[Streams]) -> CriticalPath:
    """The path of all passes, and the slack of PEs, queues, scan, broadcast and memory."""
    plans = [time_pass(arch, streams) for streams in passes]
    spans: Loose = []
    parts, starts, begin = list[Part](), list[int](), 0
    for streams, plan in zip(passes, plans, strict=True):
        own = _parts(arch, streams, plan)
        ends = [*(part.requested for part in plan.segments[1:]), plan.cycles - streams.write_cycles]
        for part, end in zip(own, ends, strict=True):
            times = part.times
            spans.append((begin + times.requested, times.start - times.requested, MEMORY, ""))
            spans += _segment_spans(part, begin + times.start, begin + end)
        spans.append((begin + plan.cycles - streams.write_cycles, streams.write_cycles, "write back", ""))
        parts += own
        starts += [begin + part.times.start for part in own]
        begin += plan.cycles
    path, slack = join_spans(spans), empty_map(begin, arch.pes)
    return CriticalPath(path, tuple(_units(arch, passes, list(zip(parts, starts, strict=True)), slack, path)), slack)


def _parts(arch: Arch, streams: Streams, plan: PassTimes) -> list[Part]:
    served = any(part.column.size for part in plan.segments)
    parts = [
        Part(streams, one, arch.queue_depth - 1, 0, one.scan_trace.size - int(one.stall.sum()), 0)
        for one in plan.segments
    ]
    if served:
        parts[-1] = parts[-1]._replace(drain=1 + arch.pipeline_stages)
    return [part._replace(cycles=part.without()) for part in parts]


def _segment_spans(part: Part, start: int, end: int) -> Loose:
    """The spans of a segment from its first cycle `start` of the run to its end."""
    times, scanned = part.times, start + part.times.scanned
    if not times.column.size:  # the segment before it may still drain
        return [*_scan_spans(times.scan_trace, start), (scanned, end - scanned, "drain", "")]
    last = int(times.end.argmax()) if int(times.end.max()) + part.drain >= times.scanned else -1
    found = np.zeros((3 * times.column.size + 1, 3), np.int64)
    count = columns.find_path(*part.recurrence, times.broadcast, times.begin, last, found)
    path = columns.in_order(found[:count]).tolist()
    stop = int(times.end.max()) if last >= 0 else int(times.broadcast[-1]) + 1
    offset = np.concatenate([[0], np.cumsum(times.stall)])
    spans: Loose = []
    for (begin, what, which), (after, _, _) in pairwise([*path, [stop, 0, 0]]):
        if what == columns.STALL:
            spans += _scan_spans(times.scan_trace[offset[which] : offset[which + 1]], start + begin)
        else:
            unit = f"PE {which}" if which >= 0 else ""
            spans.append((start + begin, after - begin, columns.NAMES[what], unit))
    if last < 0:
        return spans + _scan_spans(times.scan_trace[offset[-1] :], start + stop)
    return [*spans, (start + stop, part.drain, "drain", "")]


def _scan_spans(letters: np.ndarray, start: int) -> Loose:
    """Spans of the control's letters, uint8 [cycles]: the scan, or inputs from the activation SRAM."""
    borders = [0, *(np.flatnonzero(letters[1:] != letters[:-1]) + 1).tolist(), letters.size]
    return [
        (start + first, after - first, "load" if letters[first] == LOAD else "scan", "")
        for first, after in pairwise(borders)
        if after > first
    ]


def _units(
    arch: Arch, passes: Sequence[Streams], placed: list[tuple[Part, int]], least: SlackMap, path: tuple[PathSpan, ...]
) -> Iterator[Unit]:
    """All units; without one that has slack, the run takes as long as it does.

    placed: the parts, each with its first cycle; least: is filled with the slack of their slices.
    """
    pe_slack, slack = np.full(arch.pes, columns.NEVER), np.full(4, columns.NEVER)
    for part, first in placed:
        _add_slack(part, pe_slack, slack, least, first)
    parts, cycles = [part for part, _ in placed], least.cycles
    timed = _Retimed(arch, passes, parts, cycles)
    for name, which, means in (
        (QUEUES, columns.SLOT_SLACK, "queues of any length"),
        (SCAN, columns.STALL_SLACK, "no cycle of the scan, no load of inputs"),
        (BROADCAST, columns.BROADCAST_SLACK, "any number of columns in a cycle"),
    ):
        spare = int(slack[which])
        yield Unit(name, min(spare, cycles), cycles if spare else timed.without_limit(name), means)
    if any(streams.dram_lines.any() for streams in passes):
        yield Unit(MEMORY, 0, timed.without_memory(), "memories that hold the layer")
    tried = _tried_pes(arch, parts, pe_slack, path)
    for pe, spare in enumerate(pe_slack.tolist()):
        free = cycles if spare else timed.without_pe(pe) if pe in tried else None
        yield Unit(f"PE {pe}", min(spare, cycles), free, "no entries on it")


def _tried_pes(arch: Arch, parts: list[Part], pe_slack: np.ndarray, path: tuple[PathSpan, ...]) -> set[int]:
    """The PEs without slack for which the run without them is computed: those with most of the path."""
    each = max(1, arch.pes * sum(part.times.column.size for part in parts))
    return set(critical_pes(pe_slack, path)[: MOST_STEPS // each])


def _add_slack(part: Part, pe_slack: np.ndarray, slack: np.ndarray, least: SlackMap, first: int) -> None:
    """Lower the slack of the PEs, int64 [pes], of limits, int64 [4], and over time to that in a segment.

    first: the cycle of the run in which it begins.
    """
    times = part.times
    if not times.column.size:
        if part.trailing:
            slack[columns.STALL_SLACK] = min(int(slack[columns.STALL_SLACK]), part.cycles - part.trailing)
        return
    latest_sent = part.cycles - 1 - part.trailing
    given = times.broadcast, times.begin, part.cycles - part.drain, latest_sent
    columns.find_slack(*part.recurrence, *given, pe_slack, slack, least.least, first, least.cycles)
    if part.trailing:
        spare = latest_sent - int(times.broadcast[-1])
        slack[columns.STALL_SLACK] = min(int(slack[columns.STALL_SLACK]), spare)


class _Retimed:
    """The cycles of a run without a unit: segment by segment, or as a whole where DRAM fills memories in between."""

    def __init__(self, arch: Arch, passes: Sequence[Streams], parts: list[Part], cycles: int):
        self._arch, self._passes, self._parts, self._cycles = arch, passes, parts, cycles
        self._whole = arch.dram is not None and any(streams.dram_lines.any() for streams in passes)

    def without_pe(self, pe: int) -> int:
        if self._whole:
            return self._again(*free_unit(self._arch, self._passes, f"PE {pe}"))
        return self._shorter([part.without(pe) for part in self._parts])

    def without_limit(self, name: str) -> int | None:
        if name == BROADCAST:
            return None if self._whole else self._shorter([part.without(earlier=1) for part in self._parts])
        if self._whole:
            return self._again(*free_unit(self._arch, self._passes, name))
        if name == QUEUES:
            return self._shorter([part.without(slots=1 + part.times.column.size) for part in self._parts])
        return self._shorter([part.without(scan=False) for part in self._parts])

    def without_memory(self) -> int:
        return self._again(*free_unit(self._arch, self._passes, MEMORY))

    def _shorter(self, cycles: list[int]) -> int:
        """The run with these cycles of its segments."""
        return self._cycles + sum(cycles) - sum(part.cycles for part in self._parts)

    def _again(self, arch: Arch, passes: Sequence[Streams]) -> int:
        return sum(time_pass(arch, streams).cycles for streams in passes)


def free_unit(arch: Arch, passes: Sequence[Streams], unit: str) -> tuple[Arch, Sequence[Streams]]:
    """Architecture and passes without a unit. ValueError for `broadcast`, which no layout is without."""
    if unit == QUEUES:
        return any_queue(arch, passes), passes
    if unit == SCAN:
        return arch._replace(scan_fill=0), [without_zeros(streams) for streams in passes]
    if unit == MEMORY:
        return arch, [without_fills(streams) for streams in passes]
    return arch, [without_pe(streams, int(unit.removeprefix("PE "))) for streams in passes]
