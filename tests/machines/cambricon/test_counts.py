"""Cambricon's counts by formulas over the layer's elements; pieces, tiles, loads and what does not fit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.cambricon_machines import OWN, PLAIN, machines
from support.scnn_layers import convolution, drawn, drawn_layers

from simulator.machines.cambricon import MACHINE
from simulator.machines.cambricon.engine import run as engine
from simulator.machines.cambricon.layout.streams import layout, violations
from workloads.errors import InputError
from zeroskip import load_arch, simulate


def windows(layer):
    """The inputs of each output, int64 [groups, places, inputs of an output]; padding is zero."""
    (down, across), (top, left, bottom, right), (high, wide) = layer.stride, layer.padding, layer.output_plane
    padded = np.pad(layer.activation.astype(int), ((0, 0), (top, bottom), (left, right)))
    tall, broad = layer.weight.shape[2:]
    channels = layer.weight.shape[1]
    seen = [
        padded[:, y * down : y * down + tall, x * across : x * across + broad] for y in range(high) for x in range(wide)
    ]
    split = [[one[g * channels : (g + 1) * channels].ravel() for one in seen] for g in range(layer.groups)]
    return np.array(split)


def ceil(dividend, divisor):
    return -(-dividend // divisor)


@given(machines, drawn_layers)
def test_pairs_and_outputs_of_each_pe(arch, layer):
    """PE k has the outputs k, k + PEs, ... of each group; with a shared selector those of a batch share places."""
    counts = engine.run_without_output(arch, layout(arch, layer)[0]).counts
    active, each = windows(layer) != 0, layer.outputs // layer.groups
    flat = layer.weight.reshape(layer.groups, each, -1) != 0
    useful, pairs, outputs = np.zeros((3, arch.pes), int)
    for group in range(layer.groups):
        for output in range(each):
            pe, first = output % arch.pes, output - output % arch.pes
            batch = flat[group, first : first + arch.pes] if arch.shared_selector else flat[group, output : output + 1]
            kept = batch.any(axis=0) | (not arch.skip_weights)
            useful[pe] += (active[group] & flat[group, output]).sum()
            pairs[pe] += (kept & (active[group] | (not arch.skip_activations))).sum()
            outputs[pe] += len(active[group])
    assert counts.multiplies.tolist() == useful.tolist()
    assert (counts.multiplies + counts.padding).tolist() == pairs.tolist()
    pieces = len(layout(arch, layer)[0].pieces)
    assert counts.sum_writes.tolist() == (outputs * pieces).tolist()
    assert counts.sum_reads.tolist() == (outputs * (pieces - 1)).tolist()
    assert counts.dram_output_bytes.tolist() == [2 * outputs.sum()]


@given(machines, drawn_layers)
def test_an_output_of_m_pairs_takes_as_many_cycles_as_rows_of_multipliers(arch, layer):
    """Where windows do not bind and an output's inputs are one piece: ceil(M / multipliers) cycles, at least one."""
    arch = arch._replace(neuron_window=1 << 16, synapse_window=1 << 16)
    arch = arch._replace(nbin_bytes=1 << 20, sb_bytes=1 << 20, index_bytes=1 << 20, step_rows=0)
    counts = engine.run_without_output(arch, layout(arch, layer)[0]).counts
    active, each = windows(layer) != 0, layer.outputs // layer.groups
    flat, size = layer.weight.reshape(layer.groups, each, -1) != 0, arch.pes if arch.shared_selector else 1
    cycles = 0
    for group in range(layer.groups):
        for first in range(0, each, size):
            kept = flat[group, first : first + size].any(axis=0) | (not arch.skip_weights)
            pairs = (kept & (active[group] | (not arch.skip_activations))).sum(axis=1)
            cycles += np.maximum(1, ceil(pairs, arch.multipliers)).sum()
    assert counts.neuron_reads.sum() == cycles


@given(machines, drawn_layers)
def test_events_of_a_cycle_go_together(arch, layer):
    run = engine.run_without_output(arch, layout(arch, layer)[0])
    counts, busy = run.counts, run.reasons.compute
    assert (counts.neuron_reads + counts.step_reads).tolist() == busy.tolist()
    own = arch.skip_weights and not arch.shared_selector and arch.step_rows
    expected = counts.neuron_reads // arch.step_rows if own else 0 * busy
    assert counts.step_reads.tolist() == expected.tolist()
    assert counts.selections.sum() in (0, counts.neuron_reads.sum())
    assert (counts.selections.sum() > 0) == bool(arch.skip_weights or arch.skip_activations)
    assert counts.index_reads.sum() == counts.neuron_reads.sum() * (arch.skip_weights and arch.shared_selector)
    assert counts.synapse_selections.sum() == counts.weight_reads.sum() * arch.skip_activations
    assert counts.decodes.sum() == counts.weight_reads.sum() * (arch.weight_bits < 16)
    if not arch.shared_selector:
        assert counts.weight_reads.tolist() == counts.neuron_reads.tolist()


@pytest.mark.parametrize("bits", [4, 8, 16])
def test_stored_bytes_of_a_shared_index_and_of_steps(bits):
    # 20 inputs, 2 outputs: 5 places, the last one 11 after the one before: steps of 2 bits need 2 fillers
    weight = np.zeros((2, 20, 1, 1), int)
    weight[0, [0, 1, 3], 0, 0] = weight[1, [3, 7, 18], 0, 0] = 1
    layer = convolution(weight, np.ones((20, 1, 1)))
    shared = PLAIN._replace(weight_bits=bits, sb_bytes=4096)
    counts = engine.run(shared, layout(shared, layer)[0]).counts
    assert counts.dram_weight_bytes.tolist() == [5 * 2 * bits // 8]
    assert counts.dram_index_bytes.tolist() == [ceil(20, 8)]
    own = OWN._replace(weight_bits=bits, sb_bytes=4096)  # 3 weights; 3 and 2 + 1 + 0 fillers: 4 and 3 - 1 zeros before
    counts = engine.run(own, layout(own, layer)[0]).counts
    fillers = 0 + (0 + 0 + 2)
    assert counts.dram_weight_bytes.tolist() == [ceil(3 * bits, 8) + ceil((3 + fillers) * bits, 8)]
    assert counts.dram_index_bytes.tolist() == [ceil(3 * 2, 8) + ceil((3 + fillers) * 2, 8)]
    dense = shared._replace(skip_weights=0)
    counts = engine.run(dense, layout(dense, layer)[0]).counts
    assert (counts.dram_weight_bytes.tolist(), counts.dram_index_bytes.tolist()) == ([40 * bits // 8], [0])


@given(st.integers(1, 70), st.sampled_from([32, 64, 200]), st.floats(0, 1), st.integers(0, 99))
def test_pieces_are_the_fewest_of_equal_size_that_fit(inputs, room, density, seed):
    rng = np.random.default_rng(seed)
    layer = convolution((rng.random((3, inputs, 1, 1)) < density).astype(int), np.ones((inputs, 1, 1)))
    arch = OWN._replace(sb_bytes=room, nbin_bytes=128, multipliers=4)
    (streams,) = layout(arch, layer)
    parts, flat = streams.pieces, layer.weight.reshape(3, -1) != 0
    assert parts[0, 0] == 0
    assert parts[-1, 1] == inputs
    assert parts[1:, 0].tolist() == parts[:-1, 1].tolist()
    sizes = np.diff(parts, axis=1).ravel()
    assert (sizes[:-1] == sizes[0]).all()
    assert sizes.max() <= 32  # half of 128 bytes
    for first, end in parts.tolist():
        assert flat[:, first:end].sum(axis=1).max(initial=0) <= room // 2
    if len(parts) > 1:
        assert sizes[0] % 4 == 0
        larger = ceil(ceil(inputs, len(parts) - 1), 4) * 4
        cut = [slice(first, first + larger) for first in range(0, inputs, larger)]
        assert larger > 32 or max(flat[:, one].sum(axis=1).max() for one in cut) > room // 2


@given(machines, drawn_layers)
def test_a_load_fits_its_slot_and_inputs_their_half(arch, layer):
    (streams,) = layout(arch, layer)
    jobs, stored = streams.jobs, streams.stored
    outputs = (stored.owners[:, 1] - stored.owners[:, 0])[jobs.owner]
    each = ceil(stored.weight_bytes[jobs.owner, jobs.piece], outputs)
    once = jobs.tile == 0 if streams.weights_outermost else slice(None)
    used = np.bincount(jobs.load[once], each[once])
    alone = np.bincount(jobs.load[once]) == 1
    assert ((used <= arch.sb_bytes // arch.sb_slots) | alone).all()
    if not violations(arch, [streams]):
        assert streams.content_bytes.max() <= arch.nbin_bytes // 2


def test_what_does_not_fit_and_what_does_not_run():
    layer = convolution(np.arange(60).reshape(2, 30, 1, 1), np.ones((30, 1, 1)))
    assert violations(PLAIN, layout(PLAIN, layer)) == []
    arch = PLAIN._replace(weight_bits=4)
    assert violations(arch, layout(arch, layer)) == ["decoder: the weights have 60 levels, a table of 16 fits"]
    wide = convolution(np.ones((1, 1, 9, 9)), np.ones((1, 9, 9)))
    assert violations(PLAIN, layout(PLAIN, wide)) == ["NBin: the inputs of an output are 81, a half holds 32"]
    with pytest.raises(InputError, match="written: shift is 31; expected an integer from 0 to 30"):
        layout(PLAIN, layer._replace(shift=31))
    assert MACHINE.problem(PLAIN._replace(weight_bits=5)) == "weight_bits is 5; expected one of 4, 8, 16"
    assert MACHINE.problem(OWN._replace(skip_activations=1)).startswith("skip_activations is 1 with shared_selector 0")


def test_more_than_the_most_jobs_are_refused():
    layer = drawn(0, 1, 1, 300, (1, 1), (300, 300), 0.5, 0.5, (1, 1), (0, 0, 0, 0), bias=False, relu=False)
    arch = OWN._replace(nbin_bytes=32, nbout_bytes=32)
    with pytest.raises(InputError, match=r"drawn: it makes [\d,]+ jobs; expected at most 16,777,216"):
        layout(arch, layer._replace(weight=np.repeat(layer.weight, 9, axis=0)))


def test_weights_take_the_bits_and_the_blocks_that_the_machine_asks_for():
    for bits, levels in ((4, 16), (8, 256), (16, 1 << 16)):
        config = load_arch("cambricon_s", weight_bits=bits)
        for layer in ("alexnet-conv3", "alexnet-fc8"):
            result = simulate(config, layer, scale=0.1)
            kernel = result.workload.layer.kernel
            assert result.output_matches_reference
            assert np.unique(kernel).size <= levels
            assert not any("decoder" in one for one in result.violations)
            kept = kernel.reshape(len(kernel), -1)[:16] != 0
            share = kept[:, kept.any(axis=0)].mean()
            assert share > 0.6  # of the places in the index; single weights would give the density


@given(machines, drawn_layers)
def test_outputs_of_16_bits_leave_after_their_last_piece_in_chunks(arch, layer):
    """With chunks of a byte, every output is two of them; a transfer has at least one chunk."""
    arch = arch._replace(chunk_bytes=1)
    (streams,) = layout(arch, layer)
    jobs, owners = streams.jobs, streams.stored.owners
    areas = [(bottom - top) * (right - left) for top, left, bottom, right in streams.tiles.tolist()]
    last = len(streams.pieces) - 1
    expected = [
        max(1, 2 * int(owners[owner, 1] - owners[owner, 0]) * areas[tile]) if piece == last else 0
        for owner, tile, piece in zip(jobs.owner.tolist(), jobs.tile.tolist(), jobs.piece.tolist(), strict=True)
    ]
    assert jobs.writes.tolist() == expected
