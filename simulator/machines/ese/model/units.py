"""ESE as a story for each of its units: the definition of the machine.

All units work through the slots of the schedule and wait for each other at the end of each (section 4.4). In a slot a
channel's feeder broadcasts a vector to the activation queues, its PEs work on their slices of the columns, its
assembler puts one result after the other in order, and its element-wise unit takes finished sums on towards c and m;
meanwhile the memory channels deliver what the next slot needs.
"""

from typing import NamedTuple

import numpy as np
import simpy

from simulator.core.run import Run
from simulator.hardware.clock import Barrier, Fifo, Story, Window, broadcast, run_to_end
from simulator.hardware.dram.model.channel import Channel
from simulator.hardware.dram.spec import to_cycle
from simulator.machines.ese.arch import MEMORY_CHANNELS, Arch, Letter, bursts
from simulator.machines.ese.layout.schedule import element_cost
from simulator.machines.ese.layout.streams import Slot, Streams, places, slice_start
from simulator.machines.ese.model.ledger import Books
from simulator.machines.ese.model.output import Cell


class Machine(NamedTuple):
    """What the units share: clock, queues, and the books."""

    env: simpy.Environment
    arch: Arch
    streams: Streams
    barrier: Barrier
    queues: list[list[Fifo]]  # [channel][pe]
    cells: list[Cell]  # what each channel computes
    starts: dict[str, np.ndarray]  # of the slices of each matrix: what the PEs' buffers hold
    books: Books


def run(arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """Run one layer and return its cycles, output, counts, reasons, and the trace of its first cycles."""
    return run_in(simpy.Environment(), arch, streams, trace_cycles)


def run_in(env: simpy.Environment, arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """`run` in a given environment: a test's own may order the processes of a cycle as it likes."""
    voices = len(streams.activation)
    queues = [
        [Fifo(env, f"queue of PE {k} of channel {c}", arch.queue_depth) for k in range(arch.pes)] for c in range(voices)
    ]
    cells = [Cell(streams.layer, sequence) for sequence in streams.activation]
    units = voices * (arch.pes + 3) + 2 * MEMORY_CHANNELS
    starts = {name: slice_start(matrix) for name, matrix in streams.matrices.items()}
    books = Books(arch, voices)
    machine = Machine(env, arch, streams, Barrier(env, units), queues, cells, starts, books)
    fifos = [Window(env, f"FIFO of memory channel {c}", arch.fifo_lines) for c in range(MEMORY_CHANNELS)]
    stories = [story for c in range(voices) for story in _channel(machine, c)]
    stories += [
        story for c in range(MEMORY_CHANNELS) for story in (_memory(machine, c, fifos[c]), _load(machine, c, fifos[c]))
    ]
    run_to_end(env, stories, [*(queue for channel in queues for queue in channel), *fifos])
    cycles = int(env.now)
    books.close(cycles, queues, streams.output_lines)
    return Run(
        cycles=cycles,
        output=np.stack([cell.output() for cell in cells]).ravel(),
        counts=books.counts(),
        reasons=books.reasons(),
        trace=books.timeline.letters(min(cycles, trace_cycles)),
    )


def _slots(machine: Machine) -> list[tuple[int, Slot]]:
    """Every slot of every time step."""
    return [(t, slot) for t in range(machine.streams.activation.shape[1]) for slot in machine.streams.slots]


def _channel(machine: Machine, c: int) -> list[Story]:
    pes = [_pe(machine, c, k) for k in range(machine.arch.pes)]
    return [_feed(machine, c), *pes, _assemble(machine, c), _element(machine, c)]


def _feed(machine: Machine, c: int) -> Story:
    """Broadcast a product's vector, an activation a cycle while all queues have room."""
    env, _, _, barrier, queues, cells, _, books = machine
    unit = books.rows["feeder"][c]
    for t, slot in _slots(machine):
        if slot.product:
            for j, value in enumerate(cells[c].vector(slot.product, t)):
                yield from broadcast((j, value), queues[c])
                books.timeline.fill(unit, Letter.QUEUE_FULL, env.now)
                yield env.timeout(1)
                books.timeline.fill(unit, Letter.BROADCAST, env.now)
                books.note("broadcasts", c)
        yield barrier.arrive()
        books.timeline.fill(unit, Letter.IDLE, env.now)


def _pe(machine: Machine, c: int, k: int) -> Story:
    """Serve every column of a product: a cycle for each entry, and one for a column without any."""
    env, arch, streams, barrier, queues, *_, books = machine
    unit = c * arch.pes + k
    for _, slot in _slots(machine):
        if slot.product:
            matrix = streams.matrices[slot.product]
            for _ in range(matrix.inputs):
                j, activation = yield queues[c][k].pop()
                books.timeline.fill(unit, Letter.STARVED, env.now)
                words = _multiply(machine, c, k, slot.product, j, activation)
                yield env.timeout(max(1, len(words)))
                _tell(machine, unit, words)
            yield env.timeout(arch.pipeline_cycles)
        yield barrier.arrive()
        books.timeline.fill(unit, Letter.WAITING if slot.product else Letter.NO_PRODUCT, env.now)


def _multiply(machine: Machine, c: int, k: int, product: str, column: int, activation: int) -> list[int]:
    """Read a slice, multiply and add; padding takes its cycle and nothing else. Returns the slice's words."""
    unit = c * machine.arch.pes + k
    words, rows = _slice(machine, product, column, k)
    if c == 0:  # the channels read the shared buffers in step
        machine.books.note("pointer_reads", k)
        machine.books.note("weight_reads", k, len(words))
    machine.books.note("entries", unit, len(words))
    for word, row in zip(words, rows, strict=True):
        if word == 0:
            machine.books.note("padding", unit)
            continue
        machine.cells[c].add(product, row, word * activation)
        for event in ("multiplies", "accumulator_reads", "accumulator_writes"):
            machine.books.note(event, unit)
    return words


def _slice(machine: Machine, product: str, column: int, k: int) -> tuple[list[int], list[int]]:
    """A column's words on PE k, and the row that each selects: the zeros before it say how far it lies on."""
    matrix = machine.streams.matrices[product]
    begin = machine.starts[product][column, k]
    first, end = matrix.pointer[column : column + 2, k]
    words, rows, local = matrix.word[begin : begin + end - first].tolist(), [], -1
    for skipped in matrix.zeros[begin : begin + end - first].tolist():
        local += skipped + 1
        rows.append(local * machine.arch.pes + k)
    return words, rows


def _tell(machine: Machine, unit: int, words: list[int]) -> None:
    """Write down what the PE did in the cycles of a slice that ends now."""
    begin = int(machine.env.now) - max(1, len(words))
    if not words:
        machine.books.timeline.fill(unit, Letter.EMPTY_SLICE, begin + 1)
    for cycle, word in enumerate(words, begin + 1):
        machine.books.timeline.fill(unit, Letter.MULTIPLY if word else Letter.PADDING, cycle)


def _assemble(machine: Machine, c: int) -> Story:
    """Put a product's results in order, one a cycle."""
    env, arch, streams, barrier, *_, books = machine
    unit = books.rows["assembler"][c]
    for _, slot in _slots(machine):
        if slot.product:
            rows = streams.matrices[slot.product].outputs
            machine.cells[c].begin(slot.product)
            yield env.timeout(rows)
            books.timeline.fill(unit, Letter.ASSEMBLE, env.now)
            books.note("assembled", c, rows)
            yield env.timeout(arch.pipeline_cycles)
        yield barrier.arrive()
        books.timeline.fill(unit, Letter.IDLE, env.now)


def _element(machine: Machine, c: int) -> Story:
    """Compute what the schedule says for every cell; what comes out is seen from the next slot on."""
    env, arch, streams, barrier, *_, books = machine
    unit, layer = books.rows["element"][c], streams.layer
    for _, slot in _slots(machine):
        if slot.element:
            yield env.timeout(-(-layer.cells // arch.element_lanes) + arch.element_pipeline)
            books.timeline.fill(unit, Letter.ELEMENT, env.now)
            machine.cells[c].compute(slot.element)
            cost = element_cost(slot.element, layer.peephole is not None)
            books.note("element_multiplies", c, cost.multiplies * layer.cells)
            books.note("element_additions", c, cost.additions * layer.cells)
            books.note("table_lookups", c, cost.lookups * layer.cells)
            books.note("state_reads", c, cost.reads * layer.cells)
            books.note("state_writes", c, cost.writes * layer.cells)
        yield barrier.arrive()
        books.timeline.fill(unit, Letter.IDLE, env.now)


def _lines(machine: Machine, memory: int, slot: Slot, step: int) -> list[tuple[int, int]]:
    """The lines that a memory channel delivers in a slot, and how many cycles each takes behind its FIFO."""
    found = places(machine.streams, slot, step)[memory].tolist()
    narrow = slot.input_lines if memory else 0
    wide, path = [1] * (len(found) - narrow), machine.arch.line_bits // machine.arch.input_path_bits
    return list(zip(found, wide + [path] * narrow, strict=True))


def _memory(machine: Machine, memory: int, fifo: Window) -> Story:
    dram = machine.arch.dram
    return _steady(machine, memory, fifo) if dram is None else _fetch(machine, memory, fifo, Channel(machine.env, dram))


def _steady(machine: Machine, memory: int, fifo: Window) -> Story:
    """Without a DRAM: deliver a line in `line_cycles`, into the FIFO in the last of them."""
    env, arch, _, barrier, *_, books = machine
    unit = books.rows["memory"][memory]
    for t, slot in _slots(machine):
        for _, cost in _lines(machine, memory, slot, t):
            yield env.timeout(arch.line_cycles - 1)
            books.timeline.fill(unit, Letter.FETCH, env.now)
            if not fifo.free:
                yield fifo.room()
            books.timeline.fill(unit, Letter.QUEUE_FULL, env.now)
            fifo.push((env.timeout(0), cost))
            yield env.timeout(1)
            books.timeline.fill(unit, Letter.FETCH, env.now)
        yield barrier.arrive()
        books.timeline.fill(unit, Letter.IDLE, env.now)


def _fetch(machine: Machine, memory: int, fifo: Window, dram: Channel) -> Story:
    """Ask the DRAM for a slot's lines, each when the FIFO has a slot for it."""
    env, arch, _, barrier, *_, books = machine
    unit = books.rows["memory"][memory]
    for t, slot in _slots(machine):
        asked: list[simpy.Event] = []
        for line, cost in _lines(machine, memory, slot, t):
            if not fifo.free:
                yield fifo.room()
                _tell_fetch(machine, unit, dram, asked)
            parts = [dram.push(bursts(arch) * line + burst) for burst in range(bursts(arch))]
            fifo.push((env.all_of(parts), cost))
            asked += parts
        yield env.all_of(asked)
        books.timeline.fill(unit, Letter.FETCH, env.now)
        yield barrier.arrive()
        books.timeline.fill(unit, Letter.IDLE, env.now)


def _tell_fetch(machine: Machine, unit: int, dram: Channel, asked: list[simpy.Event]) -> None:
    """The FIFO has room now: until then, nothing was on its way since the last line had come."""
    if all(event.triggered for event in asked):
        last = max(clock for event in asked if (clock := event.value) is not None)
        machine.books.timeline.fill(unit, Letter.FETCH, to_cycle(dram.dram, last))
        machine.books.timeline.fill(unit, Letter.QUEUE_FULL, machine.env.now)


def _load(machine: Machine, memory: int, fifo: Window) -> Story:
    """Take lines out of the FIFO into the buffers, in the order in which they were asked for."""
    for t, slot in _slots(machine):
        for _ in _lines(machine, memory, slot, t):
            there, cost = yield fifo.look(fifo.pops)
            yield there
            fifo.drop()
            yield machine.env.timeout(cost)
            machine.books.note("buffer_lines", 0)
            machine.books.note("dram_vector_lines" if memory else "dram_weight_lines", 0)
        yield machine.barrier.arrive()
