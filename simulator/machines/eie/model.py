"""EIE as one SimPy process for each unit: the definition of the machine.

A central control scans the input for non-zeros and broadcasts them; each PE keeps them in its activation queue and
works on its slices of the columns in this order (EIE, section IV; details as in the authors' simulator).
"""

from collections import Counter
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import simpy

from simulator.core.run import Run
from simulator.core.trace import TraceRecorder
from simulator.hardware.clock import Barrier, Fifo, Process, Register, broadcast, run_to_end
from simulator.hardware.dram.model.channel import Channel
from simulator.machines.eie.arch import HIGHEST, LOWEST, Arch, ControlLetter, Counts, PeLetter, Reasons
from simulator.machines.eie.layout.scales import ScaleMemory
from simulator.machines.eie.layout.streams import Streams, entries_per_row, slice_start


class Machine(NamedTuple):
    """What the units share: clock, queues, and the records of events and cycles."""

    env: simpy.Environment
    arch: Arch
    streams: Streams
    queues: list[Fifo]
    events: list[Counter[str]]  # of each PE, then of the control
    timeline: TraceRecorder  # likewise
    starts: np.ndarray  # int64 [columns, pes]: see `slice_start`; what each PE's sparse-matrix SRAM holds
    accumulators: list[int]  # one for each output; output i belongs to PE i mod pes
    used: Barrier  # control and PEs: everything in the memories has been used
    dram: Channel | None


def run(arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """Run one pass; the trace holds its first `trace_cycles` cycles. DeadlockError where no unit can continue."""
    return run_in(simpy.Environment(), arch, streams, trace_cycles)


def run_in(env: simpy.Environment, arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """`run` in a given environment; a test may pass one that changes the order of the processes within a cycle."""
    queues = [_queue(env, arch, k) for k in range(arch.pes)]
    events = [Counter() for _ in range(arch.pes + 1)]  # type: list[Counter[str]]
    timeline, starts = TraceRecorder(arch.pes + 1), slice_start(streams)
    used, dram = Barrier(env, arch.pes + 1), None if arch.dram is None else Channel(env, arch.dram)
    accumulators = streams.initial.tolist()
    for output in np.flatnonzero(streams.initial).tolist():
        events[output % arch.pes]["accumulator_writes"] += 1
    machine = Machine(env, arch, streams, queues, events, timeline, starts, accumulators, used, dram)
    run_to_end(env, [_control(machine), *(_pe(machine, k) for k in range(arch.pes))], queues)
    cycles = _write_back(machine)
    return Run(
        cycles=cycles,
        output=np.array([_send_out(machine, total) for total in machine.accumulators], np.int16),
        counts=_counts(machine),
        reasons=_reasons(machine),
        trace=machine.timeline.letters(min(cycles, trace_cycles)),
    )


def _queue(env: simpy.Environment, arch: Arch, pe: int) -> Fifo:
    """A PE's queue: a ring of n slots holds n - 1 activations; with one slot, all PEs run in lockstep."""
    name = f"activation queue of PE {pe}"
    return Register(env, name) if arch.queue_depth == 1 else Fifo(env, name, arch.queue_depth - 1)


def _control(machine: Machine) -> Process:
    """Scan the inputs batch by batch and group by group; broadcast each non-zero as soon as no queue is full."""
    env, arch, streams, queues, events, timeline, *_ = machine
    unit = arch.pes
    for batch, load in enumerate(streams.load_cycles.tolist()):
        yield from _fill(machine, batch)
        yield env.timeout(load)
        timeline.fill(unit, ControlLetter.LOAD, env.now)
        yield env.timeout(arch.scan_fill)
        first, end = streams.batch_start[batch : batch + 2].tolist()
        for group in range(first, end, arch.pes):
            members = streams.activation[group : min(group + arch.pes, end)].tolist()
            found = [position for position, value in enumerate(members) if value]
            for position in found:
                timeline.fill(unit, ControlLetter.SCAN, env.now)
                yield from broadcast((group + position, members[position]), queues)
                timeline.fill(unit, ControlLetter.QUEUE_FULL, env.now)
                yield env.timeout(1)
                timeline.fill(unit, ControlLetter.BROADCAST, env.now)
                events[unit]["broadcasts"] += 1
            if not found or found[-1] != arch.pes - 1:
                yield env.timeout(1)
                events[unit]["scan_bubbles"] += 1
        timeline.fill(unit, ControlLetter.SCAN, env.now)


def _fill(machine: Machine, batch: int) -> Process:
    """If DRAM fills the memories before a batch: wait until the PEs have used their content, then for DRAM."""
    lines, before = int(machine.streams.dram_lines[batch]), int(machine.streams.dram_lines[:batch].sum())
    if lines:
        if before:
            yield machine.used.arrive()
        first = machine.streams.first_line + before
        yield machine.env.all_of(
            [machine.dram.push(line) for line in range(first, first + lines)] if machine.dram else []
        )
        machine.timeline.fill(machine.arch.pes, ControlLetter.DRAM, machine.env.now)


def _pe(machine: Machine, k: int) -> Process:
    """Serve every broadcast column: one cycle for each entry, and one for a column without entries."""
    env, arch, streams, queues, _, timeline, *_ = machine
    for columns, more in _segments(streams):
        kept_row = kept_scales = -1
        for _ in range(columns):
            column, activation = yield queues[k].pop()
            timeline.fill(k, PeLetter.STARVED, env.now)
            kept_row, codes, zeros = _read_slice(machine, k, column, kept_row)
            kept_scales = _accumulate(machine, k, column, codes, zeros, activation, kept_scales)
            yield env.timeout(max(1, len(codes)) - 1)
            queues[k].last_use()
            yield env.timeout(1)
            _record_slice(machine, k, codes)
        if more:
            yield machine.used.arrive()
            timeline.fill(k, PeLetter.STARVED, env.now)
    served = np.count_nonzero(streams.activation)
    yield env.timeout(1 + arch.pipeline_stages if served else 0)
    timeline.fill(k, PeLetter.FINISHED, env.now)


def _segments(streams: Streams) -> list[tuple[int, bool]]:
    """The number of columns broadcast between two fills of the memories, and whether another fill follows."""
    fills = streams.batch_start[np.flatnonzero(streams.dram_lines)].tolist()
    borders = [0, *fills[1:], streams.activation.size]
    return [
        (int(np.count_nonzero(streams.activation[begin:end])), end < streams.activation.size)
        for begin, end in pairwise(borders)
    ]


def _record_slice(machine: Machine, k: int, codes: list[int]) -> None:
    """Record in the timeline what the PE did in the cycles of a slice that ends now."""
    begin = int(machine.env.now) - max(1, len(codes))
    if not codes:
        machine.timeline.fill(k, PeLetter.EMPTY_SLICE, begin + 1)
    for cycle, code in enumerate(codes, begin + 1):
        machine.timeline.fill(k, PeLetter.MULTIPLY if code else PeLetter.PADDING, cycle)


def _read_slice(machine: Machine, k: int, column: int, kept_row: int) -> tuple[int, list[int], list[int]]:
    """Read a slice: its two pointers, and the rows of its entries; the row read last is kept and not read again.

    Returns the row kept now, and the slice's codes and zero counts.
    """
    streams, events = machine.streams, machine.events[k]
    events["pointer_reads"] += 1
    begin, end = streams.pointer[column : column + 2, k].tolist()
    for address in range(begin, end):
        row = address // entries_per_row(machine.arch)
        if row != kept_row:
            events["spmat_row_reads"] += 1
            kept_row = row
    entries = slice(machine.starts[column, k], machine.starts[column, k] + end - begin)
    return kept_row, streams.code[entries].tolist(), streams.zeros[entries].tolist()


def _accumulate(
    machine: Machine, k: int, column: int, codes: list[int], zeros: list[int], activation: int, kept_scales: int
) -> int:
    """Decode each entry, multiply, shift, add; returns the row of scales that is kept now.

    A bypass forwards a sum to the next addition, so that none has to wait.
    """
    arch, streams, events, accumulators = machine.arch, machine.streams, machine.events, machine.accumulators
    local = -1
    for code, skipped in zip(codes, zeros, strict=True):
        local += skipped + 1
        events[k].update(("entries", "codebook_lookups"))
        if code == 0:
            events[k]["padding"] += 1
            continue
        output = local * arch.pes + k
        weight, shift = int(streams.codebook[code]), streams.shift
        if streams.scales is not None:
            significand, shift, row = _read_scale(machine, streams.scales, output, column)
            weight *= significand
            events[k]["scale_multiplies"] += 1
            events[k]["scale_row_reads"] += int(row != kept_scales)
            kept_scales = row
        rounded = _shift_right(weight * activation, shift)
        accumulators[output] = max(LOWEST, min(HIGHEST, accumulators[output] + rounded))
        events[k].update(("multiplies", "accumulator_reads", "accumulator_writes"))
    return kept_scales


def _read_scale(machine: Machine, scales: ScaleMemory, output: int, column: int) -> tuple[int, int, int]:
    """The significand and the shift of a weight's scale, and the row of the scale SRAM that it is in."""
    whole, group, banks = scales.first_row + output, int(scales.group[column]), scales.significand.shape[1]
    address = group * scales.stride + whole // machine.arch.pes // scales.rows_each - scales.first_block
    place = group, whole % banks, whole // banks // scales.rows
    return int(scales.significand[place]), int(scales.shift[place]), address // scales.per_row


def _shift_right(product: int, shift: int) -> int:
    """`product / 2**shift`, halves up; a negative shift is to the left."""
    return (product + ((1 << shift) >> 1)) >> shift if shift >= 0 else product << -shift


def _write_back(machine: Machine) -> int:
    """All units wait for the last one; then the PEs write back their registers if needed. Returns the run's cycles."""
    env, arch, streams, _, _, timeline, *_ = machine
    for k in range(arch.pes):
        timeline.fill(k, PeLetter.FINISHED, env.now)
        timeline.fill(k, PeLetter.WRITE_BACK, env.now + streams.write_cycles)
    timeline.fill(arch.pes, ControlLetter.IDLE, env.now + streams.write_cycles)
    return int(env.now) + streams.write_cycles


def _send_out(machine: Machine, total: int) -> int:
    """A sum on its way out: times the tensor's scale, where there is one, then through ReLU."""
    scales = machine.streams.scales
    if scales is not None and scales.multiplier:
        total = _shift_right(total * scales.multiplier, 15)
    return max(0, total) if machine.streams.relu else total


def _counts(machine: Machine) -> Counts:
    """The events as arrays. Events that depend only on the distribution of the elements are computed here."""
    _, arch, streams, queues, events, *_ = machine
    values = {name: np.array([pe[name] for pe in events[:-1]], np.int64) for name in Counts._fields}
    for name in ("broadcasts", "scan_bubbles"):
        values[name] = np.array([events[-1][name]], np.int64)
    values["queue_pushes"] = np.array([queue.pushes for queue in queues], np.int64)
    values["queue_pops"] = np.array([queue.pops for queue in queues], np.int64)
    values["activation_reads"] = np.array([len(range(k, streams.inputs, arch.pes)) for k in range(arch.pes)])
    values["activation_writes"] = np.array([len(range(k, streams.outputs, arch.pes)) for k in range(arch.pes)])
    if streams.scales is not None and streams.scales.multiplier:
        values["output_multiplies"] = values["activation_writes"].copy()
    values["activation_sram_reads"] = streams.sram_reads
    values["activation_sram_writes"] = streams.sram_writes
    values["dram_words"] = streams.dram_words
    return Counts(**values)


def _reasons(machine: Machine) -> Reasons:
    pes, control = range(machine.arch.pes), range(machine.arch.pes, machine.arch.pes + 1)
    count = machine.timeline.count
    return Reasons(
        busy=count(PeLetter.MULTIPLY + PeLetter.PADDING, pes),
        empty_slice=count(PeLetter.EMPTY_SLICE, pes),
        starved=count(PeLetter.STARVED, pes),
        write_back=count(PeLetter.WRITE_BACK, pes),
        finished=count(PeLetter.FINISHED, pes),
        broadcast=count(ControlLetter.BROADCAST, control),
        scan=count(ControlLetter.SCAN, control),
        queue_full=count(ControlLetter.QUEUE_FULL, control),
        load=count(ControlLetter.LOAD, control),
        dram=count(ControlLetter.DRAM, control),
        idle=count(ControlLetter.IDLE, control),
    )
