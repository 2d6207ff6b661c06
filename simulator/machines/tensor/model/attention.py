"""Attention on the tensor engine as SimPy processes: a loader, an array, a vector unit, and a DRAM channel.

Blocks of keys of all tiles are numbered one after the other. In step `g` the array computes the scores of block `g`,
and multiplies the weights of block `g - scores_ahead` with its values, unless it is skipped; after the last block of a
tile the array drains. The scores of a block leave the array's pipeline and go to the vector unit, which finds the
greatest of each row, decides, and computes the weights of a block that is kept. The loader goes through the same steps:
it sends the requests for the values of block `g`, if they wait for the decision, then the outputs of a tile that ends
in step `g`, then asks for the keys of the block that takes the buffer of block `g`.
"""

from collections import Counter
from typing import NamedTuple

import numpy as np
import simpy

from simulator.core.run import Run
from simulator.core.trace import TraceRecorder
from simulator.hardware.clock import Process, run_to_end
from simulator.hardware.dram.model.channel import Channel
from simulator.machines.tensor.arch import Arch, ArrayLetter, VectorLetter
from simulator.machines.tensor.layout.attention import AttentionStreams, attention_words
from simulator.machines.tensor.layout.streams import Transfer
from simulator.machines.tensor.model.attention_ledger import AttentionLedger
from simulator.machines.tensor.model.attention_numbers import TileNumbers
from simulator.machines.tensor.model.ledger import ARRAY, VECTOR, Ledger
from simulator.machines.tensor.model.transfers import move


class Blocks(NamedTuple):
    """An event of each block."""

    keys_there: list[simpy.Event]  # and the queries of its tile
    scored: list[simpy.Event]  # its scores leave the pipeline
    decided: list[simpy.Event]
    weighed: list[simpy.Event]
    values_asked: list[simpy.Event]  # the value of the event is that of their arrival
    stepped: list[simpy.Event]  # the array ends the step


class Machine:
    """What the units share."""

    def __init__(self, env: simpy.Environment, arch: Arch, streams: AttentionStreams):
        self.env, self.arch, self.streams = env, arch, streams
        self.channel = None if arch.dram is None else Channel(env, arch.dram)
        self.ledger = AttentionLedger(Ledger(arch, Counter(), TraceRecorder(3), [], []), streams)
        self.blocks = [(tile, block) for tile in streams.tiles for block in tile.blocks]
        steps = len(self.blocks) + arch.scores_ahead
        self.events = Blocks(*([env.event() for _ in range(steps)] for _ in Blocks._fields))
        self.written = [env.event() for _ in streams.tiles]
        self.loads = list[simpy.Event]()
        self.kept = [True] * len(self.blocks)
        self.scores: list[list[list[np.float32]]] = [[] for _ in self.blocks]
        self.queries, self.keys, self.values = attention_words(streams)
        layer = streams.layer
        self.numbers = [
            TileNumbers(self.queries[one.head, one.rows.start : one.rows.stop],
                        layer.seen[one.rows.start : one.rows.stop], layer.scale, layer.least)
            for one in streams.tiles
        ]  # fmt: skip
        self.tile_of = [number for number, tile in enumerate(streams.tiles) for _ in tile.blocks]
        self.output = np.zeros(self.queries.shape, np.float32)

    def is_last(self, g: int) -> bool:
        """Whether a block is the last of its tile."""
        return g + 1 == len(self.blocks) or self.tile_of[g + 1] != self.tile_of[g]


def run(arch: Arch, streams: AttentionStreams, trace_cycles: int = 0) -> Run:
    """Run a layer; the trace holds its first `trace_cycles` cycles."""
    return run_in(simpy.Environment(), arch, streams, trace_cycles)


def run_in(env: simpy.Environment, arch: Arch, streams: AttentionStreams, trace_cycles: int = 0) -> Run:
    """`run` in a given environment; a test may pass one that changes the order of the processes within a cycle."""
    machine = Machine(env, arch, streams)
    run_to_end(env, [_loader(machine), _array(machine), _vector_unit(machine)], [])
    cycles, ledger = int(env.now), machine.ledger.ledger
    ledger.close(cycles)
    trace = ledger.timeline.letters(min(cycles, trace_cycles))
    output = streams.layer.by_head(machine.output)
    return Run(cycles, output, ledger.counts(), ledger.reasons(), trace)


def _loader(machine: Machine) -> Process:
    """Go through the steps of the array, and send what each of them allows."""
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
            _then(written, machine.written[tile])
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
    _then(arrival, machine.events.keys_there[g])
    if not machine.arch.value_on_demand:
        _ask_values(machine, g)


def _ask_values(machine: Machine, g: int) -> None:
    arrival = _move(machine, machine.ledger.log_values(machine.blocks[g][1]), write=False)
    machine.loads.append(arrival)
    machine.events.values_asked[g].succeed(arrival)


def _array(machine: Machine) -> Process:
    """Compute scores and outputs, step after step; at the end wait for the last outputs to be written."""
    env, arch, events, timeline = machine.env, machine.arch, machine.events, machine.ledger.ledger.timeline
    for g in range(len(machine.blocks) + arch.scores_ahead):
        if g < len(machine.blocks):
            yield events.keys_there[g]
            timeline.fill(ARRAY, ArrayLetter.OPERAND_WAIT, env.now)
            yield env.timeout(machine.blocks[g][1].score_cycles)
            timeline.fill(ARRAY, ArrayLetter.COMPUTE, env.now)
            _score(machine, g)
            _then(env.timeout(arch.pipeline_stages), events.scored[g])
        done = g - arch.scores_ahead
        if done >= 0:
            yield from _multiply(machine, done)
            if machine.is_last(done):
                yield from _drain(machine, machine.tile_of[done])
        events.stepped[g].succeed()
    yield env.all_of([*machine.written, *machine.loads])
    timeline.fill(ARRAY, ArrayLetter.FINISHED, env.now)


def _score(machine: Machine, g: int) -> None:
    tile, block = machine.blocks[g]
    machine.ledger.log_scores(tile, block)
    machine.scores[g] = machine.numbers[machine.tile_of[g]].score(machine.keys[tile.head], block.keys)


def _multiply(machine: Machine, g: int) -> Process:
    """Wait for the decision on a block; if it is kept, for its weights and values, and multiply them."""
    env, events, timeline = machine.env, machine.events, machine.ledger.ledger.timeline
    yield events.decided[g]
    if machine.kept[g]:
        yield events.weighed[g]
    timeline.fill(ARRAY, ArrayLetter.VECTOR_WAIT, env.now)
    if machine.kept[g]:
        arrival = yield events.values_asked[g]
        yield arrival
        timeline.fill(ARRAY, ArrayLetter.OPERAND_WAIT, env.now)
        tile, block = machine.blocks[g]
        machine.ledger.log_outputs(tile, block)
        yield env.timeout(block.value_cycles)
        timeline.fill(ARRAY, ArrayLetter.COMPUTE, env.now)


def _drain(machine: Machine, number: int) -> Process:
    """The outputs of a tile leave the array, when there is a buffer for them."""
    env, arch, timeline, tile = machine.env, machine.arch, machine.ledger.ledger.timeline, machine.streams.tiles[number]
    if number >= arch.output_buffers:
        yield machine.written[number - arch.output_buffers]
    timeline.fill(ARRAY, ArrayLetter.WRITE_WAIT, env.now)
    yield env.timeout(tile.drain_cycles)
    timeline.fill(ARRAY, ArrayLetter.DRAIN, env.now)
    machine.output[tile.head, tile.rows.start : tile.rows.stop] = machine.numbers[number].outputs()


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


def _then(first: simpy.Event, following: simpy.Event) -> None:
    """Let an event follow another in the same cycle."""

    def succeed(_: simpy.Event) -> None:
        following.succeed()

    first.callbacks.append(succeed)
