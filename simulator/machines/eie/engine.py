"""EIE without stepping cycles: equal to the model, at a cost that grows with columns x PEs.

When each column is broadcast and served follows from a recurrence (see `simulator.hardware.column_broadcast`). Stalls
are what the scan costs by itself. Where DRAM fills the memories, the recurrence begins anew. All else is counting.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from simulator.core.run import Run
from simulator.hardware.column_broadcast import draw_pe, serve
from simulator.hardware.dram.engine.bulk import load
from simulator.hardware.dram.engine.scheduler import clock_of, cycle_of
from simulator.hardware.dram.engine.state import fresh
from simulator.machines.eie.arch import HIGHEST, LOWEST, Arch, Control, Counts, Pe, Reasons, on_each_pe
from simulator.machines.eie.layout.streams import Streams, entries_per_row, slice_start

LETTERS = np.array([ord(letter) for letter in (Pe.MULTIPLY, Pe.PADDING, Pe.EMPTY_SLICE, Pe.STARVED)], np.uint8)
SCAN, LOAD = ord(Control.SCAN), ord(Control.LOAD)


class Segment(NamedTuple):
    """When everything happens between two fills of the memories, from the end of the first on.

    The i-th broadcast sends column `column[i]`.
    """

    asked: int  # the cycle in which DRAM is asked to fill the memories
    start: int  # the cycle in which they are full
    fill: int  # cycles before it in which the control waits for the PEs and for DRAM
    column: np.ndarray  # int64 [broadcasts]
    stall: np.ndarray  # int32 [broadcasts]: cycles that the scan needs before it has the i-th non-zero
    script: np.ndarray  # uint8: what it does in all its stalls, in order, those after the last broadcast included
    broadcast: np.ndarray  # int32 [broadcasts]
    begin: np.ndarray  # int32 [broadcasts, pes]
    end: np.ndarray  # int32 [pes]: the cycle after a PE's last slice

    @property
    def scanned(self) -> int:
        """The cycle after the control's last."""
        return self.script.size - int(self.stall.sum()) + (int(self.broadcast[-1]) + 1 if self.column.size else 0)

    @property
    def queue_full(self) -> int:
        """Cycles in which the control waits for room."""
        return self.scanned - self.script.size - self.column.size


class Schedule(NamedTuple):
    """A pass: one segment, or several if the memories do not hold the layer."""

    segments: list[Segment]
    end: np.ndarray  # int64 [pes]: the cycle after a PE's last slice
    cycles: int

    @property
    def scan_end(self) -> int:
        """The cycle after the control's last."""
        return self.segments[-1].start + self.segments[-1].scanned

    def total(self, what: Callable[[Segment], Any]) -> int:
        """The sum over the segments."""
        return int(sum(map(what, self.segments)))


def run(arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """Run one pass and return its cycles, output, counts, reasons, and the trace of its first cycles."""
    output = np.zeros(streams.outputs, np.int32)
    _accumulate(streams.start, streams.row, streams.code, streams.codebook, streams.activation, streams.shift, output)
    if streams.relu:
        np.maximum(output, 0, out=output)
    return run_without_output(arch, streams, trace_cycles)._replace(output=output.astype(np.int16))


def run_without_output(arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """`run`, but the output has length 0: cycles and counts do not depend on the values of weights."""
    plan = schedule(arch, streams)
    entries, padding, empty, row_reads = np.zeros((4, arch.pes), np.int32)
    row_bits = entries_per_row(arch).bit_length() - 1
    for part in plan.segments:
        _tally(streams.pointer, streams.padding, part.column, row_bits, entries, padding, empty, row_reads)
    counts = _counts(arch, streams, plan, *(a.astype(np.int64) for a in (entries, padding, row_reads)))
    reasons = _reasons(arch, streams, plan, entries.astype(np.int64), empty.astype(np.int64))
    trace = _trace(arch, streams, plan, min(plan.cycles, trace_cycles))
    return Run(plan.cycles, np.zeros(0, np.int16), counts, reasons, trace)


def schedule(arch: Arch, streams: Streams) -> Schedule:
    """The segments of a pass one after the other: DRAM begins when the PEs have used what they hold."""
    fills = np.flatnonzero(streams.dram_lines).tolist() or [0]
    memory, line = None if arch.dram is None else fresh(arch.dram), streams.first_line
    found: list[Segment] = []
    used = scanned = 0
    end = np.zeros(arch.pes, np.int64)
    for first, last in zip(fills, [*fills[1:], streams.dram_lines.size], strict=True):
        lines = int(streams.dram_lines[first])
        start = used
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
    return Schedule(found, end, max(scanned, drained) + streams.write_cycles)


def _segment(arch: Arch, streams: Streams, batches: slice, filled: tuple[int, int, int]) -> Segment:
    load_cycles, batch_start = streams.load_cycles[batches], streams.batch_start[batches.start : batches.stop + 1]
    width = int(batch_start[-1] - batch_start[0])
    column, stall = np.empty(width, np.int64), np.zeros(width, np.int32)
    groups = width // arch.pes + load_cycles.size
    script = np.empty(int(load_cycles.sum()) + arch.scan_fill * load_cycles.size + groups, np.uint8)
    found, told = _scan(streams.activation, batch_start, load_cycles, arch.scan_fill, arch.pes, column, stall, script)
    column, stall, script = column[:found], stall[:found], script[:told]
    broadcast, begin = np.empty(found, np.int32), np.empty((found, arch.pes), np.int32)
    end = np.zeros(arch.pes, np.int32)
    serve(streams.pointer, column, stall, arch.queue_depth - 1, broadcast, begin, end)
    return Segment(*filled, column, stall, script, broadcast, begin, end)


@njit(cache=True)
def _scan(activation, batch_start, load_cycles, fill, pes, column, stall, script):  # type: ignore[no-untyped-def]
    """Write the non-zero columns, the stall before each, and the script; return the lengths of both."""
    found, told, since = 0, 0, 0
    for batch in range(load_cycles.size):
        script[told : told + load_cycles[batch]] = LOAD
        told += load_cycles[batch]
        script[told : told + fill] = SCAN
        told += fill
        for group in range(batch_start[batch], batch_start[batch + 1], pes):
            last = min(group + pes, batch_start[batch + 1]) - 1
            for j in range(group, last + 1):
                if activation[j] != 0:
                    column[found], stall[found] = j, told - since
                    found, since = found + 1, told
            if activation[last] == 0 or last + 1 - group < pes:
                script[told] = SCAN
                told += 1
    return found, told


@njit(cache=True)
def _tally(pointer, padding, column, row_bits, entries, pads, empty, row_reads):  # type: ignore[no-untyped-def]
    """Add up, for each PE, what its slices of the broadcast columns hold and the SRAM rows that they touch."""
    kept = np.full(entries.size, -1, np.int32)
    for j in column:
        for k in range(entries.size):
            begin, end = pointer[j, k], pointer[j + 1, k]
            some = np.int32(end > begin)
            first, last = begin >> row_bits, (end - 1) >> row_bits
            entries[k] += end - begin
            pads[k] += padding[j, k]
            empty[k] += 1 - some
            row_reads[k] += some * (last - first + np.int32(first != kept[k]))
            kept[k] += some * (last - kept[k])


@njit(cache=True)
def _accumulate(start, row, code, codebook, activation, shift, output):  # type: ignore[no-untyped-def]
    """Add every broadcast column to `output`, int32 [outputs]: a product for each level, then only additions."""
    lowest, highest = np.int32(LOWEST), np.int32(HIGHEST)
    product = np.zeros(256, np.int32)
    for j in range(activation.size):
        if activation[j] == 0:
            continue
        for level in range(codebook.size):
            product[level] = (np.int64(codebook[level]) * activation[j] + ((1 << shift) >> 1)) >> shift
        for e in range(np.uint64(start[j]), np.uint64(start[j + 1])):
            output[row[e]] = min(max(output[row[e]] + product[code[e]], lowest), highest)


def _counts(
    arch: Arch,
    streams: Streams,
    plan: Schedule,
    entries: np.ndarray,
    padding: np.ndarray,
    row_reads: np.ndarray,
) -> Counts:
    sent = plan.total(lambda part: part.column.size)
    served = np.full(arch.pes, sent, np.int64)
    bubbles = plan.total(lambda part: np.count_nonzero(part.script == SCAN)) - arch.scan_fill * streams.load_cycles.size
    return Counts(
        broadcasts=np.array([sent], np.int64),
        scan_bubbles=np.array([bubbles], np.int64),
        queue_pushes=served,
        queue_pops=served,
        pointer_reads=served,
        spmat_row_reads=row_reads,
        entries=entries,
        padding=padding,
        codebook_lookups=entries,
        multiplies=entries - padding,
        accumulator_reads=entries - padding,
        accumulator_writes=entries - padding,
        activation_reads=on_each_pe(arch, streams.inputs),
        activation_writes=on_each_pe(arch, streams.outputs),
        activation_sram_reads=streams.sram_reads,
        activation_sram_writes=streams.sram_writes,
        dram_words=streams.dram_words,
    )


def _reasons(arch: Arch, streams: Streams, plan: Schedule, entries: np.ndarray, empty: np.ndarray) -> Reasons:
    """What is left of a unit's story when its own work is taken away is waiting, so sums suffice."""
    return Reasons(
        busy=entries,
        empty_slice=empty,
        starved=plan.end - entries - empty,
        write_back=np.full(arch.pes, streams.write_cycles, np.int64),
        finished=plan.cycles - streams.write_cycles - plan.end,
        broadcast=np.array([plan.total(lambda part: part.column.size)], np.int64),
        scan=np.array([plan.total(lambda part: np.count_nonzero(part.script == SCAN))], np.int64),
        queue_full=np.array([plan.total(lambda part: part.queue_full)], np.int64),
        load=np.array([plan.total(lambda part: np.count_nonzero(part.script == LOAD))], np.int64),
        dram=np.array([plan.total(lambda part: part.fill)], np.int64),
        idle=np.array([plan.cycles - plan.scan_end], np.int64),
    )


def _trace(arch: Arch, streams: Streams, plan: Schedule, length: int) -> np.ndarray:
    trace = np.empty((arch.pes + 1, length), np.uint8)
    if length == 0:
        return trace
    place = slice_start(streams)
    for k in range(arch.pes):
        line = np.full(plan.cycles, ord(Pe.FINISHED), np.uint8)
        line[: plan.end[k]] = ord(Pe.STARVED)
        for part in plan.segments:
            drawn = line[part.start : part.start + part.end[k]]
            draw_pe(streams.pointer[:, k], streams.code, place[:, k], part.column, part.begin[:, k], LETTERS, drawn)
        line[plan.cycles - streams.write_cycles :] = ord(Pe.WRITE_BACK)
        trace[k] = line[:length]
    control = np.full(plan.cycles, ord(Control.IDLE), np.uint8)
    for part in plan.segments:
        control[part.start - part.fill : part.start] = ord(Control.DRAM)
        _draw_control(part, control[part.start : part.start + part.scanned])
    trace[arch.pes] = control[:length]
    return trace


def _draw_control(part: Segment, line: np.ndarray) -> None:
    line[:] = ord(Control.QUEUE_FULL)
    now = told = 0
    for sent, stall in zip(part.broadcast.tolist(), part.stall.tolist(), strict=True):
        line[now : now + stall] = part.script[told : told + stall]
        told += stall
        line[sent] = ord(Control.BROADCAST)
        now = sent + 1
    line[now:] = part.script[told:]
