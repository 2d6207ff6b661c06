"""A dense machine as a story for each of its units: the definition of the machine.

Each PE has a tile of the outputs and makes a dot product of `multipliers` pairs a cycle, zeros or not, output after
output (PT-IS-DP-dense). The weights of the next group of output channels come from DRAM while the PEs work on one.
"""

from collections import Counter
from typing import NamedTuple

import numpy as np
import simpy

from simulator.core.run import Run
from simulator.core.trace import Timeline
from simulator.hardware.clock import Story, run_to_end
from simulator.hardware.tiling import finish
from simulator.machines.dense.arch import Arch, Channel, Counts, Pe, Reasons
from simulator.machines.dense.layout import Streams, traffic_bytes


class Machine(NamedTuple):
    """What the units share: clock, books, and outputs."""

    env: simpy.Environment
    arch: Arch
    streams: Streams
    events: list[Counter[str]]  # of each PE
    timeline: Timeline  # of each PE, and of the channel at the end
    sums: np.ndarray  # [channels, rows, columns], integers of any size


def run(arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """Run a layer and return its cycles, output, counts, reasons, and the trace of its first cycles."""
    return run_in(simpy.Environment(), arch, streams, trace_cycles)


def run_in(env: simpy.Environment, arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """`run` in a given environment: a test's own may order the processes of a cycle as it likes."""
    layer = streams.layer
    books = [Counter() for _ in range(arch.pes)]  # type: list[Counter[str]]
    sums = np.zeros((layer.outputs, *layer.output_plane), object)
    machine = Machine(env, arch, streams, books, Timeline(arch.pes + 1), sums)
    run_to_end(env, [_groups(machine)], [])
    cycles, result = int(env.now), finish(layer, machine.sums, arch.sum_bits)
    machine.timeline.fill(arch.pes, Channel.IDLE, cycles)
    trace = machine.timeline.letters(min(cycles, trace_cycles))
    return Run(cycles, result.ravel(), _counts(machine, result), _reasons(machine), trace)


def _groups(machine: Machine) -> Story:
    """One group of output channels after the other, each when its weights are there."""
    env, streams = machine.env, machine.streams
    loading = env.process(_load(machine, 0))
    for number, group in enumerate(streams.groups):
        yield loading
        _all_pes(machine, Pe.WEIGHT_WAIT)
        loading = env.process(_load(machine, number + 1))
        yield env.all_of([env.process(_pe(machine, group, pe)) for pe in range(machine.arch.pes)])
        _all_pes(machine, Pe.BARRIER)


def _all_pes(machine: Machine, letter: str) -> None:
    for pe in range(machine.arch.pes):
        machine.timeline.fill(pe, letter, machine.env.now)


def _load(machine: Machine, number: int) -> Story:
    """The channel brings a group's weights."""
    env, unit = machine.env, machine.arch.pes
    machine.timeline.fill(unit, Channel.IDLE, env.now)
    if number < len(machine.streams.groups):
        yield env.timeout(int(machine.streams.load_cycles[number]))
        machine.timeline.fill(unit, Channel.LOAD, env.now)


def _pe(machine: Machine, group: range, pe: int) -> Story:
    """All outputs of a tile, each a sum of dot products; an input vector stays for all channels of the group."""
    env, arch, streams, events = machine.env, machine.arch, machine.streams, machine.events[pe]
    top, left, bottom, right = streams.tile[pe].tolist()
    for row in range(top, bottom):
        for column in range(left, right):
            inputs = _seen(machine, group[0], row, column)
            events["input_reads"] += -(-len(inputs) // arch.multipliers)
            for channel in group:
                weights = streams.layer.weight[channel].ravel().tolist()
                for first in range(0, len(weights), arch.multipliers):
                    part = slice(first, first + arch.multipliers)
                    machine.sums[channel, row, column] += _dot(machine, pe, weights[part], inputs[part])
                    yield env.timeout(1)
                events["output_writes"] += 1
    machine.timeline.fill(pe, Pe.COMPUTE, env.now)


def _seen(machine: Machine, channel: int, row: int, column: int) -> list[int]:
    """The inputs that an output is made of, in the order of its weights; padding is zero."""
    layer = machine.streams.layer
    (down, across), (top, left) = layer.stride, layer.padding[:2]
    first = channel // (layer.outputs // layer.groups) * layer.weight.shape[1]
    high, wide = layer.activation.shape[1:]
    seen = []
    for c, i, j in np.ndindex(*layer.weight.shape[1:]):
        y, x = row * down - top + i, column * across - left + j
        seen.append(int(layer.activation[first + c, y, x]) if 0 <= y < high and 0 <= x < wide else 0)
    return seen


def _dot(machine: Machine, pe: int, weights: list[int], inputs: list[int]) -> int:
    """A dot product: each product rounded and shifted; a gated multiplier's is zero anyway."""
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
    """The books as arrays."""
    streams = machine.streams
    spilled = traffic_bytes(machine.arch, result) if streams.spills else 0
    told = {name: np.array([book[name] for book in machine.events], np.int64) for name in Counts._fields}
    for name, value in (("weight", streams.weight_bytes), ("input", streams.input_bytes), ("output", spilled)):
        told[f"dram_{name}_bytes"] = np.array([value], np.int64)
    return Counts(**told)


def _reasons(machine: Machine) -> Reasons:
    pes = machine.arch.pes
    count = machine.timeline.count
    return Reasons(
        *(count(letter, range(pes)) for letter in (Pe.COMPUTE, Pe.WEIGHT_WAIT, Pe.BARRIER)),
        *(count(letter, range(pes, pes + 1)) for letter in (Channel.LOAD, Channel.IDLE)),
    )
