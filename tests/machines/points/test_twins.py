"""The model and the engine of the machine for pairs are equal, and their cycles and counts are those of formulas."""

from functools import partial
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.paths import EXAMPLES
from support.points_machines import BASE, case, machine
from support.sparse_convolutions import compressed
from support.twin_laws import check_order_and_length, check_twins

from simulator.machines.points import layout as points_layout
from simulator.machines.points.arch import REASON_UNITS
from simulator.machines.points.engine import run as engine
from simulator.machines.points.engine.mapping import _insert as compiled_insert
from simulator.machines.points.model import units as model
from simulator.machines.points.model.mapping import HashTable
from simulator.machines.points.report.tables import tables
from workloads.errors import InputError

SEEDS = st.integers(0, 1 << 30)


def ceil(dividend, divisor):
    return -(-dividend // divisor)


def pairs_of(layer):
    """Input and output of each pair by offset, in plain loops."""
    number = {tuple(place): index for index, place in enumerate(layer.places.tolist())}
    geometry = layer.geometry
    found = []
    for at in product(*(range(size) for size in geometry.kernel)):
        read = [
            tuple(o * s - p + k for o, s, p, k in zip(site, geometry.stride, geometry.padding, at, strict=True))
            for site in layer.book.places.tolist()
        ]
        found.append([(number[one], site) for site, one in enumerate(read) if one in number])
    return found


def blocks_of(arch, layer):
    """Tile, offset, pairs and rows of each block, in plain loops."""
    sizes = [layer.sites, arch.sum_buffer_bytes * 8 // (48 * layer.outputs), arch.tile_sites]
    size = max(1, sizes[arch.dataflow])
    for first in range(0, layer.sites, size):
        tile = range(first, min(first + size, layer.sites))
        for offset, pairs in enumerate(pairs_of(layer)):
            mine = [pair for pair in pairs if pair[1] in tile]
            step = max(1, len(mine)) if arch.dataflow == 2 else arch.block_pairs
            for begin in range(0, len(mine), step):
                part = mine[begin : begin + step]
                yield first, offset, part, len(tile) if arch.dataflow == 2 else len(part), begin == 0


@given(SEEDS, st.integers(0, 8))
def test_words_at_the_ends_of_their_range_saturate_alike(seed, shift):
    arch, rng, layer = machine(seed), np.random.default_rng(seed), compressed(seed)
    ends = np.array([-(1 << 15), -1, 0, 1, (1 << 15) - 1], np.int16)
    weight, activation = (rng.choice(ends, one.shape) for one in (layer.weight, layer.activation))
    layer = layer._replace(weight=weight, activation=activation, shift=shift)
    (streams,) = points_layout.layout(arch, layer)
    check_twins(model.run(arch, streams), engine.run(arch, streams), layer, REASON_UNITS)


@given(SEEDS)
def test_model_and_engine_are_equal_and_right(seed):
    arch, streams = case(seed)
    slow, fast = model.run(arch, streams, 10**6), engine.run(arch, streams, 10**6)
    check_twins(slow, fast, streams.layer, REASON_UNITS)


@settings(max_examples=EXAMPLES // 2)
@given(SEEDS, SEEDS)
def test_order_and_length_of_the_trace_do_not_matter(seed, order):
    arch, streams = case(seed)
    check_order_and_length(model, partial(engine.run, output=False), arch, streams, order)


@given(SEEDS)
def test_blocks_are_the_pairs_of_tiles_by_offset(seed):
    arch, streams = case(seed)
    layer, book = streams.layer, streams.layer.book
    found = []
    for begin, end, offset, rows, loads in zip(*streams[1:5], streams.loads, strict=True):
        pairs = list(zip(book.source[begin:end].tolist(), book.target[begin:end].tolist(), strict=True))
        found.append((int(offset), pairs, int(rows), bool(loads)))
    assert found == [one[1:] for one in blocks_of(arch, layer)]
    assert int(streams.sites.sum()) == layer.sites


@given(SEEDS)
def test_counts_of_the_machine(seed):
    arch, streams = case(seed)
    layer, blocks = streams.layer, list(blocks_of(arch, streams.layer))
    counts = {name: int(one[0]) for name, one in engine.run(arch, streams).counts._asdict().items()}
    pairs, deep, wide = layer.book.pairs, ceil(layer.inputs, arch.rows), ceil(layer.outputs, arch.columns)
    matrix, rows = layer.inputs * layer.outputs, sum(one[3] for one in blocks)
    misses, cache, lines = 0, {}, max(1, arch.cache_bytes // (2 * layer.inputs))
    for _, _, mine, _, _ in blocks:
        for voxel, _ in mine:
            misses += arch.dataflow == 0 or cache.get(voxel % lines) != voxel
            cache[voxel % lines] = voxel
    whole = 2 * layer.weight.size <= arch.weight_buffer_bytes
    fetched = len({one[1] if whole else one[:2] for one in blocks})
    cached = bool(arch.dataflow)
    probed = counts.pop("hash_probes")
    assert counts == {
        "merged_places": merged(arch, layer), "map_pairs": pairs, "cache_lookups": pairs * cached,
        "cache_fills": misses * layer.inputs * cached, "gathered_values": pairs * layer.inputs,
        "array_inputs": rows * layer.inputs * wide,
        "array_rows": rows * deep * wide,
        "weight_loads": matrix * (len(blocks) if deep * wide > 1 else sum(one[4] for one in blocks)),
        "multiplies": pairs * matrix, "gated": (rows - pairs) * matrix, "sum_updates": pairs * layer.outputs * deep,
        "output_writes": layer.sites * layer.outputs, "dram_feature_bytes": 2 * misses * layer.inputs,
        "dram_weight_bytes": 2 * fetched * matrix, "dram_map_bytes": 8 * pairs,
        "dram_sum_bytes": 0 if cached else 12 * pairs * layer.outputs * deep,
        "dram_output_bytes": 2 * layer.sites * layer.outputs,
    }  # fmt: skip
    looked_up = (layer.voxels + pairs) if arch.hash_mapping and not layer.shares_map else 0
    assert probed >= looked_up
    assert bool(probed) == bool(looked_up)


def merged(arch, layer):
    """Places through the merger: both lists for each offset; before that, of a spreading kernel, a tree of mergers."""
    if arch.hash_mapping or layer.shares_map:
        return 0
    offsets = layer.geometry.offsets
    levels = 0 if layer.geometry.submanifold else int(np.ceil(np.log2(offsets)))
    return offsets * (layer.voxels + layer.sites) + levels * layer.book.pairs


@settings(max_examples=5)
@given(SEEDS)
def test_a_result_says_how_many_pairs_and_blocks_there_are(seed):
    arch, streams = case(seed)
    shown = {one.title: dict(row[:2] for row in one.rows) for one in tables(arch, [streams])}
    pairs = sum(map(len, pairs_of(streams.layer)))
    assert shown["pairs and blocks of them"] == {
        "pairs": f"{pairs:,}",
        "blocks": f"{len(list(blocks_of(arch, streams.layer))):,}",
    }
    assert set(shown["cycles of the first order"]) == {"mapping", "products"}


@given(SEEDS)
def test_no_run_is_shorter_than_its_map_or_its_products(seed):
    """The cycles of the first order: both lists a kernel's place over the merger's width; pairs over the array."""
    arch, streams = case(seed, hash_mapping=0)
    layer = streams.layer
    run = engine.run(arch, streams)
    deep, wide = ceil(layer.inputs, arch.rows), ceil(layer.outputs, arch.columns)
    offsets, places = layer.geometry.offsets, layer.voxels + layer.sites
    assert run.cycles >= layer.book.pairs * deep * wide + arch.latency
    assert layer.shares_map or run.cycles * arch.merge_width >= offsets * places
    assert int(run.reasons.multiply[0]) == sum(one[3] for one in blocks_of(arch, layer)) * deep * wide


@given(SEEDS)
def test_each_block_waits_for_what_it_needs_and_no_longer(seed):
    """With one buffer, a run is a sum over blocks: gather, array, latency and scatter follow each other."""
    arch, streams = case(seed, buffers=1, latency=0, dram_bits_per_kcycle=1 << 40, hash_mapping=0)
    layer = streams.layer
    deep, wide = ceil(layer.inputs, arch.rows), ceil(layer.outputs, arch.columns)
    step = 0 if layer.shares_map else ceil(layer.voxels + layer.sites, arch.merge_width)
    spread = (
        0
        if layer.shares_map
        else ceil(merged(arch, layer) - layer.geometry.offsets * (layer.voxels + layer.sites), arch.merge_width)
    )
    gathered = multiplied = scattered = 0
    for _, offset, pairs, rows, loads in blocks_of(arch, layer):
        mapped = spread + step * (offset + 1)
        gathered = max(gathered, mapped, multiplied) + max(1, len(pairs) * deep)
        least = arch.rows if loads or deep * wide > 1 else 0
        multiplied = max(gathered, multiplied, scattered) + max(rows, least) * deep * wide
        scattered = max(scattered, multiplied) + max(1, len(pairs) * deep * wide)
    mapped = spread + step * layer.geometry.offsets
    assert engine.run(arch, streams).cycles == max(scattered, mapped)


@pytest.mark.parametrize("numbers", [{"dataflow": 1, "sum_buffer_bytes": 1}, {"dataflow": 2, "tile_sites": 1}])
def test_tiles_that_are_too_many_are_refused(monkeypatch, numbers):
    """Before anything is noted of each tile and offset, which takes memory."""
    layer = compressed(1)
    groups = layer.sites * layer.geometry.offsets
    monkeypatch.setattr(points_layout, "MOST_GROUPS", groups)
    points_layout.layout(machine(1, **numbers), layer)
    monkeypatch.setattr(points_layout, "MOST_GROUPS", groups - 1)
    with pytest.raises(InputError, match=f"it has {groups:,} tiles of outputs times places of the kernel; expected at"):
        points_layout.layout(machine(1, **numbers), layer)


@given(SEEDS)
def test_weights_that_fit_their_buffer_are_read_once_and_of_a_byte_more_with_every_tile(seed):
    layer = compressed(seed)
    size = layer.weight.size * BASE.value_bits // 8
    for short in (0, 1):
        arch = machine(seed, dataflow=2, tile_sites=2, weight_buffer_bytes=size - short)
        (streams,) = points_layout.layout(arch, layer)
        first = np.sort(np.unique(streams.offset, return_index=True)[1])
        fetched = np.flatnonzero(streams.fetches)
        assert fetched.tolist() == (np.flatnonzero(streams.loads) if short else first).tolist()


@given(SEEDS, st.integers(2, 60), st.integers(2, 3))
def test_a_crowded_hash_table_is_probed_slot_after_slot(seed, entries, slots):
    """Of the table's size alone, probes are a walk over a list of slots; the compiled one reads as many."""
    numbers = np.random.default_rng(seed).permutation(4 * entries)[:entries].astype(np.int64)
    arch = BASE._replace(hash_slots=slots)
    table, size = HashTable(arch, entries), 2
    while size < slots * entries:
        size *= 2
    held, total = [None] * size, 0
    for number in numbers.tolist():
        begin = number * 11400714819323198485 % 2**64 * size // 2**64  # 2**64 over the golden ratio
        walk = [(begin + step) % size for step in range(size)]
        expected = 1 + next(step for step, slot in enumerate(walk) if held[slot] is None)
        held[walk[expected - 1]] = number
        assert table.probe(number, insert=True) == expected
        assert table.probe(number) == expected
        total += expected
    assert compiled_insert(numbers, np.full(size, -1, np.int64), size.bit_length() - 1) == total
