"""The machine for pairs as one SimPy process for each unit: the definition of the machine.

The mapping unit finds the pairs of offset after offset. Gather brings a block's features, its weights and, where the
map is that of the layer before, its pairs; the matrix array multiplies each row with the offset's weights; scatter adds
the sums to outputs and writes finished ones. Between them are a few buffers of a block each.
"""

from collections import Counter
from typing import NamedTuple

import numpy as np
import simpy

from simulator.core.run import Run
from simulator.core.trace import TraceRecorder
from simulator.hardware.clock import Process, run_to_end
from simulator.machines.points.arch import (
    GATHER_SCATTER,
    UNITS,
    Arch,
    ArrayLetter,
    Counts,
    GatherLetter,
    MappingLetter,
    Reasons,
    ScatterLetter,
    cycles_of,
    passes_of,
)  # fmt: skip
from simulator.machines.points.layout import Streams
from simulator.machines.points.model.mapping import steps
from simulator.machines.points.model.output import Sums

ARRAY, MAPPING, GATHER, SCATTER = range(4)


class Machine(NamedTuple):
    """What the units share."""

    env: simpy.Environment
    arch: Arch
    streams: Streams
    mapped: list[simpy.Event]  # of each offset
    gathered: list[simpy.Event]  # of each block
    multiplied: list[simpy.Event]
    scattered: list[simpy.Event]
    events: Counter[str]
    timeline: TraceRecorder  # of each unit
    cache: dict[int, int]  # line -> voxel
    sums: Sums


def run(arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """Run a layer; the trace holds its first `trace_cycles` cycles."""
    return run_in(simpy.Environment(), arch, streams, trace_cycles)


def run_in(env: simpy.Environment, arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """`run` in a given environment; a test may pass one that changes the order of the processes within a cycle."""
    layer = streams.layer
    gathered, multiplied, scattered = ([env.event() for _ in range(streams.blocks)] for _ in range(3))
    machine = Machine(
        env, arch, streams, [env.event() for _ in range(layer.geometry.offsets)], gathered, multiplied, scattered,
        Counter(), TraceRecorder(4), {}, Sums(layer),
    )  # fmt: skip
    run_to_end(env, [_mapping(machine), _gather(machine), _array(machine), _scatter(machine)], [])
    cycles = int(env.now)
    ends = (ArrayLetter.DRAIN, MappingLetter.IDLE, GatherLetter.IDLE, ScatterLetter.IDLE)
    for unit, letter in enumerate(ends):
        machine.timeline.fill(unit, letter, cycles)
    trace = machine.timeline.letters(min(cycles, trace_cycles))
    return Run(cycles, machine.sums.words(), _counts(machine), _reasons(machine), trace)


def _mapping(machine: Machine) -> Process:
    """Find the pairs of one offset after the other."""
    found = steps(machine.arch, machine.streams.layer, machine.events)
    yield machine.env.timeout(next(found))
    for cycles, event in zip(found, machine.mapped, strict=True):
        yield machine.env.timeout(cycles)
        event.succeed()
    machine.timeline.fill(MAPPING, MappingLetter.MATCH, machine.env.now)


def _gather(machine: Machine) -> Process:
    """Bring what each block reads into a free buffer."""
    env, arch, streams, events = machine.env, machine.arch, machine.streams, machine.events
    layer, fill = streams.layer, machine.timeline.fill
    deep, _ = passes_of(arch, layer.inputs, layer.outputs)
    for block, offset in enumerate(streams.offset.tolist()):
        yield machine.mapped[offset]
        fill(GATHER, GatherLetter.MAP_WAIT, env.now)
        if block >= arch.buffers:
            yield machine.multiplied[block - arch.buffers]
        fill(GATHER, GatherLetter.BUFFER_WAIT, env.now)
        values = layer.inputs * sum(_fetched(machine, voxel) for voxel in _sources(machine, block))
        weights = layer.inputs * layer.outputs if streams.fetches[block] else 0
        pairs = len(_sources(machine, block))
        map_bits = arch.pair_bits * pairs
        events.update(map_pairs=pairs, gathered_values=pairs * layer.inputs, map_bits=map_bits)
        events.update(feature_values=values, weight_values=weights)
        read = arch.value_bits * (values + weights) + (map_bits if layer.shares_map else 0)
        yield env.timeout(max(cycles_of(arch, read), pairs * deep))
        fill(GATHER, GatherLetter.GATHER, env.now)
        machine.gathered[block].succeed()


def _sources(machine: Machine, block: int) -> list[int]:
    """The inputs of a block's pairs."""
    streams = machine.streams
    found: list[int] = streams.layer.book.source[streams.begin[block] : streams.end[block]].tolist()
    return found


def _fetched(machine: Machine, voxel: int) -> bool:
    """Whether a voxel's features come from DRAM: they are not in the cache, which then holds them."""
    arch = machine.arch
    if arch.dataflow == GATHER_SCATTER:
        return True
    machine.events["cache_lookups"] += 1
    line = voxel % max(1, arch.cache_bytes * 8 // (machine.streams.layer.inputs * arch.value_bits))
    if machine.cache.get(line) == voxel:
        return False
    machine.cache[line] = voxel
    machine.events["cache_fills"] += machine.streams.layer.inputs
    return True


def _array(machine: Machine) -> Process:
    """Stream the rows of each block, once for each part of the weights that the array holds at a time."""
    env, arch, streams, events = machine.env, machine.arch, machine.streams, machine.events
    layer, fill = streams.layer, machine.timeline.fill
    deep, wide = passes_of(arch, layer.inputs, layer.outputs)
    for block, rows in enumerate(streams.rows.tolist()):
        yield machine.gathered[block]
        fill(ARRAY, ArrayLetter.FEATURE_WAIT, env.now)
        if block >= arch.buffers:
            yield machine.scattered[block - arch.buffers]
        fill(ARRAY, ArrayLetter.SUM_WAIT, env.now)
        streaming = waiting = 0
        for _ in range(deep * wide):
            streaming += rows
            if streams.loads[block] or deep * wide > 1:  # the next weights load while these rows stream
                waiting += max(0, arch.rows - rows)
        yield env.timeout(streaming)
        fill(ARRAY, ArrayLetter.MULTIPLY, env.now)
        yield env.timeout(waiting)
        fill(ARRAY, ArrayLetter.LOAD_WAIT, env.now)
        loaded = layer.inputs * layer.outputs if streams.loads[block] or deep * wide > 1 else 0
        products = layer.inputs * layer.outputs * len(_sources(machine, block))
        events.update(
            array_rows=streaming, array_inputs=rows * layer.inputs * wide, weight_loads=loaded, multiplies=products
        )
        events["gated"] += rows * layer.inputs * layer.outputs - products
        machine.multiplied[block].succeed(env.now)


def _scatter(machine: Machine) -> Process:
    """Add the sums of each block to its outputs; write those that are finished, and what DRAM keeps."""
    env, arch, streams, events = machine.env, machine.arch, machine.streams, machine.events
    layer, fill = streams.layer, machine.timeline.fill
    deep, wide = passes_of(arch, layer.inputs, layer.outputs)
    for block, sites in enumerate(streams.sites.tolist()):
        streamed = yield machine.multiplied[block]
        yield env.timeout(max(0, streamed + arch.latency - env.now))  # the array goes on while these sums leave it
        fill(SCATTER, ScatterLetter.IDLE, env.now)
        pairs = slice(int(streams.begin[block]), int(streams.end[block]))
        many = pairs.stop - pairs.start
        machine.sums.add(int(streams.offset[block]), pairs)
        updates, written = many * layer.outputs * deep, sites * layer.outputs
        partial = 2 * arch.sum_bits * updates if arch.dataflow == GATHER_SCATTER else 0
        events.update(sum_updates=updates, output_writes=written, sum_bits=partial)
        bits = arch.value_bits * written + partial + (0 if layer.shares_map else arch.pair_bits * many)
        yield env.timeout(max(cycles_of(arch, bits), many * deep * wide))
        fill(SCATTER, ScatterLetter.SCATTER, env.now)
        machine.scattered[block].succeed()


def _counts(machine: Machine) -> Counts:
    events, value = machine.events, machine.arch.value_bits // 8
    found = {name: events[name] for name in Counts._fields}
    found |= {
        "dram_feature_bytes": events["feature_values"] * value,
        "dram_weight_bytes": events["weight_values"] * value,
        "dram_map_bytes": events["map_bits"] // 8,
        "dram_sum_bytes": events["sum_bits"] // 8,
        "dram_output_bytes": events["output_writes"] * value,
    }
    return Counts(*(np.array([found[name]], np.int64) for name in Counts._fields))


def _reasons(machine: Machine) -> Reasons:
    count = machine.timeline.count
    return Reasons(*(count(letter, range(unit, unit + 1)) for unit, letters in enumerate(UNITS) for letter in letters))
