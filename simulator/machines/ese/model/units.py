"""ESE as one SimPy process for each unit: the definition of the machine.

All units process the slots of the schedule in order and wait for each other at the end of each (section 4.4). In a
slot, a channel's feeder broadcasts a vector to the activation queues, its PEs work on their slices of the columns, its
assembler puts the results in order, and its element-wise unit computes gates, c and m from finished sums; meanwhile the
memory channels deliver the data of the next slot.
"""

from typing import NamedTuple

import numpy as np
import simpy

from simulator.core.run import Run
from simulator.hardware.clock import Barrier, Fifo, Process, Window, broadcast, run_to_end
from simulator.hardware.dram.model.channel import Channel
from simulator.hardware.dram.spec import to_cycle
from simulator.machines.ese.arch import MEMORY_CHANNELS, Arch, Letter, bursts
from simulator.machines.ese.layout.schedule import element_cost
from simulator.machines.ese.layout.streams import Slot, Streams, slice_start, slot_lines
from simulator.machines.ese.model.ledger import Ledger
from simulator.machines.ese.model.output import Voice


class Machine(NamedTuple):
    """What the units share: clock, queues, voices, and the ledger."""

    env: simpy.Environment
    arch: Arch
    streams: Streams
    barrier: Barrier
    queues: list[list[Fifo]]  # [channel][pe]
    voices: list[Voice]  # of each channel
    starts: dict[str, np.ndarray]  # int64 [columns, pes] by matrix: see `slice_start`; what the PEs' buffers hold
    ledger: Ledger


def run(arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """Run one layer; the trace holds its first `trace_cycles` cycles. DeadlockError where no unit can continue."""
    return run_in(simpy.Environment(), arch, streams, trace_cycles)


def run_in(env: simpy.Environment, arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """`run` in a given environment; a test may pass one that changes the order of the processes within a cycle."""
    active = len(streams.activation)
    queues = [
        [Fifo(env, f"queue of PE {k} of channel {c}", arch.queue_depth) for k in range(arch.pes)] for c in range(active)
    ]
    voices = [Voice(streams.layer, sequence) for sequence in streams.activation]
    units = active * (arch.pes + 3) + 2 * MEMORY_CHANNELS
    starts = {name: slice_start(matrix) for name, matrix in streams.matrices.items()}
    ledger = Ledger(arch, active)
    machine = Machine(env, arch, streams, Barrier(env, units), queues, voices, starts, ledger)
    fifos = [Window(env, f"FIFO of memory channel {c}", arch.fifo_lines) for c in range(MEMORY_CHANNELS)]
    processes = [process for c in range(active) for process in _channel(machine, c)]
    for c in range(MEMORY_CHANNELS):
        processes += [_memory(machine, c, fifos[c]), _load(machine, c, fifos[c])]
    run_to_end(env, processes, [*(queue for channel in queues for queue in channel), *fifos])
    cycles = int(env.now)
    ledger.finish(cycles, queues, streams.output_lines)
    return Run(
        cycles=cycles,
        output=np.stack([voice.output() for voice in voices]).ravel(),
        counts=ledger.counts(),
        reasons=ledger.reasons(),
        trace=ledger.timeline.letters(min(cycles, trace_cycles)),
    )


def _slots(machine: Machine) -> list[tuple[int, Slot]]:
    """The time step and the slot, for all slots of all time steps."""
    return [(t, slot) for t in range(machine.streams.activation.shape[1]) for slot in machine.streams.slots]


def _channel(machine: Machine, c: int) -> list[Process]:
    pes = [_pe(machine, c, k) for k in range(machine.arch.pes)]
    return [_feed(machine, c), *pes, _assemble(machine, c), _element(machine, c)]


def _feed(machine: Machine, c: int) -> Process:
    """Broadcast a product's vector, one activation per cycle while no queue is full."""
    env, _, _, barrier, queues, voices, _, ledger = machine
    unit = ledger.rows["feeder"][c]
    for t, slot in _slots(machine):
        if slot.product:
            for j, value in enumerate(voices[c].vector(slot.product, t)):
                yield from broadcast((j, value), queues[c])
                ledger.timeline.fill(unit, Letter.QUEUE_FULL, env.now)
                yield env.timeout(1)
                ledger.timeline.fill(unit, Letter.BROADCAST, env.now)
                ledger.record("broadcasts", c)
        yield barrier.arrive()
        ledger.timeline.fill(unit, Letter.IDLE, env.now)


def _pe(machine: Machine, c: int, k: int) -> Process:
    """Serve every column of a product: one cycle for each entry, and one for a column without entries."""
    env, arch, streams, barrier, queues, *_, ledger = machine
    unit = c * arch.pes + k
    for _, slot in _slots(machine):
        if slot.product:
            matrix = streams.matrices[slot.product]
            for _ in range(matrix.inputs):
                j, activation = yield queues[c][k].pop()
                ledger.timeline.fill(unit, Letter.STARVED, env.now)
                words = _multiply(machine, c, k, slot.product, j, activation)
                yield env.timeout(max(1, len(words)))
                _record_slice(machine, unit, words)
            yield env.timeout(arch.pipeline_cycles)
        yield barrier.arrive()
        ledger.timeline.fill(unit, Letter.WAITING if slot.product else Letter.NO_PRODUCT, env.now)


def _multiply(machine: Machine, c: int, k: int, product: str, column: int, activation: int) -> list[int]:
    """Read a slice, multiply and add; padding takes a cycle and causes no other event. Returns the slice's words."""
    unit = c * machine.arch.pes + k
    words, rows = _slice(machine, product, column, k)
    if c == 0:  # all channels read the shared buffers at the same time
        machine.ledger.record("pointer_reads", k)
        machine.ledger.record("weight_reads", k, len(words))
    machine.ledger.record("entries", unit, len(words))
    for word, row in zip(words, rows, strict=True):
        if word == 0:
            machine.ledger.record("padding", unit)
            continue
        machine.voices[c].add(product, row, word * activation)
        for event in ("multiplies", "accumulator_reads", "accumulator_writes"):
            machine.ledger.record(event, unit)
    return words


def _slice(machine: Machine, product: str, column: int, k: int) -> tuple[list[int], list[int]]:
    """A column's words on PE k, and their rows, decoded from the zero counts."""
    matrix = machine.streams.matrices[product]
    begin = machine.starts[product][column, k]
    first, end = matrix.pointer[column : column + 2, k]
    words, rows, local = matrix.word[begin : begin + end - first].tolist(), [], -1
    for skipped in matrix.zeros[begin : begin + end - first].tolist():
        local += skipped + 1
        rows.append(local * machine.arch.pes + k)
    return words, rows


def _record_slice(machine: Machine, unit: int, words: list[int]) -> None:
    """Record in the timeline what the PE did in the cycles of a slice that ends now."""
    begin = int(machine.env.now) - max(1, len(words))
    if not words:
        machine.ledger.timeline.fill(unit, Letter.EMPTY_SLICE, begin + 1)
    for cycle, word in enumerate(words, begin + 1):
        machine.ledger.timeline.fill(unit, Letter.MULTIPLY if word else Letter.PADDING, cycle)


def _assemble(machine: Machine, c: int) -> Process:
    """Put a product's results in order, one per cycle."""
    env, arch, streams, barrier, *_, ledger = machine
    unit = ledger.rows["assembler"][c]
    for _, slot in _slots(machine):
        if slot.product:
            rows = streams.matrices[slot.product].outputs
            machine.voices[c].begin(slot.product)
            yield env.timeout(rows)
            ledger.timeline.fill(unit, Letter.ASSEMBLE, env.now)
            ledger.record("assembled", c, rows)
            yield env.timeout(arch.pipeline_cycles)
        yield barrier.arrive()
        ledger.timeline.fill(unit, Letter.IDLE, env.now)


def _element(machine: Machine, c: int) -> Process:
    """Compute the slot's element-wise operation for every cell; results are visible from the next slot on."""
    env, arch, streams, barrier, *_, ledger = machine
    unit, layer = ledger.rows["element"][c], streams.layer
    for _, slot in _slots(machine):
        if slot.element:
            yield env.timeout(-(-layer.cells // arch.element_lanes) + arch.element_pipeline)
            ledger.timeline.fill(unit, Letter.ELEMENT, env.now)
            machine.voices[c].compute(slot.element)
            cost = element_cost(slot.element, layer.peephole is not None)
            ledger.record("element_multiplies", c, cost.multiplies * layer.cells)
            ledger.record("element_additions", c, cost.additions * layer.cells)
            ledger.record("table_lookups", c, cost.lookups * layer.cells)
            ledger.record("state_reads", c, cost.reads * layer.cells)
            ledger.record("state_writes", c, cost.writes * layer.cells)
        yield barrier.arrive()
        ledger.timeline.fill(unit, Letter.IDLE, env.now)


def _lines(machine: Machine, memory: int, slot: Slot, step: int) -> list[tuple[int, int]]:
    """The lines that a memory channel delivers in a slot, each with its cycles from the FIFO to the buffers."""
    lines = slot_lines(machine.streams, slot, step)[memory].tolist()
    narrow = slot.input_lines if memory else 0
    wide, path = [1] * (len(lines) - narrow), machine.arch.line_bits // machine.arch.input_path_bits
    return list(zip(lines, wide + [path] * narrow, strict=True))


def _memory(machine: Machine, memory: int, fifo: Window) -> Process:
    """Run a memory channel, whose lines come at a constant rate or from a DRAM."""
    dram = machine.arch.dram
    if dram is None:
        return _fetch_at_rate(machine, memory, fifo)
    return _fetch(machine, memory, fifo, Channel(machine.env, dram))


def _fetch_at_rate(machine: Machine, memory: int, fifo: Window) -> Process:
    """Without a DRAM: deliver a line every `line_cycles`, pushed into the FIFO in the last of them."""
    env, arch, _, barrier, *_, ledger = machine
    unit = ledger.rows["memory"][memory]
    for t, slot in _slots(machine):
        for _, cost in _lines(machine, memory, slot, t):
            yield env.timeout(arch.line_cycles - 1)
            ledger.timeline.fill(unit, Letter.FETCH, env.now)
            if not fifo.free:
                yield fifo.room()
            ledger.timeline.fill(unit, Letter.QUEUE_FULL, env.now)
            fifo.push((env.timeout(0), cost))
            yield env.timeout(1)
            ledger.timeline.fill(unit, Letter.FETCH, env.now)
        yield barrier.arrive()
        ledger.timeline.fill(unit, Letter.IDLE, env.now)


def _fetch(machine: Machine, memory: int, fifo: Window, dram: Channel) -> Process:
    """Request a slot's lines from the DRAM, each as soon as the FIFO has a free slot for it."""
    env, arch, _, barrier, *_, ledger = machine
    unit = ledger.rows["memory"][memory]
    for t, slot in _slots(machine):
        requested: list[simpy.Event] = []
        for line, cost in _lines(machine, memory, slot, t):
            if not fifo.free:
                yield fifo.room()
                _record_fetch(machine, unit, dram, requested)
            parts = [dram.push(bursts(arch) * line + burst) for burst in range(bursts(arch))]
            fifo.push((env.all_of(parts), cost))
            requested += parts
        yield env.all_of(requested)
        ledger.timeline.fill(unit, Letter.FETCH, env.now)
        yield barrier.arrive()
        ledger.timeline.fill(unit, Letter.IDLE, env.now)


def _record_fetch(machine: Machine, unit: int, dram: Channel, requested: list[simpy.Event]) -> None:
    """The FIFO has room again: record the fetch up to the last arrival, and a full FIFO from then until now."""
    if all(event.triggered for event in requested):
        last = max(clock for event in requested if (clock := event.value) is not None)
        machine.ledger.timeline.fill(unit, Letter.FETCH, to_cycle(dram.dram, last))
        machine.ledger.timeline.fill(unit, Letter.QUEUE_FULL, machine.env.now)


def _load(machine: Machine, memory: int, fifo: Window) -> Process:
    """Move lines from the FIFO to the buffers, in the order in which they were requested."""
    for t, slot in _slots(machine):
        for _ in _lines(machine, memory, slot, t):
            arrived, cost = yield fifo.look(fifo.pops)
            yield arrived
            fifo.drop()
            yield machine.env.timeout(cost)
            machine.ledger.record("buffer_lines", 0)
            machine.ledger.record("dram_vector_lines" if memory else "dram_weight_lines", 0)
        yield machine.barrier.arrive()
