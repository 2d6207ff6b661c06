"""Attention on the tensor engine as SimPy processes: a loader, an array or two, a vector unit, and a DRAM channel.

Blocks of keys of all tiles are numbered one after the other. In step `g` the array computes the scores of block `g`,
and multiplies the weights of block `g - scores_ahead` with its values, unless it is skipped; after the last block of a
tile the array drains. With two arrays, one does the first and the other one the second, at the same time; the step ends
with both. The scores of a block leave the array's pipeline and go to the vector unit, which finds the greatest of each
row, decides, and computes the weights of a block that is kept. The loader goes through the same steps: it sends the
requests for the values of block `g`, if they wait for the decision, then the outputs of a tile that ends in step `g`,
then asks for the keys of the block that takes the buffer of block `g`.
"""

import simpy

from simulator.core.run import Run
from simulator.hardware.clock import Process, run_to_end
from simulator.machines.tensor.arch import Arch, VectorLetter
from simulator.machines.tensor.layout.attention import AttentionStreams
from simulator.machines.tensor.layout.streams import Transfer
from simulator.machines.tensor.model.attention_arrays import arrays, log_arrays
from simulator.machines.tensor.model.attention_machine import Machine, then
from simulator.machines.tensor.model.ledger import VECTOR
from simulator.machines.tensor.model.transfers import move


def run(arch: Arch, streams: AttentionStreams, trace_cycles: int = 0) -> Run:
    """Run a layer; the trace holds its first `trace_cycles` cycles."""
    return run_in(simpy.Environment(), arch, streams, trace_cycles)


def run_in(env: simpy.Environment, arch: Arch, streams: AttentionStreams, trace_cycles: int = 0) -> Run:
    """`run` in a given environment; a test may pass one that changes the order of the processes within a cycle."""
    machine = Machine(env, arch, streams)
    run_to_end(env, [_loader(machine), *arrays(machine), _vector_unit(machine)], [])
    cycles, ledger = int(env.now), machine.ledger.ledger
    log_arrays(machine, cycles)
    ledger.close(cycles)
    trace = ledger.timeline.letters(min(cycles, trace_cycles))
    output = streams.layer.by_head(machine.output)
    return Run(cycles, output, ledger.counts(), ledger.reasons(), trace)


def _loader(machine: Machine) -> Process:
    """Go through the steps of the arrays, and send what each of them allows."""
    arch, events, count = machine.arch, machine.events, len(machine.blocks)
    for g in range(min(arch.operand_buffers, count)):
        _load(machine, g)
    for g in range(count + arch.scores_ahead):
        if arch.value_on_demand and g < count:
            yield events.decided[g]
            if machine.kept[g]:
                _ask_values(machine, g)
        yield events.stepped[g]
        done = g - arch.scores_ahead
        if done >= 0 and machine.is_last(done):
            tile = machine.tile_of[done]
            machine.ledger.log_output(machine.streams.tiles[tile])
            written = _move(machine, (machine.streams.tiles[tile].output,), write=True)
            then(written, machine.written[tile])
        if g + arch.operand_buffers < count:
            _load(machine, g + arch.operand_buffers)
    yield machine.env.all_of([*machine.written, *machine.loads])


def _load(machine: Machine, g: int) -> None:
    """Ask for the keys of a block, before them for the queries of its tile, after them perhaps for its values."""
    tile, block = machine.blocks[g]
    first = block is tile.blocks[0]
    transfers = machine.ledger.log_keys(block, tile if first else None)
    arrival = _move(machine, transfers, write=False)
    machine.loads.append(arrival)
    then(arrival, machine.events.keys_there[g])
    if not machine.arch.value_on_demand:
        _ask_values(machine, g)


def _ask_values(machine: Machine, g: int) -> None:
    arrival = _move(machine, machine.ledger.log_values(machine.blocks[g][1]), write=False)
    machine.loads.append(arrival)
    machine.events.values_asked[g].succeed(arrival)


def _vector_unit(machine: Machine) -> Process:
    """Find the greatest scores of each block and decide; compute the weights of those that are kept."""
    env, events, timeline = machine.env, machine.events, machine.ledger.ledger.timeline
    for g, (tile, block) in enumerate(machine.blocks):
        yield events.scored[g]
        timeline.fill(VECTOR, VectorLetter.IDLE, env.now)
        yield env.timeout(block.vector_cycles)
        timeline.fill(VECTOR, VectorLetter.MAXIMUM, env.now)
        numbers, scores = machine.numbers[machine.tile_of[g]], machine.scores[g]
        machine.kept[g] = block is tile.blocks[0] or not numbers.skips(scores)
        machine.ledger.log_decision(tile, block, machine.kept[g])
        events.decided[g].succeed()
        if machine.kept[g]:
            numbers.add(scores, machine.values[tile.head, block.keys.start : block.keys.stop])
            yield env.timeout(block.vector_cycles)
            timeline.fill(VECTOR, VectorLetter.EXPONENTIAL, env.now)
            events.weighed[g].succeed()


def _move(machine: Machine, transfers: tuple[Transfer, ...], write: bool) -> simpy.Event:
    return move(machine.env, machine.channel, machine.ledger.ledger, transfers, write)
