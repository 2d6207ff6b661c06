"""EIE without stepping cycles: equal to the model, at a cost that grows with columns x PEs."""

import numpy as np
from numba import njit

from simulator.core.run import Run
from simulator.hardware.column_broadcast import draw_pe
from simulator.machines.eie.arch import HIGHEST, LOWEST, Arch, ControlLetter, Counts, PeLetter, Reasons, on_each_pe
from simulator.machines.eie.engine.scales import count_scales, sums_with_scales
from simulator.machines.eie.engine.timing import LOAD, SCAN, PassTimes, Segment, time_pass
from simulator.machines.eie.layout.streams import Streams, entries_per_row, slice_start

PE_LETTERS = PeLetter.MULTIPLY, PeLetter.PADDING, PeLetter.EMPTY_SLICE, PeLetter.STARVED
LETTERS = np.array([ord(letter) for letter in PE_LETTERS], np.uint8)


def run(arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """Run one pass; the trace holds its first `trace_cycles` cycles."""
    output = _output(streams)
    output = np.maximum(output, 0) if streams.relu else output
    return run_without_output(arch, streams, trace_cycles)._replace(output=output.astype(np.int16))


def _output(streams: Streams) -> np.ndarray:
    """The sums as they go out, before ReLU, int32 or int64 [outputs]."""
    if streams.scales is not None:
        return sums_with_scales(streams, streams.scales)
    output = streams.initial.astype(np.int32)
    entries = streams.start, streams.row, streams.code, streams.codebook, streams.activation
    _accumulate(*entries, streams.shift, output)
    return output


def run_without_output(arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """`run`, but the output has length 0: cycles and counts do not depend on the values of weights."""
    plan = time_pass(arch, streams)
    entries, padding, empty, row_reads = np.zeros((4, arch.pes), np.int32)
    row_bits = entries_per_row(arch).bit_length() - 1
    for part in plan.segments:
        _count_slices(streams.pointer, streams.padding, part.column, row_bits, entries, padding, empty, row_reads)
    counts = _counts(arch, streams, plan, *(a.astype(np.int64) for a in (entries, padding, row_reads)))
    if streams.scales is not None:
        counts = count_scales(arch, streams, streams.scales, plan, counts)
    reasons = _reasons(arch, streams, plan, entries.astype(np.int64), empty.astype(np.int64))
    trace = _trace(arch, streams, plan, min(plan.cycles, trace_cycles))
    return Run(plan.cycles, np.zeros(0, np.int16), counts, reasons, trace)


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
