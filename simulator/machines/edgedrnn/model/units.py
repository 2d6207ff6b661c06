"""EdgeDRNN as one SimPy process for each unit: the definition of the machine.

For each layer of each time step, an encoder compares the constant, the inputs and the states with what it last sent, an
element a cycle. What changed goes into a list. The memory is asked for the column of each change, one after the other,
and streams it beat by beat to the PEs, which add its products to their sums. After the last change, the PEs compute the
new states, and the next layer begins. The last input and the last state of a layer leave a mark in the list even where
they did not change: it is how the PEs know that all inputs, or all states, are done. A run takes some more cycles after
its last time step, in which nothing happens.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import simpy

from simulator.core.run import Run
from simulator.hardware.clock import Fifo, Process, run_to_end
from simulator.machines.edgedrnn.arch import (
    ADDITIONS,
    ENCODER,
    LOOKUPS,
    MEMORY,
    MULTIPLIES,
    PES,
    SUMS,
    Arch,
    EncoderLetter,
    MemoryLetter,
    PeLetter,
    activation_cycles,
)
from simulator.machines.edgedrnn.layout.streams import LayerStream, Streams
from simulator.machines.edgedrnn.model.cells import ONE, LayerState
from simulator.machines.edgedrnn.model.ledger import Ledger


class Column(NamedTuple):
    """A column of weights on its way from the memory to the PEs."""

    number: int
    change: int
    beats: int
    arrived: simpy.Event  # in the first cycle in which its first beat can be taken
    taken: simpy.Event  # in the first cycle of its first beat


class Entry(NamedTuple):
    """An entry of the list: a change, or only the mark of an end."""

    column: Column | None
    last: bool  # of the layer


class Machine:
    """What the units share: clock, queues, the layers' memories, and the ledger."""

    def __init__(self, env: simpy.Environment, arch: Arch, streams: Streams):
        self.env, self.arch, self.streams = env, arch, streams
        self.entries = Fifo(env, "list of changes", arch.list_depth)
        self.requests = Fifo(env, "list of columns", arch.list_depth)
        self.states = [LayerState(streams, layer) for layer in streams.layers]
        self.outputs: list[list[list[int]]] = [[] for _ in streams.layers]
        self.done = env.event()  # the layer's new states are written
        self.ledger = Ledger(arch)

    def passes(self) -> Iterator[tuple[int, int]]:
        """Time step and layer, in running order."""
        for t in range(len(self.streams.activation)):
            for number in range(len(self.streams.layers)):
                yield t, number


def run(arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """Run all time steps; the trace holds the first `trace_cycles` cycles."""
    return run_in(simpy.Environment(), arch, streams, trace_cycles)


def run_in(env: simpy.Environment, arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """`run` in a given environment; a test may pass one that changes the order of the processes within a cycle."""
    machine = Machine(env, arch, streams)
    env.process(_memory(machine))  # ends never: it waits for columns
    run_to_end(env, [_encode(machine), _compute(machine)], [machine.entries, machine.requests])
    cycles, ledger = int(env.now) + arch.run_overhead, machine.ledger
    for unit, letter in ((ENCODER, EncoderLetter.IDLE), (MEMORY, MemoryLetter.IDLE), (PES, PeLetter.STARVED)):
        ledger.fill(unit, letter, cycles)
    ledger.record("list_pushes", machine.entries.pushes)
    ledger.record("list_pops", machine.entries.pops)
    ledger.record("dram_input_bytes", streams.activation.size * arch.activation_bits // 8)
    ledger.record("dram_output_bytes", np.size(machine.outputs[-1]) * arch.activation_bits // 8)
    return Run(
        cycles=cycles,
        output=np.concatenate([np.array(one, np.int16).ravel() for one in machine.outputs]),
        counts=ledger.counts(),
        reasons=ledger.reasons(),
        trace=ledger.timeline.letters(min(cycles, trace_cycles)),
    )


def _encode(machine: Machine) -> Process:
    """Compare the elements of each layer, and put what changed into the list."""
    env, arch, ledger = machine.env, machine.arch, machine.ledger
    for t, number in machine.passes():
        layer, state, done = machine.streams.layers[number], machine.states[number], machine.done
        below = machine.streams.activation[t].tolist() if number == 0 else machine.states[number - 1].state
        inputs, states = [ONE, *below], list(state.state)
        yield env.timeout(arch.encoder_cycles)
        ledger.fill(ENCODER, EncoderLetter.FILL, env.now)
        for column, value in enumerate(inputs):
            yield from _compare(machine, state, column, value, machine.streams.input_threshold, column == layer.inputs)
        yield env.timeout(arch.phase_cycles)
        ledger.fill(ENCODER, EncoderLetter.FILL, env.now)
        for column, value in enumerate(states, len(inputs)):
            yield from _compare(
                machine, state, column, value, machine.streams.state_threshold, column + 1 == len(state.sent)
            )
        yield done
        ledger.fill(ENCODER, EncoderLetter.IDLE, env.now)


def _compare(machine: Machine, state: LayerState, column: int, value: int, threshold: int, is_end: bool) -> Process:
    """Compare an element in one cycle, after the list has room where it needs any."""
    env, ledger = machine.env, machine.ledger
    change = state.change(column, value, threshold)
    if change or is_end:
        asked = Column(column, change, int(state.layer.beats[column]), env.event(), env.event()) if change else None
        for fifo in (machine.entries, machine.requests):  # the second never has less room
            if not fifo.free:
                yield fifo.room()
        ledger.fill(ENCODER, EncoderLetter.LIST_FULL, env.now)
        machine.entries.push(Entry(asked, column + 1 == len(state.sent)))
        if asked:
            machine.requests.push(asked)
    yield env.timeout(1)
    ledger.fill(ENCODER, EncoderLetter.CHANGE if change else EncoderLetter.SCAN, env.now)
    ledger.record("elements")
    ledger.record("column_requests", int(change != 0))
    ledger.record("delta_writes", int(change != 0))


def _memory(machine: Machine) -> Process:
    """Stream the columns that are asked for; the next is requested while the last beat of the one before goes out."""
    env, arch, ledger = machine.env, machine.arch, machine.ledger
    while True:
        column = yield machine.requests.pop()
        ledger.fill(MEMORY, MemoryLetter.IDLE, env.now)
        yield env.timeout(arch.fetch_cycles)
        ledger.fill(MEMORY, MemoryLetter.LATENCY, env.now)
        column.arrived.succeed()
        yield column.taken
        ledger.fill(MEMORY, MemoryLetter.HELD, env.now)
        yield env.timeout(column.beats * arch.beat_cycles - 1)
        ledger.fill(MEMORY, MemoryLetter.BEAT, env.now + 1)
        ledger.record("weight_beats", column.beats)
        ledger.record("dram_weight_bytes", column.beats * arch.beat_bits // 8)


def _compute(machine: Machine) -> Process:
    """All PEs: multiply columns with their changes, and compute the new states after a layer's last one."""
    env, arch, ledger = machine.env, machine.arch, machine.ledger
    for _, number in machine.passes():
        layer, state, last = machine.streams.layers[number], machine.states[number], False
        while not last:
            column, last = yield machine.entries.pop()
            ledger.fill(PES, PeLetter.STARVED, env.now)
            if column:
                yield from _multiply(machine, layer, state, column)
            else:
                yield env.timeout(1)
                ledger.fill(PES, PeLetter.END_MARK, env.now)
        yield env.timeout(arch.pipeline_cycles)
        ledger.fill(PES, PeLetter.DRAIN, env.now)
        yield env.timeout(activation_cycles(arch, layer.cells))
        ledger.fill(PES, PeLetter.ACTIVATE, env.now)
        state.update()
        _record_update(machine, layer)
        machine.outputs[number].append(list(state.state))
        done, machine.done = machine.done, env.event()
        done.succeed()


def _multiply(machine: Machine, layer: LayerStream, state: LayerState, column: Column) -> Process:
    """Take a column, a beat after the other, and add its products to the sums."""
    env, arch, ledger = machine.env, machine.arch, machine.ledger
    yield column.arrived
    column.taken.succeed()
    for _ in range(column.beats):
        yield env.timeout(arch.beat_cycles - 1)
        ledger.fill(PES, PeLetter.STARVED, env.now)
        yield env.timeout(1)
        ledger.fill(PES, PeLetter.MULTIPLY, env.now)
    state.add(column.number, column.change)
    for pe, times in enumerate(layer.multiplies[column.number].tolist()):
        ledger.record("entries", column.beats, pe)
        ledger.record("padding", column.beats - times, pe)
        for event in ("multiplies", "accumulator_reads", "accumulator_writes"):
            ledger.record(event, times, pe)


def _record_update(machine: Machine, layer: LayerStream) -> None:
    """The events of new states: cell k is on PE k mod pes."""
    for cell in range(layer.cells):
        pe = cell % machine.arch.pes
        machine.ledger.record("accumulator_reads", SUMS, pe)
        machine.ledger.record("table_lookups", LOOKUPS, pe)
        machine.ledger.record("element_multiplies", MULTIPLIES, pe)
        machine.ledger.record("element_additions", ADDITIONS, pe)
        machine.ledger.record("state_reads", 1, pe)
        machine.ledger.record("state_writes", 1, pe)
