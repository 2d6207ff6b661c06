"""The tensor engine as SimPy processes: a loader, an array of dot units, and a DRAM channel.

Each dot unit of the array has one output of a tile. The operands of a step fill a buffer of the operand SRAM; when the
array has used it, the loader sends the requests for another step in the same cycle. A step begins when its operands
have arrived and the one before has ended. After the last step of a tile the array drains: its pipeline empties, sums
leave the accumulators, are scaled, and go to DRAM through a buffer of outputs. A drain begins when a buffer is free,
that is, when its outputs are written; the loader goes on meanwhile.
"""

from collections import Counter
from typing import NamedTuple

import numpy as np
import simpy

from simulator.core.run import Run
from simulator.core.trace import TraceRecorder
from simulator.hardware.clock import Process, run_to_end
from simulator.hardware.dram.model.channel import Channel
from simulator.machines.tensor.arch import Arch, ArrayLetter
from simulator.machines.tensor.layout.streams import Step, Streams, Tile
from simulator.machines.tensor.model.dot import Accumulator, add_integers, add_step
from simulator.machines.tensor.model.ledger import ARRAY, Ledger
from simulator.machines.tensor.model.transfers import move
from workloads.kinds.matrix_product.operand import INTEGERS, Numbers, numbers_of

LARGEST = np.finfo(np.float32).max


class Machine(NamedTuple):
    """What the units share."""

    env: simpy.Environment
    arch: Arch
    streams: Streams
    activation: Numbers
    weight: Numbers
    channel: Channel | None
    ledger: Ledger
    requested: list[simpy.Event]  # of each step: its requests are sent; the value is the event of their arrival
    used: list[simpy.Event]  # of each step: the array has used its operands
    output: np.ndarray  # float32 [tokens, outputs]


def run(arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """Run a matrix product; the trace holds its first `trace_cycles` cycles."""
    return run_in(simpy.Environment(), arch, streams, trace_cycles)


def run_in(env: simpy.Environment, arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """`run` in a given environment; a test may pass one that changes the order of the processes within a cycle."""
    layer, steps = streams.layer, sum(len(tile.steps) for tile in streams.tiles)
    machine = Machine(
        env=env,
        arch=arch,
        streams=streams,
        activation=numbers_of(layer.activation),
        weight=numbers_of(layer.weight),
        channel=None if arch.dram is None else Channel(env, arch.dram),
        ledger=Ledger(arch, Counter(), TraceRecorder(3), [], []),
        requested=[env.event() for _ in range(steps)],
        used=[env.event() for _ in range(steps)],
        output=np.zeros((layer.tokens, layer.outputs), np.float32),
    )
    run_to_end(env, [_loader(machine), _array(machine)], [])
    cycles = int(env.now)
    machine.ledger.close(cycles)
    trace = machine.ledger.timeline.letters(min(cycles, trace_cycles))
    return Run(cycles, machine.output.ravel(), machine.ledger.counts(), machine.ledger.reasons(), trace)


def _loader(machine: Machine) -> Process:
    """Ask for the operands of each step as soon as a buffer is free."""
    number = 0
    for tile in machine.streams.tiles:
        for step in tile.steps:
            if number >= machine.arch.operand_buffers:
                yield machine.used[number - machine.arch.operand_buffers]
            for transfer in step.loads:
                machine.ledger.log_load(transfer)
            machine.requested[number].succeed(
                move(machine.env, machine.channel, machine.ledger, step.loads, write=False)
            )
            number += 1


def _array(machine: Machine) -> Process:
    """Compute tile after tile; at the end wait for the last outputs to be written."""
    env, ledger = machine.env, machine.ledger
    number, written = 0, list[simpy.Event]()
    for place, tile in enumerate(machine.streams.tiles):
        sums = [[_empty(machine) for _ in tile.columns] for _ in tile.rows]
        for step in tile.steps:
            arrival = yield machine.requested[number]
            yield arrival
            ledger.timeline.fill(ARRAY, ArrayLetter.OPERAND_WAIT, env.now)
            _compute(machine, tile, step, sums)
            yield env.timeout(step.cycles)
            ledger.timeline.fill(ARRAY, ArrayLetter.COMPUTE, env.now)
            machine.used[number].succeed()
            number += 1
        if place >= machine.arch.output_buffers:
            yield written[place - machine.arch.output_buffers]
        ledger.timeline.fill(ARRAY, ArrayLetter.WRITE_WAIT, env.now)
        yield env.timeout(tile.drain_cycles)
        ledger.timeline.fill(ARRAY, ArrayLetter.DRAIN, env.now)
        _send_out(machine, tile, sums)
        written.append(move(env, machine.channel, ledger, (tile.output,), write=True))
    yield env.all_of(written)
    ledger.timeline.fill(ARRAY, ArrayLetter.FINISHED, env.now)


def _empty(machine: Machine) -> Accumulator | int:
    """An accumulator of zero."""
    return 0 if machine.weight.unit is INTEGERS else Accumulator()


def _compute(machine: Machine, tile: Tile, step: Step, sums: list[list[Accumulator | int]]) -> None:
    """Each dot unit adds its products of a step, as many at once as its format adds."""
    machine.ledger.log_step(tile, step)
    activation, weight, unit = machine.activation, machine.weight, machine.weight.unit
    for first in range(step.places.start, step.places.stop, unit.step):
        places = range(first, min(first + unit.step, step.places.stop))
        for i, token in enumerate(tile.rows):
            for j, output in enumerate(tile.columns):
                held, operands = sums[i][j], (activation, token, weight, output, places)
                if isinstance(held, Accumulator):
                    sums[i][j] = add_step(held, *operands)
                else:
                    sums[i][j] = add_integers(held, *operands)


def _send_out(machine: Machine, tile: Tile, sums: list[list[Accumulator | int]]) -> None:
    """Sums on their way out: in FP32, times the scales of both tensors, plus the bias, then ReLU."""
    layer = machine.streams.layer
    machine.ledger.log_drain(tile, layer.bias is not None)
    with np.errstate(over="ignore", under="ignore"):
        scale = np.float32(layer.activation.tensor_scale) * np.float32(layer.weight.tensor_scale)
        for i, token in enumerate(tile.rows):
            for j, output in enumerate(tile.columns):
                held = sums[i][j]
                value = held.value if isinstance(held, Accumulator) else np.float32(held)
                value = value * min(scale, LARGEST)
                if layer.bias is not None:
                    value = value + layer.bias[output]
                machine.output[token, output] = max(value, np.float32(0)) if layer.relu else value
