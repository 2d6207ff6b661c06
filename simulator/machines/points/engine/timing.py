"""When each block is gathered, multiplied and scattered."""

from typing import NamedTuple

import numpy as np
from numba import njit

from simulator.machines.points.arch import GATHER_SCATTER, Arch, passes_of
from simulator.machines.points.layout import Streams


class Work(NamedTuple):
    """What each block takes: int64 [blocks]."""

    misses: np.ndarray  # inputs that come from DRAM
    read_bits: np.ndarray  # from DRAM
    write_bits: np.ndarray  # to DRAM
    gather: np.ndarray  # cycles
    stream: np.ndarray  # cycles of the array in which rows stream
    array: np.ndarray  # cycles
    scatter: np.ndarray  # cycles


class Times(NamedTuple):
    """Cycles in which blocks begin, int64 [blocks], and the run ends."""

    gather: np.ndarray
    found: np.ndarray  # when gather stops waiting for pairs
    array: np.ndarray
    gathered: np.ndarray  # when the array stops waiting for features
    scatter: np.ndarray
    cycles: int


def work_of(arch: Arch, streams: Streams) -> Work:
    """What each block takes, of a cache that is empty at first."""
    layer, pairs = streams.layer, streams.end - streams.begin
    inputs, outputs = layer.inputs, layer.outputs
    deep, wide = passes_of(arch, inputs, outputs)
    on_demand = arch.dataflow != GATHER_SCATTER
    misses = pairs.copy()
    if on_demand:
        lines = max(1, arch.cache_bytes * 8 // (inputs * arch.value_bits))
        _look_up(layer.book.source, streams.begin, streams.end, np.full(lines, -1, np.int32), misses)
    pair_bits, value = arch.pair_bits * pairs, arch.value_bits
    read = misses * inputs * value + streams.fetches * (inputs * outputs * value) + pair_bits * layer.shares_map
    write = streams.sites * (outputs * value) + pair_bits * (not layer.shares_map)
    if not on_demand:
        write += pairs * (2 * outputs * deep * arch.sum_bits)
    stream = streams.rows * deep * wide
    loaded = np.maximum(streams.rows, arch.rows) * deep * wide
    return Work(
        misses, read, write,
        gather=np.maximum(_dram(arch, read), pairs * deep),
        stream=stream,
        array=np.where(streams.loads | (deep * wide > 1), loaded, stream),
        scatter=np.maximum(_dram(arch, write), pairs * deep * wide),
    )  # fmt: skip


def _dram(arch: Arch, bits: np.ndarray) -> np.ndarray:
    """Cycles in which DRAM moves bits, int64 [blocks]."""
    found: np.ndarray = -(-1000 * bits // arch.dram_bits_per_kcycle)
    return found


@njit(cache=True)
def _look_up(source, begin, end, held, misses):  # type: ignore[no-untyped-def]
    """Set `misses`, int64 [blocks], of a direct-mapped cache that holds voxels `held`, int32 [lines].

    source: int32 [pairs]; begin, end: int64 [blocks].
    """
    for block in range(begin.size):
        found = 0
        for pair in range(begin[block], end[block]):
            voxel = source[pair]
            line = voxel % held.size
            if held[line] != voxel:
                held[line] = voxel
                found += 1
        misses[block] = found


def times_of(arch: Arch, streams: Streams, work: Work, mapped: np.ndarray) -> Times:
    """mapped: int64 [offsets], when the pairs of each are found."""
    size = streams.blocks
    g, found, a, gathered, s = (np.zeros(size, np.int64) for _ in range(5))
    given = mapped[streams.offset], work.gather, work.array, work.scatter, arch.latency, arch.buffers
    end = _follow(*given, g, found, a, gathered, s)
    return Times(g, found, a, gathered, s, max(int(end), int(mapped.max(initial=0))))


@njit(cache=True)
def _follow(ready, gather, array, scatter, latency, buffers, g, found, a, gathered, s):  # type: ignore[no-untyped-def]
    """Set when each block begins: `g`, `a`, `s`, and when waits for pairs and features end; return the last end.

    All arrays int64 [blocks]; ready: when a block's pairs are found; gather, array, scatter: cycles that each takes.
    """
    last_g, last_a, last_s = 0, 0, 0
    for b in range(ready.size):
        found[b] = max(last_g, ready[b])
        g[b] = found[b] if b < buffers else max(found[b], a[b - buffers] + array[b - buffers])
        last_g = g[b] + gather[b]
        gathered[b] = max(last_a, last_g)
        a[b] = gathered[b] if b < buffers else max(gathered[b], s[b - buffers] + scatter[b - buffers])
        last_a = a[b] + array[b]
        s[b] = max(last_s, last_a + latency)
        last_s = s[b] + scatter[b]
    return last_s
