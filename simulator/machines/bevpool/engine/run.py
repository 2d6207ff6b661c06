"""The machine for BEV pooling by formulas for each step, equal to the model."""

from typing import NamedTuple

import numpy as np

from simulator.core.run import Run
from simulator.machines.bevpool.arch import (
    ADD,
    CLOUD,
    FETCH,
    KEYS,
    SCAN,
    SORT,
    SUBTRACT,
    Arch,
    Counts,
    LaneLetter,
    MemoryLetter,
    Reasons,
    passes_of,
)  # fmt: skip
from simulator.machines.bevpool.engine.output import output_of
from simulator.machines.bevpool.layout import Streams, sort_passes


class Steps(NamedTuple):
    """What each step takes."""

    lanes: np.ndarray  # int64 [steps, lanes]: cycles of work
    merger: np.ndarray  # int64 [steps]: cycles
    memory: np.ndarray  # int64 [steps]: cycles
    cycles: np.ndarray  # int64 [steps]: the longest of all


def run(arch: Arch, streams: Streams, trace_cycles: int = 0, output: bool = True) -> Run:
    """Run a layer; the trace holds its first `trace_cycles` cycles. output: False leaves it out."""
    steps = steps_of(arch, streams)
    cycles = int(steps.cycles.sum())
    return Run(
        cycles=cycles,
        output=output_of(streams) if output else np.zeros(0, np.int16),
        counts=_counts(arch, streams, steps),
        reasons=_reasons(steps, cycles),
        trace=_trace(steps, min(cycles, trace_cycles)),
    )


def _shares(items: int, lanes: int) -> np.ndarray:
    """Items of each lane, int64 [lanes], where they are dealt out one by one."""
    found = np.full(lanes, items // lanes, np.int64)
    found[: items % lanes] += 1
    return found


def steps_of(arch: Arch, streams: Streams) -> Steps:
    """What each step takes."""
    layer, passes = streams.layer, passes_of(arch, streams.layer.outputs)
    points, kept, hit = layer.inputs, layer.kept, streams.intervals.cell.size
    lanes, merger = np.zeros((streams.step.size, arch.lanes), np.int64), np.zeros(streams.step.size, np.int64)
    for kind, items, each in (
        (CLOUD, points, passes),
        (KEYS, points, 1),
        (SCAN, kept, passes),
        (SUBTRACT, hit, passes),
    ):
        lanes[streams.step == kind] = _shares(items, arch.lanes) * each
    merger[streams.step == SORT] = -(-kept // arch.sort_width)
    held = group_lengths(arch, streams)
    lanes[streams.step == ADD] = held * passes
    bits = np.zeros(streams.step.size, np.int64)
    for kind, fixed in _bits(arch, streams).items():
        bits[streams.step == kind] = fixed
    bits[streams.step == ADD] = held.sum(axis=1) * point_bits(arch, streams)
    bits[streams.step == ADD] += (held > 0).sum(axis=1) * (layer.outputs * arch.value_bits)
    memory = -(-1000 * bits // arch.dram_bits_per_kcycle)
    return Steps(lanes, merger, memory, np.maximum(np.maximum(lanes.max(axis=1, initial=0), merger), memory))


def group_lengths(arch: Arch, streams: Streams) -> np.ndarray:
    """Points of each lane's cell in each group, int64 [groups, lanes]; 0 where a lane has none."""
    if not arch.ranks:
        return np.zeros((0, arch.lanes), np.int64)
    found = streams.intervals.lengths[streams.order]
    padded = np.zeros(-(-found.size // arch.lanes) * arch.lanes, np.int64)
    padded[: found.size] = found
    return padded.reshape(-1, arch.lanes)


def point_bits(arch: Arch, streams: Streams) -> int:
    """Bits from DRAM for a point that is added to a cell's sum."""
    channels, value = streams.layer.outputs, arch.value_bits
    if not arch.fused:
        return arch.rank_bits + channels * value
    return arch.rank_bits + (0 if streams.buffered else (1 + channels) * value)


def _bits(arch: Arch, streams: Streams) -> dict[int, int]:
    """Bits through DRAM of each step but groups of cells, by what it is."""
    layer, value = streams.layer, arch.value_bits
    channels, kept, hit = layer.outputs, layer.kept, streams.intervals.cell.size
    read = channels * value if not arch.fused else 0 if streams.buffered else (1 + channels) * value
    return {
        CLOUD: (streams.feature_values + layer.inputs * channels) * value,
        KEYS: kept * arch.key_bits,
        SORT: 2 * kept * arch.key_bits,
        FETCH: streams.feature_values * value,
        SCAN: kept * (arch.key_bits + read + channels * arch.sum_bits),
        SUBTRACT: hit * channels * (2 * arch.sum_bits + value),
    }


def _counts(arch: Arch, streams: Streams, steps: Steps) -> Counts:
    layer, lanes, bytes_ = streams.layer, arch.lanes, arch.value_bits // 8
    channels, points, kept, hit = layer.outputs, layer.inputs, layer.kept, streams.intervals.cell.size
    added = group_lengths(arch, streams).sum(axis=0) if arch.ranks else _shares(kept, lanes)
    subtracted = 0 if arch.ranks else _shares(hit, lanes)
    passes = 0 if arch.ranks else sort_passes(arch, kept)
    fetched = not arch.fused or streams.buffered
    features = streams.feature_values if fetched else kept * (1 + channels)
    keys = kept * arch.key_bits * (2 + 2 * passes)
    return Counts(
        lane_steps=steps.lanes.sum(axis=0),
        multiplies=(added if arch.fused else _shares(points, lanes)) * channels,
        additions=(added + subtracted) * channels,
        keys=np.zeros(lanes, np.int64) if arch.ranks else _shares(points, lanes),
        merged_keys=_one(kept * passes),
        buffer_reads=_one((kept if arch.fused else points) * (1 + channels)),
        output_writes=_one(hit * channels),
        dram_feature_bytes=_one(features * bytes_),
        dram_cloud_bytes=_one(0 if arch.fused else (points + kept) * channels * bytes_),
        dram_rank_bytes=_one((kept * arch.rank_bits if arch.ranks else keys) // 8),
        dram_sum_bytes=_one(0 if arch.ranks else (kept + 2 * hit) * channels * arch.sum_bits // 8),
        dram_output_bytes=_one(hit * channels * bytes_),
    )


def _reasons(steps: Steps, cycles: int) -> Reasons:
    work = steps.lanes.sum(axis=0)
    longest = steps.lanes.max(axis=1, initial=0)
    moved = int(steps.memory.sum())
    ones = np.ones(work.size, np.int64)
    merged = int(steps.merger.sum())
    return Reasons(
        add=work,
        barrier=int(longest.sum()) - work,
        merge=merged * ones,
        memory_wait=(cycles - int(longest.sum()) - merged) * ones,
        transfer=_one(moved),
        memory_idle=_one(cycles - moved),
    )


def _trace(steps: Steps, length: int) -> np.ndarray:
    """The letters of each lane and of DRAM: uint8 [lanes + 1, length]."""
    trace = np.full((steps.lanes.shape[1] + 1, length), ord(LaneLetter.MEMORY_WAIT), np.uint8)
    trace[-1] = ord(MemoryLetter.IDLE)
    now = 0
    for work, merged, moved, cycles in zip(*steps, strict=True):
        if now >= length:
            break
        trace[:-1, now : now + int(merged)] = ord(LaneLetter.MERGE)
        trace[:-1, now : now + int(work.max())] = ord(LaneLetter.BARRIER)
        for lane, spent in enumerate(work.tolist()):
            trace[lane, now : now + spent] = ord(LaneLetter.ADD)
        trace[-1, now : now + int(moved)] = ord(MemoryLetter.TRANSFER)
        now += int(cycles)
    return trace


def _one(number: int) -> np.ndarray:
    return np.array([number], np.int64)
