"""EIE without stepping cycles: equal to the model, at a cost that grows with columns x PEs.

When each column is broadcast and served follows from a recurrence (see `simulator.columns`). Stalls are what the scan
costs by itself. All else is counting.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from simulator.accelerator import Run
from simulator.columns import draw_pe, serve
from simulator.eie.arch import HIGHEST, LOWEST, Arch, Control, Counts, Pe, Reasons, on_each_pe
from simulator.eie.streams import Streams, entries_per_row, slice_start

LETTERS = np.array([ord(letter) for letter in (Pe.MULTIPLY, Pe.PADDING, Pe.EMPTY_SLICE, Pe.STARVED)], np.uint8)
SCAN, LOAD = ord(Control.SCAN), ord(Control.LOAD)


class Schedule(NamedTuple):
    """When everything happens; the i-th broadcast sends column `column[i]`."""

    column: np.ndarray  # int64 [broadcasts]
    stall: np.ndarray  # int32 [broadcasts]: cycles that the scan needs before it has the i-th non-zero
    script: np.ndarray  # uint8: what it does in all its stalls, in order, those after the last broadcast included
    broadcast: np.ndarray  # int32 [broadcasts]
    begin: np.ndarray  # int32 [broadcasts, pes]
    end: np.ndarray  # int32 [pes]: the cycle after a PE's last slice
    scan_end: int  # the cycle after the control's last
    cycles: int


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
    _tally(streams.pointer, streams.padding, plan.column, row_bits, entries, padding, empty, row_reads)
    counts = _counts(arch, streams, plan, *(a.astype(np.int64) for a in (entries, padding, row_reads)))
    reasons = _reasons(arch, streams, plan, entries.astype(np.int64), empty.astype(np.int64))
    trace = _trace(arch, streams, plan, min(plan.cycles, trace_cycles))
    return Run(plan.cycles, np.zeros(0, np.int16), counts, reasons, trace)


def schedule(arch: Arch, streams: Streams) -> Schedule:
    """When each non-zero column is broadcast and each PE begins to serve it, from the pass' first cycle on."""
    column = np.empty(streams.activation.size, np.int64)
    stall = np.zeros(streams.activation.size, np.int32)
    groups = streams.activation.size // arch.pes + streams.load_cycles.size
    longest = int(streams.load_cycles.sum()) + arch.scan_fill * streams.load_cycles.size + groups
    script = np.empty(longest, np.uint8)
    load_cycles, batch_start = streams.load_cycles, streams.batch_start
    found, told = _scan(streams.activation, batch_start, load_cycles, arch.scan_fill, arch.pes, column, stall, script)
    column, stall, script = column[:found], stall[:found], script[:told]
    broadcast, begin = np.empty(found, np.int32), np.empty((found, arch.pes), np.int32)
    end = np.zeros(arch.pes, np.int32)
    serve(streams.pointer, column, stall, arch.queue_depth - 1, broadcast, begin, end)
    scan_end = told - int(stall.sum()) + (int(broadcast[-1]) + 1 if found else 0)
    drained = int(end.max()) + 1 + arch.pipeline_stages if found else 0
    cycles = max(scan_end, drained) + streams.write_cycles
    return Schedule(column, stall, script, broadcast, begin, end, scan_end, cycles)


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
    served = np.full(arch.pes, plan.column.size, np.int64)
    filling = arch.scan_fill * streams.load_cycles.size
    return Counts(
        broadcasts=np.array([plan.column.size], np.int64),
        scan_bubbles=np.array([np.count_nonzero(plan.script == SCAN) - filling], np.int64),
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
    sent, spent = plan.column.size, int(plan.stall.sum())
    return Reasons(
        busy=entries,
        empty_slice=empty,
        starved=plan.end - entries - empty,
        write_back=np.full(arch.pes, streams.write_cycles, np.int64),
        finished=plan.cycles - streams.write_cycles - plan.end.astype(np.int64),
        broadcast=np.array([sent], np.int64),
        scan=np.array([np.count_nonzero(plan.script == SCAN)], np.int64),
        queue_full=np.array([int(plan.broadcast[-1]) + 1 - sent - spent if sent else 0], np.int64),
        load=np.array([np.count_nonzero(plan.script == LOAD)], np.int64),
        idle=np.array([plan.cycles - plan.scan_end], np.int64),
    )


def _trace(arch: Arch, streams: Streams, plan: Schedule, length: int) -> np.ndarray:
    trace = np.empty((arch.pes + 1, length), np.uint8)
    if length == 0:
        return trace
    place = slice_start(streams)
    for k in range(arch.pes):
        line = np.full(plan.cycles, ord(Pe.FINISHED), np.uint8)
        draw_pe(streams.pointer[:, k], streams.code, place[:, k], plan.column, plan.begin[:, k], LETTERS, line)
        line[plan.cycles - streams.write_cycles :] = ord(Pe.WRITE_BACK)
        trace[k] = line[:length]
    trace[arch.pes] = _draw_control(plan)[:length]
    return trace


def _draw_control(plan: Schedule) -> np.ndarray:
    line = np.full(plan.cycles, ord(Control.QUEUE_FULL), np.uint8)
    now = told = 0
    for sent, stall in zip(plan.broadcast.tolist(), plan.stall.tolist(), strict=True):
        line[now : now + stall] = plan.script[told : told + stall]
        told += stall
        line[sent] = ord(Control.BROADCAST)
        now = sent + 1
    line[now : plan.scan_end] = plan.script[told:]
    line[plan.scan_end :] = ord(Control.IDLE)
    return line
