"""A state-space layer on the tensor engine as SimPy processes: a loader, a vector unit, a writer, and a DRAM channel.

The tokens, states and window of a tile fill one of the operand buffers; when the vector unit has used it, the loader
sends the requests for another tile in the same cycle. The vector unit begins a tile when all of it is there and the one
before has gone to an output buffer. After its update a tile goes to an output buffer as soon as one is free, and is
written from there. In one cycle the loader's requests go before the writer's.
"""

from collections import Counter
from typing import NamedTuple

import simpy

from simulator.core.run import Run
from simulator.core.trace import TraceRecorder
from simulator.hardware.clock import Process, run_to_end
from simulator.hardware.dram.model.channel import Channel
from simulator.machines.tensor.arch import Arch, ArrayLetter, VectorLetter
from simulator.machines.tensor.layout.state_space import StateStreams, Tile
from simulator.machines.tensor.layout.streams import all_lines
from simulator.machines.tensor.model.ledger import ARRAY, VECTOR, Ledger
from simulator.machines.tensor.model.state_numbers import Numbers
from simulator.machines.tensor.model.transfers import move


class Machine(NamedTuple):
    """What the units share."""

    env: simpy.Environment
    arch: Arch
    streams: StateStreams
    numbers: Numbers
    channel: Channel | None
    ledger: Ledger
    requested: list[simpy.Event]  # of each tile: its requests are sent; the value is the event of their arrival
    used: list[simpy.Event]  # of each tile: its buffer of operands is free
    handed: list[simpy.Event]  # of each tile: it is in an output buffer
    written: list[simpy.Event]


def run(arch: Arch, streams: StateStreams, trace_cycles: int = 0) -> Run:
    """Run a layer; the trace holds its first `trace_cycles` cycles."""
    return run_in(simpy.Environment(), arch, streams, trace_cycles)


def run_in(env: simpy.Environment, arch: Arch, streams: StateStreams, trace_cycles: int = 0) -> Run:
    """`run` in a given environment; a test may pass one that changes the order of the processes within a cycle."""
    machine = Machine(
        env,
        arch,
        streams,
        Numbers(streams.layer),
        None if arch.dram is None else Channel(env, arch.dram),
        Ledger(arch, Counter(), TraceRecorder(3), [], []),
        *([env.event() for _ in streams.tiles] for _ in range(4)),
    )
    run_to_end(env, [_loader(machine), _vector_unit(machine), _writer(machine)], [])
    cycles, ledger = int(env.now), machine.ledger
    ledger.timeline.fill(ARRAY, ArrayLetter.UNUSED, cycles)
    ledger.close(cycles)
    trace = ledger.timeline.letters(min(cycles, trace_cycles))
    return Run(cycles, machine.numbers.output(), ledger.counts(), ledger.reasons(), trace)


def _loader(machine: Machine) -> Process:
    """Ask for each tile as soon as an operand buffer is free."""
    buffers, events = machine.arch.operand_buffers, machine.ledger.events
    for number, tile in enumerate(machine.streams.tiles):
        if number >= buffers:
            yield machine.used[number - buffers]
        for transfer in tile.loads:
            events["operand_writes"] += transfer.part.bytes
            events["dram_lines"] += all_lines(machine.arch, transfer.part)
        events["dram_weight_bytes"] += tile.parameters.part.bytes if tile.parameters else 0
        events["dram_activation_bytes"] += tile.tokens.part.bytes
        events["dram_state_bytes"] += tile.state.part.bytes + tile.window.part.bytes
        arrival = move(machine.env, machine.channel, machine.ledger, tile.loads, write=False)
        machine.requested[number].succeed(arrival)


def _vector_unit(machine: Machine) -> Process:
    """Update tile after tile, and hand each to an output buffer."""
    env, timeline = machine.env, machine.ledger.timeline
    for number, tile in enumerate(machine.streams.tiles):
        arrival = yield machine.requested[number]
        yield arrival
        timeline.fill(VECTOR, VectorLetter.IDLE, env.now)
        _update(machine, tile)
        yield env.timeout(machine.streams.work.cycles)
        timeline.fill(VECTOR, VectorLetter.UPDATE, env.now)
        machine.used[number].succeed()
        if number >= machine.arch.output_buffers:
            yield machine.written[number - machine.arch.output_buffers]
        machine.handed[number].succeed()


def _update(machine: Machine, tile: Tile) -> None:
    """All tokens of a tile: what the vector unit does, and the numbers that come of it."""
    events, work = machine.ledger.events, machine.streams.work
    events["state_multiplies"] += work.multiplies
    events["exponentials"] += work.exponentials
    events["divisions"] += work.divisions
    events["update_cycles"] += work.cycles
    events["operand_reads"] += machine.streams.parameters.bytes
    events["operand_reads"] += sum(one.part.bytes for one in (tile.tokens, tile.state, tile.window))
    machine.numbers.update(tile.sequence, tile.group)


def _writer(machine: Machine) -> Process:
    """Write tiles in their order; of requests in one cycle, those for the next tile go first."""
    events, tiles, buffers = machine.ledger.events, machine.streams.tiles, machine.arch.operand_buffers
    for number, tile in enumerate(tiles):
        yield machine.handed[number]
        if number + buffers < len(tiles):
            yield machine.requested[number + buffers]
        events["dram_state_bytes"] += tile.state.part.bytes + tile.window.part.bytes
        events["dram_output_bytes"] += tile.output.part.bytes
        events["dram_lines"] += sum(all_lines(machine.arch, one.part) for one in tile.writes)
        moved = move(machine.env, machine.channel, machine.ledger, tile.writes, write=True)
        machine.env.process(_finish(moved, machine.written[number]))
    yield machine.env.all_of(machine.written)


def _finish(moved: simpy.Event, written: simpy.Event) -> Process:
    """Let the end of a transfer free its output buffer."""
    yield moved
    written.succeed()
