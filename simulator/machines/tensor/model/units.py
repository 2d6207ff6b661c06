"""The tensor engine as SimPy processes: a loader, an array of dot units, and a DRAM channel.

Stages, which are products, follow each other; to the loader they are one sequence of steps. Each dot unit of the array
has one output of a tile. The operands of a step fill a buffer of the operand SRAM; when the array has used it, the
loader sends the requests for another step in the same cycle. A step begins when its operands have arrived and the one
before has ended. After the last step of a tile the array drains: its pipeline empties, sums leave the accumulators, are
scaled, and go to DRAM through a buffer of outputs, or stay in the SRAM. A drain begins when a buffer is free, that is,
when its outputs are written; the loader goes on meanwhile. The vector unit computes the exponentials of a drain that
has any, until its end.

Where inputs that are zero are skipped, a stage may need the outputs of the one before to know which rows of weights to
ask for: the loader waits until these have drained. All channels of the memory are simulated.
"""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import simpy

from simulator.core.run import Run
from simulator.core.trace import TraceRecorder
from simulator.hardware.clock import Process, run_to_end
from simulator.hardware.dot_units.plain import Accumulator, add_integers, add_step
from simulator.hardware.dram.model.channel import Channel
from simulator.hardware.dram.model.interleaved import InterleavedChannels
from simulator.machines.tensor.arch import Arch, ArrayLetter, VectorLetter
from simulator.machines.tensor.layout.folding import fold
from simulator.machines.tensor.layout.gathering import any_of, resolve
from simulator.machines.tensor.layout.streams import Stage, Step, Streams, Tile
from simulator.machines.tensor.model.ledger import ARRAY, VECTOR, Ledger
from simulator.machines.tensor.model.numbers import LayerNumbers, Operands, numbers_for
from simulator.machines.tensor.model.outer_products import work_of
from simulator.machines.tensor.model.transfers import move
from workloads.kinds.matrix_product.layer import CompressedProduct
from workloads.kinds.matrix_product.operand import INTEGERS

Sums = list[list[Accumulator | int]]
"""Of a tile: of each token each output."""


class Machine(NamedTuple):
    """What the units share."""

    env: simpy.Environment
    arch: Arch
    streams: Streams
    numbers: LayerNumbers
    channel: Channel | InterleavedChannels | None
    ledger: Ledger
    requested: list[simpy.Event]  # of each step: its requests are sent; the value is the event of their arrival
    used: list[simpy.Event]  # of each step: the array has used its operands
    drained: list[simpy.Event]  # of each stage: the last of its sums have left the array
    asked: list[Step]  # steps whose requests are sent
    steps: Iterator[int]  # numbers of the steps that the array has still to compute


def run(arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """Run a layer; the trace holds its first `trace_cycles` cycles."""
    return run_in(simpy.Environment(), arch, streams, trace_cycles)


def run_in(env: simpy.Environment, arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """`run` in a given environment; a test may pass one that changes the order of the processes within a cycle."""
    steps = sum(len(tile.steps) for tile in streams.tiles)
    machine = Machine(
        env=env,
        arch=arch,
        streams=streams,
        numbers=numbers_for(streams.layer),
        channel=_memory(env, arch),
        ledger=Ledger(arch, Counter(), TraceRecorder(3), [], []),
        requested=[env.event() for _ in range(steps)],
        used=[env.event() for _ in range(steps)],
        drained=[env.event() for _ in streams.stages],
        asked=[],
        steps=iter(range(steps)),
    )
    run_to_end(env, [_loader(machine), _array(machine)], [])
    cycles = int(env.now)
    machine.ledger.close(cycles)
    trace = machine.ledger.timeline.letters(min(cycles, trace_cycles))
    return Run(cycles, machine.numbers.output.ravel(), machine.ledger.counts(), machine.ledger.reasons(), trace)


def _memory(env: simpy.Environment, arch: Arch) -> Channel | InterleavedChannels | None:
    """The channel that moves the largest share, or all of them."""
    if arch.dram is None:
        return None
    if arch.skip_zero_inputs:
        return InterleavedChannels(env, arch.dram, arch.memory_channels)
    return Channel(env, arch.dram)


def _loader(machine: Machine) -> Process:
    """Ask for the operands of each step as soon as a buffer is free, and it is known which they are."""
    number = 0
    for place, stage in enumerate(machine.streams.stages):
        if stage.waits:
            yield machine.drained[place - 1]
        for tile in stage.tiles:
            for step in tile.steps:
                if number >= machine.arch.operand_buffers:
                    yield machine.used[number - machine.arch.operand_buffers]
                _ask(machine, stage, step, number)
                number += 1


def _ask(machine: Machine, stage: Stage, step: Step, number: int) -> None:
    """Send the requests of a step; of weights that are gathered, for the rows of inputs that are not zero."""
    if step.gather is not None:
        held = machine.numbers.operands(stage).activation.element.significand
        step = resolve(step, any_of(held != 0, step.gather.tokens))
    for transfer in step.loads:
        machine.ledger.log_load(transfer)
    machine.asked.append(step)
    machine.requested[number].succeed(move(machine.env, machine.channel, machine.ledger, step.loads, write=False))


def _array(machine: Machine) -> Process:
    """Compute stage after stage; at the end wait for the last outputs to be written."""
    written = list[simpy.Event]()
    for place, stage in enumerate(machine.streams.stages):
        operands = machine.numbers.operands(stage)
        for tile in stage.tiles:
            sums = yield from _tile(machine, tile, operands)
            if len(written) >= machine.arch.output_buffers:
                yield written[-machine.arch.output_buffers]
            yield from _drain(machine, stage, tile, sums, operands.factor)
            written.append(move(machine.env, machine.channel, machine.ledger, (tile.output,), write=True))
        machine.drained[place].succeed()
    yield machine.env.all_of(written)
    machine.ledger.timeline.fill(ARRAY, ArrayLetter.FINISHED, machine.env.now)


def _tile(machine: Machine, tile: Tile, operands: Operands) -> Process:
    """The sums of a tile after all its steps: an accumulator, or a whole number, for each token and output."""
    env, ledger = machine.env, machine.ledger
    sums = [[_empty(operands) for _ in tile.columns] for _ in tile.rows]
    for _ in tile.steps:
        number = next(machine.steps)
        arrival = yield machine.requested[number]
        yield arrival
        step = machine.asked[number]
        ledger.timeline.fill(ARRAY, ArrayLetter.OPERAND_WAIT, env.now)
        step, pairs = _outer_product(machine, tile, step, operands)
        ledger.log_step(machine.streams.precision, tile, step, pairs)
        _compute(tile, step, operands, sums)
        yield env.timeout(step.cycles)
        ledger.timeline.fill(ARRAY, ArrayLetter.COMPUTE, env.now)
        machine.used[number].succeed()
    return sums


def _outer_product(machine: Machine, tile: Tile, step: Step, operands: Operands) -> tuple[Step, int | None]:
    """A step with the cycles of its outer products, and their products; as it is where no zeros are skipped."""
    arch, layer = machine.arch, machine.streams.layer
    if not arch.dual_side:
        return step, None
    assert isinstance(layer, CompressedProduct)
    depth = arch.depth_of(machine.streams.precision.form.multiplier)
    work = work_of(fold(arch, layer.tokens, layer.outputs), tile, step, operands, depth)
    return step._replace(cycles=work.cycles), work.pairs


def _drain(machine: Machine, stage: Stage, tile: Tile, sums: Sums, factor: np.float32) -> Process:
    """Sums leave the array times the scales of both tensors."""
    env, timeline = machine.env, machine.ledger.timeline
    timeline.fill(ARRAY, ArrayLetter.WRITE_WAIT, env.now)
    yield env.timeout(tile.drain_cycles - tile.vector_cycles)
    timeline.fill(VECTOR, VectorLetter.IDLE, env.now)
    yield env.timeout(tile.vector_cycles)
    timeline.fill(VECTOR, VectorLetter.EXPONENTIAL, env.now)
    timeline.fill(ARRAY, ArrayLetter.DRAIN, env.now)
    machine.ledger.log_drain(machine.streams.precision, stage, tile)
    with np.errstate(over="ignore", under="ignore"):
        for i, token in enumerate(tile.rows):
            for j, output in enumerate(tile.columns):
                held = sums[i][j]
                value = held.value if isinstance(held, Accumulator) else np.float32(held)
                machine.numbers.put(stage, token, output, value * factor)


def _empty(operands: Operands) -> Accumulator | int:
    """An accumulator of zero."""
    return 0 if operands.weight.unit is INTEGERS else Accumulator()


def _compute(tile: Tile, step: Step, operands: Operands, sums: Sums) -> None:
    """Each dot unit adds its products of a step, as many at once as its format adds."""
    activation, weight, unit = operands.activation, operands.weight, operands.weight.unit
    for first in range(step.places.start, step.places.stop, unit.step):
        places = range(first, min(first + unit.step, step.places.stop))
        for i, token in enumerate(tile.rows):
            for j, output in enumerate(tile.columns):
                held, read = sums[i][j], (activation, token, weight, output, places)
                if isinstance(held, Accumulator):
                    sums[i][j] = add_step(held, *read)
                else:
                    sums[i][j] = add_integers(held, *read)
