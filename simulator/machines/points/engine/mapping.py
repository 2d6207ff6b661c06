"""How long the mapping unit takes, and what it reads: by counts for a merger, probe by probe for a hash table."""

from typing import NamedTuple

import numpy as np
from numba import njit

from simulator.machines.points.arch import Arch
from workloads.kinds.sparse_convolution.layer import CompressedSparseConvolution
from workloads.kinds.sparse_convolution.rulebook import cell_read, number_of

FACTOR = np.uint64(0x9E3779B97F4A7C15)
"""2**64 over the golden ratio: multiplicative hashing (Knuth)."""


class Mapping(NamedTuple):
    """When the pairs of each offset are found, and what that takes."""

    end: np.ndarray  # int64 [offsets]: the cycle
    merged: int  # places through the merger
    probes: int  # of the hash table


def map_layer(arch: Arch, layer: CompressedSparseConvolution) -> Mapping:
    """All offsets of a layer; no cycle where its map is that of the layer before."""
    offsets = layer.geometry.offsets
    if layer.shares_map:
        return Mapping(np.zeros(offsets, np.int64), 0, 0)
    if arch.hash_mapping:
        return _by_hash(arch, layer)
    each = layer.voxels + layer.sites
    spread = 0 if layer.geometry.submanifold else layer.book.pairs * (offsets - 1).bit_length()
    start, step = -(-spread // arch.merge_width), -(-each // arch.merge_width)
    return Mapping(start + step * np.arange(1, offsets + 1), spread + each * offsets, 0)


def _by_hash(arch: Arch, layer: CompressedSparseConvolution) -> Mapping:
    geometry, book = layer.geometry, layer.book
    mine, theirs = number_of(layer.places, geometry.grid), number_of(book.places, geometry.output_grid)
    table, bits = _table(arch, mine.size)
    start = _insert(mine, table, bits)
    if not geometry.submanifold:
        start += _insert(theirs[book.target], *_table(arch, theirs.size))
    sizes = np.array([geometry.grid, geometry.kernel, geometry.stride, geometry.padding], np.int64)
    probes = np.zeros(geometry.offsets, np.int64)
    _look_up(book.places, sizes, table, bits, probes)
    cycles = np.concatenate([[-(-start // arch.hash_ports)], -(-probes // arch.hash_ports)])
    return Mapping(np.cumsum(cycles)[1:], 0, int(start + probes.sum()))


def _table(arch: Arch, entries: int) -> tuple[np.ndarray, int]:
    """An empty table, int64 [slots], and the bits of a slot's number."""
    bits = max(1, (arch.hash_slots * entries - 1).bit_length())
    return np.full(1 << bits, -1, np.int64), bits


@njit(cache=True)
def _slot(number, bits):  # type: ignore[no-untyped-def]
    """The first slot of a number, an int64 scalar from 0 on, in a table of 2**bits slots."""
    return np.int64((np.uint64(number) * FACTOR) >> np.uint64(64 - bits))


@njit(cache=True)
def _insert(numbers, table, bits):  # type: ignore[no-untyped-def]
    """Put numbers, int64 [any], some of them often, into the table, int64 [slots]; return the slots that were read."""
    probes = 0
    for number in numbers:
        slot = _slot(number, bits)
        probes += 1
        while table[slot] >= 0 and table[slot] != number:
            slot = (slot + 1) % table.size
            probes += 1
        table[slot] = number
    return probes


@njit(cache=True)
def _look_up(outputs, sizes, table, bits, probes):  # type: ignore[no-untyped-def]
    """Count the slots that are read for each offset, int64 [offsets].

    outputs: int32 [sites, 3]; sizes: int64 [4, 3], grid, kernel, stride and padding; table: int64 [slots].
    """
    kernel = sizes[1]
    offset = 0
    for i in range(kernel[0]):
        for j in range(kernel[1]):
            for k in range(kernel[2]):
                for site in range(outputs.shape[0]):
                    number = cell_read(outputs[site], (i, j, k), sizes)
                    if number < 0:
                        continue
                    slot = _slot(number, bits)
                    probes[offset] += 1
                    while table[slot] >= 0 and table[slot] != number:
                        slot = (slot + 1) % table.size
                        probes[offset] += 1
                offset += 1
