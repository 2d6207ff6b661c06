"""EIE without stepping cycles: equal to the model, at a cost that grows with columns x PEs.

Broadcasts and service of columns follow a recurrence (see `simulator.hardware.column_broadcast`), whose stalls are the
cycles of the scan. The recurrence starts again wherever DRAM fills the memories.
"""

from collections.abc import Callable
from typing import NamedTuple, SupportsInt

import numpy as np
from numba import njit

from simulator.core.run import Run
from simulator.hardware.column_broadcast import draw_pe, schedule_columns
from simulator.hardware.dram.engine.bulk import load
from simulator.hardware.dram.engine.scheduler import clock_of, cycle_of
from simulator.hardware.dram.engine.state import initial_state
from simulator.machines.eie.arch import HIGHEST, LOWEST, Arch, ControlLetter, Counts, PeLetter, Reasons, on_each_pe
from simulator.machines.eie.layout.scales import ScaleMemory
from simulator.machines.eie.layout.streams import Streams, entries_per_row, slice_start

PE_LETTERS = PeLetter.MULTIPLY, PeLetter.PADDING, PeLetter.EMPTY_SLICE, PeLetter.STARVED
LETTERS = np.array([ord(letter) for letter in PE_LETTERS], np.uint8)
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


def run(arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """Run one pass; the trace holds its first `trace_cycles` cycles."""
    output = _output(streams)
    output = np.maximum(output, 0) if streams.relu else output
    return run_without_output(arch, streams, trace_cycles)._replace(output=output.astype(np.int16))


def _output(streams: Streams) -> np.ndarray:
    """The sums as they go out, before ReLU, int32 or int64 [outputs]."""
    entries = streams.start, streams.row, streams.code, streams.codebook, streams.activation
    if streams.scales is None:
        output = streams.initial.astype(np.int32)
        _accumulate(*entries, streams.shift, output)
        return output
    scales, sums = streams.scales, streams.initial.astype(np.int64)
    grid = scales.significand, scales.shift, scales.group, scales.rows, scales.first_row
    _accumulate_scaled(*entries, *grid, sums)
    return (sums * scales.multiplier + (1 << 14)) >> 15 if scales.multiplier else sums


def run_without_output(arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """`run`, but the output has length 0: cycles and counts do not depend on the values of weights."""
    plan = time_pass(arch, streams)
    entries, padding, empty, row_reads = np.zeros((4, arch.pes), np.int32)
    row_bits = entries_per_row(arch).bit_length() - 1
    for part in plan.segments:
        _count_slices(streams.pointer, streams.padding, part.column, row_bits, entries, padding, empty, row_reads)
    counts = _counts(arch, streams, plan, *(a.astype(np.int64) for a in (entries, padding, row_reads)))
    if streams.scales is not None:
        counts = _count_scales(arch, streams, streams.scales, plan, counts)
    reasons = _reasons(arch, streams, plan, entries.astype(np.int64), empty.astype(np.int64))
    trace = _trace(arch, streams, plan, min(plan.cycles, trace_cycles))
    return Run(plan.cycles, np.zeros(0, np.int16), counts, reasons, trace)


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


@njit(cache=True)
def _count_slices(pointer, padding, column, row_bits, entries, pads, empty, row_reads):  # type: ignore[no-untyped-def]
    """Count, for each PE, the entries of its slices of the broadcast columns, and the SRAM rows that are read.

    In: pointer int32 [all columns + 1, pes]; padding int32 [all columns, pes]; column int64 [columns]. Added to:
    entries, pads (padding), empty (slices) and row_reads, int32 [pes] each. row_bits: log2 of the entries in a row.
    """
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
    """Add every broadcast column to `output`, int32 [outputs]: a product for each level, then only additions.

    start int64 [columns + 1]; row uint32 and code uint8 [entries]; codebook int16 [levels]; activation int16 [columns].
    """
    lowest, highest = np.int32(LOWEST), np.int32(HIGHEST)
    product = np.zeros(256, np.int32)
    for j in range(activation.size):
        if activation[j] == 0:
            continue
        for level in range(codebook.size):
            product[level] = (np.int64(codebook[level]) * activation[j] + ((1 << shift) >> 1)) >> shift
        for e in range(np.uint64(start[j]), np.uint64(start[j + 1])):
            output[row[e]] = min(max(output[row[e]] + product[code[e]], lowest), highest)


@njit(cache=True)
def _accumulate_scaled(  # type: ignore[no-untyped-def]
    start, row, code, codebook, activation, significand, shift, group, rows, first_row, output
):
    """As `_accumulate`, with block scales: `output` int64 [outputs]; codebook int32 [levels], elements.

    significand int32 and shift int16 [column groups, pes, row groups]; group int32 [columns]; see `ScaleMemory`.
    """
    lowest, highest, pes = np.int64(LOWEST), np.int64(HIGHEST), significand.shape[1]
    for j in range(activation.size):
        if activation[j] == 0:
            continue
        g, a = group[j], np.int64(activation[j])
        for e in range(np.uint64(start[j]), np.uint64(start[j + 1])):
            if code[e] == 0:
                continue
            whole = np.int64(row[e]) + first_row
            pe, place = whole % pes, whole // pes // rows
            product = np.int64(codebook[code[e]]) * significand[g, pe, place] * a
            by = np.int64(shift[g, pe, place])
            if by > 0:
                product = (product + (np.int64(1) << (by - 1))) >> by
            else:
                product <<= -by
            output[row[e]] = min(max(output[row[e]] + product, lowest), highest)


@njit(cache=True)
def _count_scale_rows(  # type: ignore[no-untyped-def]
    start, row, code, group, column, pes, first_row, rows_each, stride, first_block, row_bits, reads
):
    """Add to `reads`, int64 [pes], the rows of scales that each PE reads for the columns, int64 [columns].

    start int64 [all columns + 1]; row uint32, code uint8 [entries]; group int32 [all columns]; row_bits: log2 of the
    scales in a row. An entry of padding needs no scale.
    """
    kept = np.full(pes, -1, np.int64)
    for j in column:
        for e in range(start[j], start[j + 1]):
            if code[e] == 0:
                continue
            whole = np.int64(row[e]) + first_row
            pe = whole % pes
            address = group[j] * stride + whole // pes // rows_each - first_block
            if address >> row_bits != kept[pe]:
                kept[pe] = address >> row_bits
                reads[pe] += 1


def _count_scales(arch: Arch, streams: Streams, scales: ScaleMemory, plan: PassTimes, counts: Counts) -> Counts:
    """The counts with the events of the scales."""
    reads = np.zeros(arch.pes, np.int64)
    where = scales.first_row, scales.rows_each, scales.stride, scales.first_block, scales.per_row.bit_length() - 1
    for part in plan.segments:
        entries = streams.start, streams.row, streams.code, scales.group, part.column
        _count_scale_rows(*entries, arch.pes, *where, reads)
    outputs = on_each_pe(arch, streams.outputs) * int(scales.multiplier > 0)
    return counts._replace(scale_row_reads=reads, scale_multiplies=counts.multiplies, output_multiplies=outputs)


def _counts(
    arch: Arch, streams: Streams, plan: PassTimes, entries: np.ndarray, padding: np.ndarray, row_reads: np.ndarray
) -> Counts:
    sent = plan.total(lambda part: part.column.size)
    served = np.full(arch.pes, sent, np.int64)
    scans = plan.total(lambda part: np.count_nonzero(part.scan_trace == SCAN))
    preloaded = np.bincount(np.flatnonzero(streams.initial) % arch.pes, minlength=arch.pes)
    return Counts(
        broadcasts=np.array([sent], np.int64),
        scan_bubbles=np.array([scans - arch.scan_fill * streams.load_cycles.size], np.int64),
        queue_pushes=served,
        queue_pops=served,
        pointer_reads=served,
        spmat_row_reads=row_reads,
        entries=entries,
        padding=padding,
        codebook_lookups=entries,
        scale_row_reads=np.zeros(arch.pes, np.int64),
        scale_multiplies=np.zeros(arch.pes, np.int64),
        multiplies=entries - padding,
        accumulator_reads=entries - padding,
        accumulator_writes=entries - padding + preloaded,
        activation_reads=on_each_pe(arch, streams.inputs),
        activation_writes=on_each_pe(arch, streams.outputs),
        output_multiplies=np.zeros(arch.pes, np.int64),
        activation_sram_reads=streams.sram_reads,
        activation_sram_writes=streams.sram_writes,
        dram_words=streams.dram_words,
    )


def _reasons(arch: Arch, streams: Streams, plan: PassTimes, entries: np.ndarray, empty: np.ndarray) -> Reasons:
    """Cycles by reason: a unit waits in all cycles in which it does not work."""
    return Reasons(
        busy=entries,
        empty_slice=empty,
        starved=plan.end - entries - empty,
        write_back=np.full(arch.pes, streams.write_cycles, np.int64),
        finished=plan.cycles - streams.write_cycles - plan.end,
        broadcast=np.array([plan.total(lambda part: part.column.size)], np.int64),
        scan=np.array([plan.total(lambda part: np.count_nonzero(part.scan_trace == SCAN))], np.int64),
        queue_full=np.array([plan.total(lambda part: part.queue_full)], np.int64),
        load=np.array([plan.total(lambda part: np.count_nonzero(part.scan_trace == LOAD))], np.int64),
        dram=np.array([plan.total(lambda part: part.fill)], np.int64),
        idle=np.array([plan.cycles - plan.scan_end], np.int64),
    )


def _trace(arch: Arch, streams: Streams, plan: PassTimes, length: int) -> np.ndarray:
    trace = np.empty((arch.pes + 1, length), np.uint8)
    if length == 0:
        return trace
    first = slice_start(streams)
    for k in range(arch.pes):
        row = np.full(plan.cycles, ord(PeLetter.FINISHED), np.uint8)
        row[: plan.end[k]] = ord(PeLetter.STARVED)
        for part in plan.segments:
            drawn = row[part.start : part.start + part.end[k]]
            draw_pe(streams.pointer[:, k], streams.code, first[:, k], part.column, part.begin[:, k], LETTERS, drawn)
        row[plan.cycles - streams.write_cycles :] = ord(PeLetter.WRITE_BACK)
        trace[k] = row[:length]
    control = np.full(plan.cycles, ord(ControlLetter.IDLE), np.uint8)
    for part in plan.segments:
        control[part.start - part.fill : part.start] = ord(ControlLetter.DRAM)
        _draw_control(part, control[part.start : part.start + part.scanned])
    trace[arch.pes] = control[:length]
    return trace


def _draw_control(part: Segment, row: np.ndarray) -> None:
    row[:] = ord(ControlLetter.QUEUE_FULL)
    now = drawn = 0
    for sent, stall in zip(part.broadcast.tolist(), part.stall.tolist(), strict=True):
        row[now : now + stall] = part.scan_trace[drawn : drawn + stall]
        drawn += stall
        row[sent] = ord(ControlLetter.BROADCAST)
        now = sent + 1
    row[now:] = part.scan_trace[drawn:]
