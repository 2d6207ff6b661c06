"""Eyeriss v2: cycles and counts are sums over the dense layer, and what is held at a time fits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.convolutions import drawn_convolution, drawn_convolutions
from support.eyeriss import PLAIN, machines
from support.layers import pictured

from simulator.machines.eyeriss_v2 import MACHINE
from simulator.machines.eyeriss_v2.engine import run as engine
from simulator.machines.eyeriss_v2.engine.inputs import Geometry
from simulator.machines.eyeriss_v2.engine.inputs import _count as count_of_chunks
from simulator.machines.eyeriss_v2.layout.columns import read_columns
from simulator.machines.eyeriss_v2.layout.mapping import Mapping, Sizes, estimate
from simulator.machines.eyeriss_v2.layout.streams import layout
from simulator.machines.eyeriss_v2.model import units as model
from workloads.errors import InputError
from zeroskip import load_arch


def ceil(dividend, divisor):
    return -(-dividend // divisor)


def windows(layer):
    """Whether each input of each window is not zero: bool [inputs, kernel rows, kernel columns, output places]."""
    top, left, bottom, right = layer.padding
    active = np.pad(layer.activation != 0, ((0, 0), (top, bottom), (left, right)))
    (high, wide), (down, across), (_, _, tall, broad) = layer.output_plane, layer.stride, layer.kernel.shape
    seen = np.zeros((layer.inputs, tall, broad, high, wide), bool)
    for i, j, y, x in np.ndindex(tall, broad, high, wide):
        seen[:, i, j, y, x] = active[:, y * down + i * layer.dilation[0], x * across + j * layer.dilation[1]]
    return seen.reshape(layer.inputs, tall, broad, -1)


@given(drawn_convolutions, st.integers(1, 6), st.integers(1, 5), st.integers(1, 3), st.integers(0, 1))
def test_cycles_of_one_pe(layer, outputs, inputs, simd, bubble):
    """Each input that is not zero takes a cycle for every `simd` weights of its column, in every tile of outputs."""
    arch = PLAIN._replace(pe_columns=1, ideal_mesh=1, bubble=bubble, simd=simd, tile_outputs=outputs, sum_words=9)
    arch = arch._replace(tile_inputs=inputs, weight_words=400, weight_addresses=400, input_words=400, input_addresses=9)
    met, (channels, per_group) = windows(layer).sum(axis=3), (layer.weight.shape[1], layer.outputs // layer.groups)
    together = max(1, min(outputs // per_group, inputs // channels)) if layer.groups > 1 else 1
    words = multiplies = empty = 0
    for first in range(0, layer.groups, together):  # groups that share a tile
        mine = range(first, min(first + together, layer.groups))
        for group in mine:
            weights = layer.kernel[group * per_group : (group + 1) * per_group] != 0
            size = min(outputs, layer.outputs) if together == 1 else per_group
            for begin in range(0, per_group, size):
                kept = weights[begin : begin + size].sum(axis=0)
                inputs_met = met[group * channels : (group + 1) * channels]
                words += int((ceil(kept, simd) * inputs_met).sum())
                multiplies += int((kept * inputs_met).sum())
                empty += int(inputs_met[kept == 0].sum())
    run = engine.run(arch, layout(arch, layer)[0])
    assert run.cycles == words + bubble * empty
    counts = {name: int(value.sum()) for name, value in run.counts._asdict().items()}
    assert (counts["multiplies"], counts["accumulations"], counts["empty_columns"]) == (multiplies, multiplies, empty)
    assert (counts["weight_reads"], counts["padding"]) == (words, simd * words - multiplies)


@given(machines, drawn_convolutions)
def test_each_product_is_computed_once_wherever_it_is(arch, layer):
    counts = engine.run(arch, layout(arch, layer)[0]).counts
    seen = windows(layer).sum(axis=3)
    kept = (layer.kernel != 0).reshape(layer.groups, -1, *layer.kernel.shape[1:]).sum(axis=1)
    assert counts.multiplies.sum() == (kept.reshape(seen.shape) * seen).sum()
    assert (counts.multiplies + counts.padding == arch.simd * counts.weight_reads).all()


@given(machines, drawn_convolutions)
def test_what_is_held_at_a_time_fits(arch, layer):
    (streams,) = layout(arch, layer)
    tiles, mapping = streams.tiles, streams.mapping
    outputs = tiles.outputs[:, 1] - tiles.outputs[:, 0]
    assert max(outputs) <= min(arch.tile_outputs, arch.sum_words)
    assert max(outputs) * mapping.tile_rows * mapping.chunks * mapping.places <= 8 * arch.sum_buffer_bytes // 24
    half = 1 + arch.prefetch
    for row, part in np.ndindex(len(outputs), tiles.parts):
        channels, _, columns = tiles.part(part)
        held = read_columns(streams, arch.simd, row, part)
        assert len(held.weight) == streams.tile_words[row, part] <= arch.weight_words // half
        assert len(channels) * len(columns) <= min(arch.input_words, arch.weight_addresses // half)
        assert len(columns) <= arch.input_addresses
        assert len(channels) <= arch.tile_inputs
    assert mapping.tile_rows * mapping.chunks * mapping.chain <= arch.clusters * arch.pe_columns
    assert arch.cluster_rows % mapping.chain == 0


@given(machines, drawn_convolutions)
def test_what_moves_to_and_from_dram(arch, layer):
    """Tiles once, or again for each block of places; inputs once where they fit; outputs of 8 bits."""
    (streams,) = layout(arch, layer)
    counts, places = engine.run(arch, streams).counts, int(np.prod(layer.output_plane))
    passes = list(streams.passes(arch))
    once = len({(one.row_step, one.step) for one in passes}) == 1
    bits = 0
    for row, part in np.ndindex(len(streams.tiles.outputs), streams.tiles.parts):
        address = read_columns(streams, arch.simd, row, part).address
        words = int(np.diff(address).sum())
        bits += words * arch.simd * (8 + arch.count_bits) + (len(address) - 1) * arch.weight_address_bits
    times = 1 if once else streams.mapping.blocks
    assert 0 <= 8 * counts.dram_weight_bytes.sum() - times * bits < 8 * len(passes)
    assert 0 <= 8 * counts.dram_output_bytes.sum() - 8 * layer.outputs * places < 8 * len(passes)
    held = int((layer.activation != 0).sum()) * (8 + arch.count_bits)
    held += int(np.prod(layer.activation.shape[1:])) * arch.input_address_bits
    if held <= 8 * arch.input_buffer_bytes:
        assert counts.dram_input_bytes.tolist() == [ceil(held, 8)]
    steps = len({one.step for one in passes})
    assert counts.global_sum_reads.tolist() == counts.global_sum_writes.tolist() == [steps * layer.outputs * places]


def test_columns_have_addresses_counts_and_padding():
    weight = np.array([[0, 5, 0], [7, 0, 0], [0, 0, 0], [9, 6, 0]], np.int16)
    layer = drawn_convolution(1, 3, 4, (1, 1), (1, 1))._replace(weight=weight.reshape(4, 3, 1, 1))
    arch = PLAIN._replace(simd=2, tile_outputs=4, tile_inputs=3)
    columns = read_columns(layout(arch, layer)[0], 2, 0, 0)
    assert columns.address.tolist() == [0, 1, 2, 2]  # the third column is empty: its address is repeated
    assert columns.weight.tolist() == [[7, 9], [5, 6]]
    assert columns.zeros.tolist() == [[1, 1], [0, 2]]
    assert columns.outputs.tolist() == [[1, 3], [0, 3]]
    odd = read_columns(layout(arch, layer._replace(weight=layer.weight * (layer.weight != 6)))[0], 2, 0, 0)
    assert odd.weight.tolist() == [[7, 9], [5, 0]]
    assert odd.outputs.tolist() == [[1, 3], [0, -1]]


def test_small_groups_share_a_tile():
    layer = drawn_convolution(3, 1, 1, (6, 6), (3, 3), groups=12, density=1.0, active=1.0)
    arch = load_arch("eyeriss_v2").arch
    (streams,) = layout(arch._replace(search_tiles=0, input_words=9, weight_addresses=9), layer)
    assert streams.tiles.outputs.tolist() == [[0, 3], [3, 6], [6, 9], [9, 12]]
    assert [len(read_columns(streams, 2, 0, part).weight) for part in range(3)] == [9, 9, 9]


def test_a_deep_layer_fills_the_array_and_a_wide_one_its_lanes():
    arch = load_arch("eyeriss_v2").arch
    deep = drawn_convolution(1, 512, 64, (4, 4), (1, 1), density=0.5)
    wide = drawn_convolution(1, 8, 8, (32, 32), (3, 3), density=0.5)
    for layer in (deep, wide):
        run = engine.run(arch, layout(arch, layer)[0])
        assert np.count_nonzero(run.counts.multiplies) >= 0.9 * arch.pes


def test_what_does_not_run():
    with pytest.raises(InputError, match="pictured: its kind is fully connected; expected convolution"):
        layout(PLAIN, pictured("1", [1]))
    assert MACHINE.problem(PLAIN._replace(tile_outputs=17)) == (
        "tile_outputs is 17; expected at most 16, what counts of 4 bits reach"
    )


def test_a_tile_that_stays_is_loaded_once_for_all_blocks_of_places():
    layer = drawn_convolution(1, 1, 1, (6, 6), (1, 1), density=1.0, active=1.0, bits=4)
    layer = layer._replace(weight=np.ones_like(layer.weight))
    (streams,) = layout(PLAIN._replace(sum_buffer_bytes=20), layer)
    assert streams.mapping.blocks > 1
    for runner in (model, engine):
        assert runner.run(PLAIN, streams).counts.dram_weight_bytes.tolist() == [2]  # a word of 12 bits, an address of 4


@given(
    st.integers(0, 1 << 30), st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.integers(1, 4),
    st.integers(1, 4), st.integers(0, 3),
)  # fmt: skip
def test_inputs_are_new_where_the_place_before_did_not_read_them(seed, across, step, tall, broad, wide, left):
    """Place for place: what a piece of the kernel's columns reads and did not read for the place to the left."""
    rng = np.random.default_rng(seed)
    active = rng.random((2, 5, 9)) < 0.6
    g = Geometry(int(rng.integers(1, 3)), across, int(rng.integers(0, 2)), left, 1, step, wide)
    places = wide * int(rng.integers(1, 4))
    bounds = np.unique([0, *rng.integers(0, places + 1, 2), places])
    spans = np.stack([bounds[:-1], bounds[1:]], axis=1)
    cut = int(rng.integers(0, broad))  # columns are in two pieces, or in one
    pieces = [range(cut), range(cut, broad)]
    ends = np.array([cut if j < cut else broad for j in range(broad)])
    met, new = np.zeros((2, 2, tall, broad, len(spans)), np.int64)
    count_of_chunks(active, g, spans, ends, met, new)
    expected_met, expected_new = np.zeros_like(met), np.zeros_like(new)
    for n, (first, end) in enumerate(spans.tolist()):
        for place in range(first, end):
            row, column = divmod(place, wide)
            for c, i, j in np.ndindex(2, tall, broad):
                y, x = row * g.down - g.top + i, column * across - left + j * step
                if not (0 <= y < 5 and 0 <= x < 9 and active[c, y, x]):
                    continue
                piece = pieces[j >= cut]
                before = {(column - 1) * across - left + other * step for other in piece}
                expected_met[c, i, j, n] += 1
                expected_new[c, i, j, n] += place == first or column == 0 or x not in before
    assert met.tolist() == expected_met.tolist()
    assert new.tolist() == expected_new.tolist()


@given(drawn_convolutions)
def test_inputs_that_just_fit_the_global_buffer_fit_and_with_a_byte_less_do_not(layer):
    bits = layout(PLAIN, layer)[0].input_bits
    for short in (0, 1):
        arch = PLAIN._replace(input_buffer_bytes=ceil(bits, 8) - short)
        assert layout(arch, layer)[0].fits == (not short)


def test_an_estimate_is_what_waits_longest_in_every_pass():
    """Two passes of rows of tiles by three of parts, four blocks: 16 cycles of PEs against what ports and DRAM take."""
    sizes = Sizes(rows=4, parts=3, outputs=2, places=40, words=3, bits=50, inputs=2, grouped=False)
    mapping = Mapping(chain=1, tile_rows=2, chunks=2, blocks=4, places=5)
    arch = PLAIN._replace(fill_cycles=1, dram_bytes_per_kcycle=10**9, input_port_bits=10**9, sum_port_bits=10**9)
    passes = 2 * 3 * 4
    assert estimate(arch._replace(ideal_mesh=1), sizes, mapping) == passes * (1 + 5 * 3)
    # weights: the two PEs of a row of PEs share one tile, 50 bits over a port of 12 bits take 5 cycles
    assert estimate(arch, sizes, mapping) == passes * (16 + 5)
    assert estimate(arch._replace(prefetch=1), sizes, mapping) == passes * 16
    assert estimate(arch._replace(prefetch=1, weight_port_bits=2), sizes, mapping) == passes * 25
    # sums: 5 places of 2 outputs of 24 bits; inputs: 2 lanes of 5 places with 2 inputs of 12 bits
    assert estimate(arch._replace(sum_port_bits=5), sizes, mapping) == passes * (48 + 5)
    assert estimate(arch._replace(input_port_bits=6), sizes, mapping) == passes * (40 + 5)
    # DRAM: two tiles of 50 bits at half a byte a cycle
    assert estimate(arch._replace(dram_bytes_per_kcycle=500), sizes, mapping) == passes * (16 + 25)
