"""A dense machine as one SimPy process for each unit: the definition of the machine.

Each PE has a tile of the outputs and computes a dot product of `multipliers` pairs per cycle, zeros included, one
output after the other (PT-IS-DP-dense, SCNN's paper). The weights of the next group of output channels come from DRAM
while the PEs work on the current group.
"""

from collections import Counter
from typing import NamedTuple

import numpy as np
import simpy

from simulator.core.run import Run
from simulator.core.trace import TraceRecorder
from simulator.hardware.clock import Process, run_to_end
from simulator.hardware.tiling import sums_to_outputs
from simulator.machines.dense.arch import Arch, ChannelLetter, Counts, PeLetter, Reasons
from simulator.machines.dense.layout import Streams, stored_bytes, vector_lanes


class Machine(NamedTuple):
    """What the units share: clock, records of events and cycles, and sums."""

    env: simpy.Environment
    arch: Arch
    streams: Streams
    events: list[Counter[str]]  # of each PE
    timeline: TraceRecorder  # of each PE, then of the memory channel
    sums: np.ndarray  # object [channels, rows, columns]: Python integers


def run(arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """Run a layer; the trace holds its first `trace_cycles` cycles."""
    return run_in(simpy.Environment(), arch, streams, trace_cycles)


def run_in(env: simpy.Environment, arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """`run` in a given environment; a test may pass one that changes the order of the processes within a cycle."""
    layer = streams.layer
    events = [Counter() for _ in range(arch.pes)]  # type: list[Counter[str]]
    sums = np.zeros((layer.outputs, *layer.output_plane), object)
    machine = Machine(env, arch, streams, events, TraceRecorder(arch.pes + 1), sums)
    run_to_end(env, [_groups(machine)], [])
    cycles, result = int(env.now), sums_to_outputs(layer, machine.sums, arch.sum_bits)
    machine.timeline.fill(arch.pes, ChannelLetter.IDLE, cycles)
    trace = machine.timeline.letters(min(cycles, trace_cycles))
    return Run(cycles, result.ravel(), _counts(machine, result), _reasons(machine), trace)


def _groups(machine: Machine) -> Process:
    """Process the groups of output channels in order, each as soon as its weights are loaded."""
    env, streams = machine.env, machine.streams
    loading = env.process(_load(machine, 0))
    for number, group in enumerate(streams.groups):
        yield loading
        _all_pes(machine, PeLetter.WEIGHT_WAIT)
        loading = env.process(_load(machine, number + 1))
        yield env.all_of([env.process(_pe(machine, group, pe)) for pe in range(machine.arch.pes)])
        _all_pes(machine, PeLetter.BARRIER)


def _all_pes(machine: Machine, letter: str) -> None:
    for pe in range(machine.arch.pes):
        machine.timeline.fill(pe, letter, machine.env.now)


def _load(machine: Machine, number: int) -> Process:
    """The memory channel loads a group's weights."""
    env, unit = machine.env, machine.arch.pes
    machine.timeline.fill(unit, ChannelLetter.IDLE, env.now)
    if number < len(machine.streams.groups):
        yield env.timeout(int(machine.streams.load_cycles[number]))
        machine.timeline.fill(unit, ChannelLetter.LOAD, env.now)


def _pe(machine: Machine, group: range, pe: int) -> Process:
    """Compute all outputs of a tile as sums of dot products.

    an input vector is read once for all channels of the group.
    """
    env, arch, streams, events = machine.env, machine.arch, machine.streams, machine.events[pe]
    top, left, bottom, right = streams.tile[pe].tolist()
    vectors = vector_lanes(arch, streams.layer)
    for row in range(top, bottom):
        for column in range(left, right):
            inputs = [[_input(machine, group[0], row, column, lane) for lane in lanes] for lanes in vectors]
            events["input_reads"] += len(inputs)
            for channel in group:
                for lanes, values in zip(vectors, inputs, strict=True):
                    weights = [int(streams.layer.kernel[channel, *lane]) for lane in lanes]
                    machine.sums[channel, row, column] += _dot(machine, pe, weights, values)
                    yield env.timeout(1)
                events["output_writes"] += 1
    machine.timeline.fill(pe, PeLetter.COMPUTE, env.now)


def _input(machine: Machine, channel: int, row: int, column: int, lane: tuple[int, int, int]) -> int:
    """The input that meets an output's weight at `lane`, channel of the group, row, column; padding is zero."""
    layer, (c, i, j) = machine.streams.layer, lane
    (down, across), (top, left) = layer.stride, layer.padding[:2]
    first = channel // (layer.outputs // layer.groups) * layer.weight.shape[1]
    high, wide = layer.activation.shape[1:]
    y, x = row * down - top + i * layer.dilation[0], column * across - left + j * layer.dilation[1]
    return int(layer.activation[first + c, y, x]) if 0 <= y < high and 0 <= x < wide else 0


def _dot(machine: Machine, pe: int, weights: list[int], inputs: list[int]) -> int:
    """A dot product, each product rounded and shifted; gating does not change it, as gated products are zero."""
    events, shift = machine.events[pe], machine.streams.layer.shift
    for event in ("dot_products", "weight_reads", "accumulations"):
        events[event] += 1
    total = 0
    for weight, value in zip(weights, inputs, strict=True):
        gated = machine.arch.gate_zeros and not (weight and value)
        events["gated" if gated else "multiplies"] += 1
        total += (weight * value + ((1 << shift) >> 1)) >> shift
    return total


def _counts(machine: Machine, result: np.ndarray) -> Counts:
    """The events as arrays."""
    streams = machine.streams
    spilled = stored_bytes(machine.arch, result, machine.arch.activation_bits) if streams.spills else 0
    values = {name: np.array([pe[name] for pe in machine.events], np.int64) for name in Counts._fields}
    for name, value in (("weight", streams.weight_bytes), ("input", streams.input_bytes), ("output", spilled)):
        values[f"dram_{name}_bytes"] = np.array([value], np.int64)
    return Counts(**values)


def _reasons(machine: Machine) -> Reasons:
    pes = machine.arch.pes
    count = machine.timeline.count
    return Reasons(
        *(count(letter, range(pes)) for letter in (PeLetter.COMPUTE, PeLetter.WEIGHT_WAIT, PeLetter.BARRIER)),
        *(count(letter, range(pes, pes + 1)) for letter in (ChannelLetter.LOAD, ChannelLetter.IDLE)),
    )
