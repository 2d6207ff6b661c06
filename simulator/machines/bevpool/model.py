"""The machine for BEV pooling as one SimPy process for each lane, the merger and DRAM: the definition of the machine.

A step ends when all of them have done their part of it; then the next begins.
"""

from collections import Counter
from typing import NamedTuple

import numpy as np
import simpy

from simulator.core.run import Run
from simulator.core.trace import TraceRecorder
from simulator.hardware.clock import Process, run_to_end
from simulator.machines.bevpool.arch import (
    ADD,
    CLOUD,
    FETCH,
    KEYS,
    SCAN,
    SORT,
    Arch,
    Counts,
    LaneLetter,
    MemoryLetter,
    Reasons,
    cycles_of,
    passes_of,
)  # fmt: skip
from simulator.machines.bevpool.layout import Streams

OF_LANES = ("multiplies", "additions", "keys")


class Machine(NamedTuple):
    """What the units share."""

    env: simpy.Environment
    arch: Arch
    streams: Streams
    events: list[Counter[str]]  # of each lane, and of the rest
    timeline: TraceRecorder  # of each lane, and of DRAM
    sums: dict[int, list[int]]  # of each cell: exact sums of its channels


def run(arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """Run a layer; the trace holds its first `trace_cycles` cycles."""
    return run_in(simpy.Environment(), arch, streams, trace_cycles)


def run_in(env: simpy.Environment, arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """`run` in a given environment; a test may pass one that changes the order of the processes within a cycle."""
    events = [Counter[str]() for _ in range(arch.lanes + 1)]
    machine = Machine(env, arch, streams, events, TraceRecorder(arch.lanes + 1), {})
    run_to_end(env, [_steps(machine)], [])
    cycles = int(env.now)
    trace = machine.timeline.letters(min(cycles, trace_cycles))
    return Run(cycles, _output(machine), _counts(machine), _reasons(machine), trace)


def _steps(machine: Machine) -> Process:
    env, arch, fill = machine.env, machine.arch, machine.timeline.fill
    for step, first in zip(machine.streams.step.tolist(), machine.streams.first.tolist(), strict=True):
        lanes = [env.process(_lane(machine, step, first, lane)) for lane in range(arch.lanes)]
        moving = env.process(_memory(machine, step, first))
        yield env.all_of(lanes)
        for lane in range(arch.lanes):
            fill(lane, LaneLetter.BARRIER, env.now)
        yield moving
        for lane in range(arch.lanes):
            fill(lane, LaneLetter.MEMORY_WAIT, env.now)
        fill(arch.lanes, MemoryLetter.IDLE, env.now)


def _lane(machine: Machine, step: int, first: int, lane: int) -> Process:
    """A lane's part of a step: its cell, or each of its points or cells."""
    env, arch, layer = machine.env, machine.arch, machine.streams.layer
    events, channels, passes = machine.events[lane], layer.outputs, passes_of(arch, layer.outputs)
    if step == SORT:
        yield env.timeout(-(-layer.kept // arch.sort_width))
        machine.timeline.fill(lane, LaneLetter.MERGE, env.now)
    elif step == ADD and first + lane < machine.streams.order.size:
        for _ in _cell_points(machine, int(machine.streams.order[first + lane])):
            events.update(additions=channels, multiplies=channels * arch.fused)
            yield env.timeout(passes)
    elif step in (CLOUD, KEYS):
        for _ in range(lane, layer.inputs, arch.lanes):
            events.update({"keys": 1} if step == KEYS else {"multiplies": channels})
            yield env.timeout(1 if step == KEYS else passes)
    elif step == SCAN:
        for _ in range(lane, layer.kept, arch.lanes):
            events.update(additions=channels, multiplies=channels * arch.fused)
            yield env.timeout(passes)
    elif step not in (ADD, FETCH):  # neighbouring prefix sums are subtracted
        for place in range(lane, machine.streams.order.size, arch.lanes):
            list(_cell_points(machine, place))
            events["additions"] += channels
            yield env.timeout(passes)
    machine.timeline.fill(lane, LaneLetter.ADD, env.now)


def _cell_points(machine: Machine, place: int) -> list[int]:
    """Add up the points of a hit cell; the points."""
    layer, held = machine.streams.layer, machine.streams.intervals
    points: list[int] = held.point[held.first[place] : held.first[place + 1]].tolist()
    assert place not in machine.sums, "a cell was added up twice"
    sums = machine.sums[place] = [0] * layer.outputs
    half = (1 << layer.cloud_shift) >> 1
    for point in points:
        ray, depth = divmod(point, layer.depth.shape[1])
        weight = int(layer.depth[ray, depth])
        for channel, value in enumerate(layer.activation[ray].tolist()):
            word = (weight * value + half) >> layer.cloud_shift
            sums[channel] += min(max(word, -(1 << 15)), (1 << 15) - 1)
    return points


def _memory(machine: Machine, step: int, first: int) -> Process:
    """DRAM's part of a step."""
    env, arch, streams = machine.env, machine.arch, machine.streams
    events, layer, channels = machine.events[-1], streams.layer, streams.layer.outputs
    moved = Counter[str]()
    if step in (CLOUD, FETCH):
        moved["feature"] = arch.value_bits * streams.feature_values
        moved["cloud"] = arch.value_bits * layer.inputs * channels if step == CLOUD else 0
    elif step in (KEYS, SORT):
        moved["rank"] = arch.key_bits * layer.kept * (2 if step == SORT else 1)
        events["merged_keys"] += layer.kept if step == SORT else 0
    elif step in (ADD, SCAN):
        cells = streams.order[first : first + arch.lanes].tolist() if step == ADD else range(streams.order.size)
        points = int(sum(streams.intervals.lengths[cell] for cell in cells))
        moved["rank"] = points * (arch.rank_bits if step == ADD else arch.key_bits)
        if not arch.fused:
            moved["cloud"] = points * channels * arch.value_bits
        elif not streams.buffered:
            moved["feature"] = points * (1 + channels) * arch.value_bits
        moved["sum"] = points * channels * arch.sum_bits if step == SCAN else 0
        moved["output"] = len(cells) * channels * arch.value_bits if step == ADD else 0
    else:
        moved["sum"] = 2 * streams.order.size * channels * arch.sum_bits
        moved["output"] = streams.order.size * channels * arch.value_bits
    events.update(moved)
    yield env.timeout(cycles_of(arch, sum(moved.values())))
    machine.timeline.fill(arch.lanes, MemoryLetter.TRANSFER, env.now)


def _output(machine: Machine) -> np.ndarray:
    """All outputs, int16 [hit cells x channels]."""
    layer = machine.streams.layer
    half = (1 << layer.shift) >> 1
    words = [
        min(max((total + half) >> layer.shift, -(1 << 15)), (1 << 15) - 1)
        for place in sorted(machine.sums)
        for total in machine.sums[place]
    ]
    return np.array(words, np.int16)


def _counts(machine: Machine) -> Counts:
    layer, rest = machine.streams.layer, machine.events[-1]
    taken = layer.kept if machine.arch.fused else layer.inputs
    found = {name: np.array([lane[name] for lane in machine.events[:-1]], np.int64) for name in OF_LANES}
    found["lane_steps"] = machine.timeline.count(LaneLetter.ADD, range(machine.arch.lanes))
    numbers = {
        "merged_keys": rest["merged_keys"],
        "buffer_reads": taken * (1 + layer.outputs),
        "output_writes": len(machine.sums) * layer.outputs,
        **{f"dram_{what}_bytes": rest[what] // 8 for what in ("feature", "cloud", "rank", "sum", "output")},
    }
    return Counts(**found, **{name: np.array([number], np.int64) for name, number in numbers.items()})


def _reasons(machine: Machine) -> Reasons:
    lanes, count = machine.arch.lanes, machine.timeline.count
    return Reasons(
        *(count(letter, range(lanes)) for letter in LaneLetter),
        *(count(letter, range(lanes, lanes + 1)) for letter in MemoryLetter),
    )
