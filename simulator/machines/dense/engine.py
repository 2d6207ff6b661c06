"""A dense machine by formulas, equal to the model: its cycles do not depend on any value."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from simulator.core.run import Run
from simulator.core.threads import threads
from simulator.hardware.convolution_sums import compute_outputs
from simulator.machines.dense.arch import Arch, ChannelLetter, Counts, PeLetter, Reasons
from simulator.machines.dense.layout import Streams, stored_bytes


def run(arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """Run a layer; the trace holds its first `trace_cycles` cycles."""
    with ThreadPoolExecutor(threads()) as pool:
        result = compute_outputs(streams.layer, pool)
    busy = busy_cycles(streams)
    start, cycles = group_starts(streams, busy.max(axis=1))
    trace = _trace(streams, busy, start, cycles, min(cycles, trace_cycles))
    return Run(cycles, result.ravel(), _counts(arch, streams, result), _reasons(streams, busy, start, cycles), trace)


def run_without_output(arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """`run`, but the output has length 0. It is still computed, as compressed traffic depends on its zeros."""
    return run(arch, streams, trace_cycles)._replace(output=np.zeros(0, np.int16))


def _tile_outputs(streams: Streams) -> np.ndarray:
    """The number of outputs of one channel on each PE, int64 [pes]."""
    return (streams.tile[:, 2] - streams.tile[:, 0]) * (streams.tile[:, 3] - streams.tile[:, 1])


def busy_cycles(streams: Streams) -> np.ndarray:
    """The number of dot products, int64 [groups, pes]."""
    sizes = np.array([len(group) for group in streams.groups], np.int64)
    return sizes[:, None] * _tile_outputs(streams) * streams.steps


def group_starts(streams: Streams, longest: np.ndarray) -> tuple[np.ndarray, int]:
    """The first cycle of each group, int64 [groups], and the run's cycles.

    A group's weights are loaded while the group before runs. longest int64 [groups]: cycles of the slowest PE.
    """
    start, now = np.zeros(len(longest), np.int64), int(streams.load_cycles[0])
    for group, spent in enumerate(longest.tolist()):
        start[group] = now
        following = int(streams.load_cycles[group + 1]) if group + 1 < len(longest) else 0
        now += max(spent, following)
    return start, now


def _counts(arch: Arch, streams: Streams, result: np.ndarray) -> Counts:
    layer, tile_outputs = streams.layer, _tile_outputs(streams)
    dots = busy_cycles(streams).sum(axis=0)
    pairs = tile_outputs * layer.outputs * layer.kernel[0].size
    multiplies = non_zero_pairs(streams) if arch.gate_zeros else pairs
    output_bytes = stored_bytes(arch, result, arch.activation_bits) if streams.spills else 0
    return Counts(
        dot_products=dots,
        weight_reads=dots,
        input_reads=tile_outputs * streams.steps * len(streams.groups),
        multiplies=multiplies,
        gated=pairs - multiplies,
        accumulations=dots,
        output_writes=tile_outputs * layer.outputs,
        dram_weight_bytes=np.array([streams.weight_bytes], np.int64),
        dram_input_bytes=np.array([streams.input_bytes], np.int64),
        dram_output_bytes=np.array([output_bytes], np.int64),
    )


def non_zero_pairs(streams: Streams) -> np.ndarray:
    """Pairs without a zero operand on each PE, int64 [pes].

    For each kernel element: non-zero weights of an input channel times non-zero inputs, summed over tiles.
    """
    layer, (high, wide) = streams.layer, streams.layer.output_plane
    (down, across), (top, left, bottom, right) = layer.stride, layer.padding
    active = np.pad(layer.activation != 0, ((0, 0), (top, bottom), (left, right)))
    inputs, kernel = layer.weight.shape[1], layer.kernel
    kept = np.count_nonzero(kernel.reshape(layer.groups, -1, *kernel.shape[1:]), axis=1)
    total = np.zeros((high + 1, wide + 1), np.int64)
    for group in range(layer.groups):
        channels = active[group * inputs : (group + 1) * inputs].reshape(inputs, -1).astype(np.float64)
        for i, j in np.ndindex(*kernel.shape[2:]):
            plane = (kept[group, :, i, j].astype(np.float64) @ channels).reshape(active.shape[1:])
            y, x = i * layer.dilation[0], j * layer.dilation[1]
            read = plane[y : y + high * down : down, x : x + wide * across : across]
            total[1:, 1:] += read[:high, :wide].astype(np.int64)
    total = total.cumsum(axis=0).cumsum(axis=1)
    y0, x0, y1, x1 = streams.tile.T
    return total[y1, x1] - total[y0, x1] - total[y1, x0] + total[y0, x0]


def _reasons(streams: Streams, busy: np.ndarray, start: np.ndarray, cycles: int) -> Reasons:
    longest, ends = busy.max(axis=1), np.append(start[1:], cycles)
    pes = np.ones(busy.shape[1], np.int64)
    loading = int(streams.load_cycles.sum())
    return Reasons(
        compute=busy.sum(axis=0),
        weight_wait=(int(start[0]) + int((ends - start - longest).sum())) * pes,
        barrier=(longest[:, None] - busy).sum(axis=0),
        load=np.array([loading], np.int64),
        idle=np.array([cycles - loading], np.int64),
    )


def _trace(streams: Streams, busy: np.ndarray, start: np.ndarray, cycles: int, length: int) -> np.ndarray:
    trace = np.empty((busy.shape[1] + 1, cycles if length else 0), np.uint8)
    trace[:-1], trace[-1] = ord(PeLetter.WEIGHT_WAIT), ord(ChannelLetter.IDLE)
    trace[-1, : streams.load_cycles[0]] = ord(ChannelLetter.LOAD)
    for group, begin in enumerate(start[start < length].tolist()):
        trace[:-1, begin : begin + int(busy[group].max())] = ord(PeLetter.BARRIER)
        for pe, spent in enumerate(busy[group].tolist()):
            trace[pe, begin : begin + spent] = ord(PeLetter.COMPUTE)
        if group + 1 < len(start):
            trace[-1, begin : begin + int(streams.load_cycles[group + 1])] = ord(ChannelLetter.LOAD)
    return trace[:, :length]
