"""Counts that model and engine both copy from the layout, by formulas in plain Python over the layer's elements."""

from functools import cache
from itertools import pairwise

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st
from support import dense_machines, layers, scnn_layers
from support.scnn_layers import naive

from simulator.machines.scnn.layout.planes import cut_planes
from simulator.machines.scnn.layout.streams import layout
from simulator.run.simulate import simulate
from workloads.workload import Workload
from zeroskip import load_arch

configuration = cache(load_arch)


def counts_of(machine, arch, layer):
    return simulate(configuration(machine)._replace(arch=arch), Workload("drawn", "drawn", None, layer)).run.counts


def ceil(dividend, divisor):
    return -(-dividend // divisor)


def entries(values, bits):
    """How many entries hold the values: the non-zeros, and a placeholder wherever 2**bits zeros stand before one."""
    stored = zeros = 0
    for value in values:
        zeros += 1
        if value:
            stored += ceil(zeros, 1 << bits)
            zeros = 0
    return stored


def slices(arch, layer):
    """For each pass, column and PE of EIE: entries of the slice, placeholders included, and non-zeros."""
    step = arch.pes * arch.activation_registers if arch.batching else layer.outputs
    dense = np.zeros((layer.activation.size, layer.outputs), int)
    for column, (begin, end) in enumerate(pairwise(layer.columns.start)):
        dense[column, layer.columns.row[begin:end]] = 1
    parts = [[column[first : first + step] for column in dense] for first in range(0, layer.outputs, step)]
    rows = [[[column[pe :: arch.pes].tolist() for pe in range(arch.pes)] for column in part] for part in parts]
    return np.array([[[(entries(row, arch.index_bits), sum(row)) for row in pes] for pes in part] for part in rows])


@given(layers.machines, layers.drawn_layers)
def test_eie_entries_and_padding(arch, layer):
    stored, values = np.moveaxis(slices(arch, layer)[:, layer.activation != 0], -1, 0).sum(axis=(1, 2))
    counts = counts_of("eie", arch, layer)
    assert counts.entries.tolist() == stored.tolist()
    assert counts.padding.tolist() == (stored - values).tolist()


@given(layers.machines, layers.drawn_layers)
@example(layers.PLAIN._replace(batching=1, activation_registers=3), layers.drawn(1, 6, 7, 0.5, 0.5, True, False))
def test_eie_reads_and_writes_the_activation_sram_where_vectors_exceed_the_registers(arch, layer):
    counts = counts_of("eie", arch, layer)
    for pe in range(arch.pes):
        mine = [len(range(pe, size, arch.pes)) for size in (layer.inputs, layer.outputs)]
        assert [counts.activation_sram_reads[pe], counts.activation_sram_writes[pe]] == sram_words(arch, layer, *mine)


def sram_words(arch, layer, inputs, outputs):
    """Words that a PE with these numbers of inputs and outputs reads, for each pass anew, and writes."""
    registers = arch.activation_registers
    passes = ceil(layer.outputs, arch.pes * registers)
    batches = ceil(layer.inputs, arch.pes * registers)

    def words(elements, parts):
        sizes = [min(registers, max(0, elements - part * registers)) for part in range(parts)]
        return sum(ceil(16 * size, arch.activation_sram_width_bits) for size in sizes) if parts > 1 else 0

    return [passes * words(inputs, batches), words(outputs, passes)] if arch.batching else [0, 0]


@given(layers.machines, layers.drawn_layers)
def test_eie_fills_memories_that_do_not_hold_the_layer_from_dram(arch, layer):
    stored = slices(arch, layer)[..., 0]
    passes, columns, _ = stored.shape
    needed = stored.sum(axis=(0, 1)).max(), passes * (columns + 1)
    sizes = arch.weight_bits + arch.index_bits, arch.pointer_bits
    room = 8 * arch.spmat_bytes // sizes[0], 8 * arch.pointer_bytes // sizes[1]
    filled = [need > fit for need, fit in zip(needed, room, strict=True)]
    words = [0] * arch.pes
    for part in stored:
        for segment in segments(part, filled, room):
            for pe, held in enumerate(segment.sum(axis=0)):
                words[pe] += ceil(filled[0] * held * sizes[0] + filled[1] * (len(segment) + 1) * sizes[1], 32)
    assert counts_of("eie", arch, layer).dram_words.tolist() == words


def segments(columns, filled, room):
    """Columns, one or more at a time: as many as every PE's filled memories hold, whose segment has a pointer more."""
    first = 0
    for end in range(1, len(columns) + 1):
        following = columns[first : end + 1]
        exceeds = following.sum(axis=0).max() > room[0], len(following) + 1 > room[1]
        if end == len(columns) or (filled[0] and exceeds[0]) or (filled[1] and exceeds[1]):
            yield columns[first:end]
            first = end


def phases(layer):
    """For each phase of the stride: whether an input's row and column, and a kernel's, belong to it."""
    (down, across), (top, left) = layer.stride, layer.padding[:2]
    (high, wide), (tall, broad) = layer.activation.shape[1:], layer.weight.shape[2:]
    for i in range(down):
        for j in range(across):
            inputs = (
                [y for y in range(high) if (y + top) % down == i],
                [x for x in range(wide) if (x + left) % across == j],
            )
            yield inputs, (range(i, tall, down), range(j, broad, across))


def stored_inputs(arch, layer, planes):
    """Entries in each IARAM, [bands][pes]: a block for each channel and phase of a tile."""

    def count(top, left, bottom, right):
        total = 0
        for (rows, columns), _ in phases(layer):
            for plane in layer.activation:
                block = [plane[y, x] for y in rows if top <= y < bottom for x in columns if left <= x < right]
                total += entries(block, arch.index_bits) if arch.skip_activations else len(block)
        return total

    return [[count(*tile) for tile in band] for band in planes.tile.tolist()]


def fewest_bands(arch, layer):
    """The first planes that fit IARAM and accumulators, or those with tiles of one row; and their stored inputs."""
    for bands in range(1, layer.activation.shape[1] + 1):
        rows = ceil(layer.activation.shape[1], arch.rows * bands)
        planes = cut_planes(arch, layer, rows)
        stored = stored_inputs(arch, layer, planes)
        fits = np.max(stored) * arch.activation_entry_bits <= 8 * arch.iaram_bytes
        held = np.prod(planes.pitch) <= arch.banks * arch.bank_entries
        if rows == 1 or ((fits or not arch.fit_iaram) and (held or not arch.fit_accumulators)):
            return planes, stored
    raise AssertionError("a tile of one row is always tried")


def group_channels(arch, layer, planes):
    """Kc: as many output channels as the banks hold, as asked for, and as there are."""
    most = min(layer.outputs // layer.groups, arch.group_channels or layer.outputs)
    held, (rows, columns) = [0] * arch.banks, planes.pitch
    step = rows * columns if arch.linear_banks else arch.bank_step
    for channel in range(most if arch.fit_accumulators else 0):
        for place in np.ndindex(rows, columns):
            held[(channel * step + place[0] * columns + place[1]) % arch.banks] += 1
        if channel and max(held) > arch.bank_entries:
            return channel
    return most


def weight_blocks(arch, layer, planes):
    """Entries of each block of weights: an input channel and a phase of a group of output channels."""
    per_group, together = layer.outputs // layer.groups, group_channels(arch, layer, planes)
    for group in range(layer.groups):
        channels = range(group * per_group, (group + 1) * per_group)
        for first in channels[::together]:
            outputs = [k for k in channels if first <= k < first + together]
            for c in range(layer.weight.shape[1]):
                for _, (rows, columns) in phases(layer):
                    block = [layer.weight[k, c, i, j] for k in outputs for i in rows for j in columns]
                    yield entries(block, arch.index_bits) if arch.skip_weights else len(block)


@given(scnn_layers.machines, scnn_layers.drawn_layers, st.integers(1, 9))
def test_scnn_groups_are_as_large_as_the_banks_allow(arch, layer, times):
    wide = layer._replace(weight=np.repeat(layer.weight, times, axis=0), bias=None)
    (streams,) = layout(arch, wide)
    assert max(doing.outputs for doing in streams.rounds) == group_channels(arch, wide, streams.planes)


@given(scnn_layers.machines, scnn_layers.drawn_layers)
def test_scnn_reads_all_weights_for_each_band_and_moves_inputs_and_sums_of_several_bands(arch, layer):
    planes, inputs = fewest_bands(arch, layer)
    bands, counts = len(planes.tile), counts_of("scnn", arch, layer)
    blocks, bits = list(weight_blocks(arch, layer, planes)), 16 + arch.skip_weights * arch.index_bits
    assert counts.broadcasts.tolist() == [bands * sum(ceil(stored, arch.weights_per_vector) for stored in blocks)]
    assert counts.dram_weight_bytes.tolist() == [bands * ceil(sum(blocks) * bits, 8)]
    bits = 16 + arch.skip_activations * arch.index_bits
    loaded = [sum(ceil(band[pe] * bits, 8) for band in inputs) for pe in range(arch.pes)]
    held = max(max(band) for band in inputs) * bits <= 8 * arch.iaram_bytes
    assert counts.dram_input_bytes.tolist() == ([0] * arch.pes if bands == 1 and held else loaded)
    assert counts.dram_sum_bytes.tolist() == [2 * 3 * layer.outputs * sum(planes.unfinished.tolist())]


@given(scnn_layers.machines, scnn_layers.drawn_layers, st.sampled_from([-1, 0, 1]))
def test_scnn_writes_outputs_to_dram_if_one_oaram_is_too_small(arch, layer, spare):
    """The fullest OARAM has `spare` bytes more than its outputs take."""
    held, bits = [0] * arch.pes, 16 + arch.skip_activations * arch.index_bits
    result = naive(layer).reshape(layer.outputs, *layer.output_plane)
    for band in fewest_bands(arch, layer)[0].owned.tolist():
        for pe, (top, left, bottom, right) in enumerate(band):
            for plane in result[:, top:bottom, left:right]:
                held[pe] += entries(plane.ravel(), arch.index_bits) if arch.skip_activations else plane.size
    arch = arch._replace(oaram_bytes=ceil(max(held) * bits, 8) + spare)
    counts = counts_of("scnn", arch, layer)
    assert counts.oaram_writes.tolist() == held
    overflows = max(held) * bits > 8 * arch.oaram_bytes
    assert counts.dram_output_bytes.tolist() == [overflows * ceil(one * bits, 8) for one in held]


@given(dense_machines.machines, scnn_layers.drawn_layers, st.sampled_from([-2, -1, 0, 1]))
def test_dense_dram_bytes(arch, layer, spare):
    """The SRAM holds inputs and outputs together where it has `spare` >= 0 bytes more than they take."""
    values = layer.activation.size + naive(layer).size
    arch = arch._replace(sram_bytes=2 * values + spare)
    counts = counts_of("dcnn", arch, layer)

    def traffic(words):
        stored = ceil(entries(words.ravel().tolist(), arch.index_bits) * (16 + arch.index_bits), 8)
        return min(stored, 2 * words.size) if arch.compress_traffic else 2 * words.size

    moved = [traffic(layer.activation), traffic(naive(layer))] if spare < 0 else [0, 0]
    outputs = layer.outputs // layer.groups
    groups = [
        layer.weight[group * outputs + first : group * outputs + min(first + arch.group_channels, outputs)]
        for group in range(layer.groups)
        for first in range(0, outputs, arch.group_channels)
    ]
    assert counts.dram_weight_bytes.tolist() == [sum(map(traffic, groups))]
    assert [counts.dram_input_bytes.tolist(), counts.dram_output_bytes.tolist()] == [[one] for one in moved]
