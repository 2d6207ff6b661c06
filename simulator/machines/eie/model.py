"""EIE as a story for each of its units: the definition of the machine.

A central control scans the input for non-zeros and broadcasts them; each PE keeps them in its activation queue and
works on its slice of one column after the other (EIE, section IV; details of the authors' simulator).
"""

from collections import Counter
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import simpy

from simulator.core.run import Run
from simulator.core.trace import Timeline
from simulator.hardware.clock import Barrier, Fifo, Register, Story, broadcast, run_to_end
from simulator.hardware.dram.model.channel import Channel
from simulator.machines.eie.arch import HIGHEST, LOWEST, Arch, Control, Counts, Pe, Reasons
from simulator.machines.eie.layout.streams import Streams, entries_per_row, slice_start


class Machine(NamedTuple):
    """What the units share: clock, queues, and the books."""

    env: simpy.Environment
    arch: Arch
    streams: Streams
    queues: list[Fifo]
    events: list[Counter[str]]  # of each PE, and of the control at the end
    timeline: Timeline  # likewise
    starts: np.ndarray  # of the slices: what each PE's sparse-matrix SRAM holds
    accumulators: list[int]  # one for each output; output i belongs to PE i mod pes
    used: Barrier  # control and PEs: all of what the memories hold is used
    dram: Channel | None


def run(arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """Run one pass and return its cycles, output, counts, reasons, and the trace of its first cycles."""
    return run_in(simpy.Environment(), arch, streams, trace_cycles)


def run_in(env: simpy.Environment, arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """`run` in a given environment: a test's own may order the processes of a cycle as it likes."""
    queues = [_queue(env, arch, k) for k in range(arch.pes)]
    books = [Counter() for _ in range(arch.pes + 1)]  # type: list[Counter[str]]
    timeline, starts = Timeline(arch.pes + 1), slice_start(streams)
    used, dram = Barrier(env, arch.pes + 1), None if arch.dram is None else Channel(env, arch.dram)
    accumulators = [0] * streams.outputs
    machine = Machine(env, arch, streams, queues, books, timeline, starts, accumulators, used, dram)
    run_to_end(env, [_control(machine), *(_pe(machine, k) for k in range(arch.pes))], queues)
    cycles = _write_back(machine)
    return Run(
        cycles=cycles,
        output=np.array([_relu(machine, total) for total in machine.accumulators], np.int16),
        counts=_counts(machine),
        reasons=_reasons(machine),
        trace=machine.timeline.letters(min(cycles, trace_cycles)),
    )


def _queue(env: simpy.Environment, arch: Arch, pe: int) -> Fifo:
    """A ring of n slots holds n - 1 activations; with one slot, all PEs move in lockstep."""
    name = f"activation queue of PE {pe}"
    return Register(env, name) if arch.queue_depth == 1 else Fifo(env, name, arch.queue_depth - 1)


def _control(machine: Machine) -> Story:
    """Scan batch after batch, group after group; broadcast each non-zero as soon as all queues have room."""
    env, arch, streams, queues, events, timeline, *_ = machine
    unit = arch.pes
    for batch, load in enumerate(streams.load_cycles.tolist()):
        yield from _fill(machine, batch)
        yield env.timeout(load)
        timeline.fill(unit, Control.LOAD, env.now)
        yield env.timeout(arch.scan_fill)
        first, end = streams.batch_start[batch : batch + 2].tolist()
        for group in range(first, end, arch.pes):
            members = streams.activation[group : min(group + arch.pes, end)].tolist()
            found = [position for position, value in enumerate(members) if value]
            for position in found:
                timeline.fill(unit, Control.SCAN, env.now)
                yield from broadcast((group + position, members[position]), queues)
                timeline.fill(unit, Control.QUEUE_FULL, env.now)
                yield env.timeout(1)
                timeline.fill(unit, Control.BROADCAST, env.now)
                events[unit]["broadcasts"] += 1
            if not found or found[-1] != arch.pes - 1:
                yield env.timeout(1)
                events[unit]["scan_bubbles"] += 1
        timeline.fill(unit, Control.SCAN, env.now)


def _fill(machine: Machine, batch: int) -> Story:
    """Where DRAM fills the memories before a batch: wait until the PEs have used what they hold, then for DRAM."""
    lines, before = int(machine.streams.dram_lines[batch]), int(machine.streams.dram_lines[:batch].sum())
    if lines:
        if before:
            yield machine.used.arrive()
        first = machine.streams.first_line + before
        yield machine.env.all_of(
            [machine.dram.push(line) for line in range(first, first + lines)] if machine.dram else []
        )
        machine.timeline.fill(machine.arch.pes, Control.DRAM, machine.env.now)


def _pe(machine: Machine, k: int) -> Story:
    """Serve every broadcast column: a cycle for each entry, and one for a column without any."""
    env, arch, streams, queues, _, timeline, *_ = machine
    for held, more in _segments(streams):
        kept_row = -1
        for _ in range(held):
            column, activation = yield queues[k].pop()
            timeline.fill(k, Pe.STARVED, env.now)
            kept_row, codes, zeros = _read(machine, k, column, kept_row)
            _accumulate(machine, k, codes, zeros, activation)
            yield env.timeout(max(1, len(codes)) - 1)
            queues[k].last_use()
            yield env.timeout(1)
            _tell(machine, k, codes)
        if more:
            yield machine.used.arrive()
            timeline.fill(k, Pe.STARVED, env.now)
    served = np.count_nonzero(streams.activation)
    yield env.timeout(1 + arch.pipeline_stages if served else 0)
    timeline.fill(k, Pe.FINISHED, env.now)


def _segments(streams: Streams) -> list[tuple[int, bool]]:
    """The columns that are broadcast between two fills of the memories, and whether another fill follows."""
    fills = streams.batch_start[np.flatnonzero(streams.dram_lines)].tolist()
    borders = [0, *fills[1:], streams.activation.size]
    return [
        (int(np.count_nonzero(streams.activation[begin:end])), end < streams.activation.size)
        for begin, end in pairwise(borders)
    ]


def _tell(machine: Machine, k: int, codes: list[int]) -> None:
    """Write down what the PE did in the cycles of a slice that ends now."""
    begin = int(machine.env.now) - max(1, len(codes))
    if not codes:
        machine.timeline.fill(k, Pe.EMPTY_SLICE, begin + 1)
    for cycle, code in enumerate(codes, begin + 1):
        machine.timeline.fill(k, Pe.MULTIPLY if code else Pe.PADDING, cycle)


def _read(machine: Machine, k: int, column: int, kept_row: int) -> tuple[int, list[int], list[int]]:
    """Read a slice: its two pointers, and the rows of its entries unless a row is the one kept.

    Returns the row that is kept then, and the slice's codes and zero counts.
    """
    streams, events = machine.streams, machine.events[k]
    events["pointer_reads"] += 1
    begin, end = streams.pointer[column : column + 2, k].tolist()
    for address in range(begin, end):
        row = address // entries_per_row(machine.arch)
        if row != kept_row:
            events["spmat_row_reads"] += 1
            kept_row = row
    held = slice(machine.starts[column, k], machine.starts[column, k] + end - begin)
    return kept_row, streams.code[held].tolist(), streams.zeros[held].tolist()


def _accumulate(machine: Machine, k: int, codes: list[int], zeros: list[int], activation: int) -> None:
    """Decode each entry, multiply, shift, add. A bypass feeds a sum to the next addition, so none ever waits."""
    arch, streams, events, accumulators = machine.arch, machine.streams, machine.events, machine.accumulators
    local = -1
    for code, skipped in zip(codes, zeros, strict=True):
        local += skipped + 1
        events[k]["entries"] += 1
        events[k]["codebook_lookups"] += 1
        if code == 0:
            events[k]["padding"] += 1
            continue
        product = int(streams.codebook[code]) * activation
        rounded = (product + ((1 << streams.shift) >> 1)) >> streams.shift
        output = local * arch.pes + k
        accumulators[output] = max(LOWEST, min(HIGHEST, accumulators[output] + rounded))
        for event in ("multiplies", "accumulator_reads", "accumulator_writes"):
            events[k][event] += 1


def _write_back(machine: Machine) -> int:
    """All units wait for the last one; then the PEs empty their registers, if they must. Returns the cycles."""
    env, arch, streams, _, _, timeline, *_ = machine
    for k in range(arch.pes):
        timeline.fill(k, Pe.FINISHED, env.now)
        timeline.fill(k, Pe.WRITE_BACK, env.now + streams.write_cycles)
    timeline.fill(arch.pes, Control.IDLE, env.now + streams.write_cycles)
    return int(env.now) + streams.write_cycles


def _relu(machine: Machine, total: int) -> int:
    return max(0, total) if machine.streams.relu else total


def _counts(machine: Machine) -> Counts:
    """The books as arrays. What only depends on which element stands where is counted here."""
    _, arch, streams, queues, events, *_ = machine
    told = {name: np.array([book[name] for book in events[:-1]], np.int64) for name in Counts._fields}
    for name in ("broadcasts", "scan_bubbles"):
        told[name] = np.array([events[-1][name]], np.int64)
    told["queue_pushes"] = np.array([queue.pushes for queue in queues], np.int64)
    told["queue_pops"] = np.array([queue.pops for queue in queues], np.int64)
    told["activation_reads"] = np.array([len(range(k, streams.inputs, arch.pes)) for k in range(arch.pes)])
    told["activation_writes"] = np.array([len(range(k, streams.outputs, arch.pes)) for k in range(arch.pes)])
    told["activation_sram_reads"] = streams.sram_reads
    told["activation_sram_writes"] = streams.sram_writes
    told["dram_words"] = streams.dram_words
    return Counts(**told)


def _reasons(machine: Machine) -> Reasons:
    pes, control = range(machine.arch.pes), range(machine.arch.pes, machine.arch.pes + 1)
    count = machine.timeline.count
    return Reasons(
        busy=count(Pe.MULTIPLY + Pe.PADDING, pes),
        empty_slice=count(Pe.EMPTY_SLICE, pes),
        starved=count(Pe.STARVED, pes),
        write_back=count(Pe.WRITE_BACK, pes),
        finished=count(Pe.FINISHED, pes),
        broadcast=count(Control.BROADCAST, control),
        scan=count(Control.SCAN, control),
        queue_full=count(Control.QUEUE_FULL, control),
        load=count(Control.LOAD, control),
        dram=count(Control.DRAM, control),
        idle=count(Control.IDLE, control),
    )
