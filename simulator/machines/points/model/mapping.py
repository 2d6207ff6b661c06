"""How the mapping unit finds the pairs of an offset: it merges two sorted lists, or looks into a hash table."""

from collections import Counter
from collections.abc import Iterator
from itertools import product

from simulator.machines.points.arch import Arch
from workloads.kinds.sparse_convolution.layer import CompressedSparseConvolution
from workloads.kinds.sparse_convolution.rulebook import number_of


class HashTable:
    """Numbers in slots: the first that is free from the one that a number is hashed to."""

    def __init__(self, arch: Arch, entries: int):
        self._bits = max(1, (arch.hash_slots * entries - 1).bit_length())
        self._slots: dict[int, int] = {}

    def probe(self, number: int, insert: bool = False) -> int:
        """How many slots are read until the number or a free slot is found, which it may take."""
        slot, probes = (number * 0x9E3779B97F4A7C15 & (1 << 64) - 1) >> (64 - self._bits), 1
        while self._slots.get(slot, number) != number:
            slot, probes = (slot + 1) % (1 << self._bits), probes + 1
        if insert:
            self._slots[slot] = number
        return probes


def steps(arch: Arch, layer: CompressedSparseConvolution, events: Counter[str]) -> Iterator[int]:
    """Cycles before the first offset, then those of each offset; records what is merged or probed."""
    offsets = list(product(*(range(size) for size in layer.geometry.kernel)))
    if layer.shares_map:
        yield from [0] * (1 + len(offsets))
        return
    if arch.hash_mapping:
        yield from _hash_steps(arch, layer, offsets, events)
        return
    spread = 0
    if not layer.geometry.submanifold:  # outputs are the union of all offsets' shifted inputs: a tree of mergers
        levels = (len(offsets) - 1).bit_length()
        spread = levels * len(layer.book.source)
    events["merged_places"] += spread
    yield -(-spread // arch.merge_width)
    for _ in offsets:
        merged = len(layer.places) + len(layer.book.places)
        events["merged_places"] += merged
        yield -(-merged // arch.merge_width)


def _hash_steps(
    arch: Arch, layer: CompressedSparseConvolution, offsets: list[tuple[int, ...]], events: Counter[str]
) -> Iterator[int]:
    geometry, book = layer.geometry, layer.book
    table = HashTable(arch, len(layer.places))
    probes = sum(table.probe(int(one), insert=True) for one in number_of(layer.places, geometry.grid))
    if not geometry.submanifold:
        written, numbers = HashTable(arch, len(book.places)), number_of(book.places, geometry.output_grid).tolist()
        probes += sum(written.probe(numbers[site], insert=True) for site in book.target.tolist())
    events["hash_probes"] += probes
    yield -(-probes // arch.hash_ports)
    _, height, deep = geometry.grid
    for offset in offsets:
        probes = 0
        for site in book.places.tolist():
            at = [o * s - p + k for o, s, p, k in zip(site, geometry.stride, geometry.padding, offset, strict=True)]
            if all(0 <= one < cells for one, cells in zip(at, geometry.grid, strict=True)):
                probes += table.probe((at[0] * height + at[1]) * deep + at[2])
        events["hash_probes"] += probes
        yield -(-probes // arch.hash_ports)
