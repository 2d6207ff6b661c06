"""SCNN's planes, bands and traffic by naive counting, on random layers and on those that chance hardly finds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.scnn_layers import PLAIN, convolution, drawn_layers, machines

from simulator.core.run import first_difference
from simulator.machines.scnn import MACHINE
from simulator.machines.scnn.engine import run as engine
from simulator.machines.scnn.engine.output_entries import count_output_entries
from simulator.machines.scnn.layout.planes import channels_per_group, cut_planes
from simulator.machines.scnn.layout.streams import dram_sum_bytes, layout, output_bytes, violations
from simulator.machines.scnn.model import units as model
from simulator.machines.scnn.model.tile import Tile
from workloads.compression.run_length import to_run_lengths

SINGLE = PLAIN._replace(columns=1)


def twins(arch, layer):
    """What model and engine say alike."""
    (streams,) = layout(arch, layer)
    run = engine.run(arch, streams, 10**6)
    assert first_difference(model.run(arch, streams, 10**6), run) is None
    return streams, run


def ones(inputs, outputs, kernel, plane, **changes):
    return convolution(np.ones((outputs, inputs, *kernel)), np.ones((inputs, *plane)), **changes)


@given(machines, drawn_layers, st.integers(1, 4))
def test_an_output_row_is_finished_by_the_first_band_that_can(arch, layer, rows):
    planes, tall = cut_planes(arch, layer, rows), rows * arch.rows
    high, wide = layer.output_plane
    last_band = len(planes.tile) - 1
    finished = {}
    for row in range(high):
        # rows below the plane are padding, but only the last band knows that nothing follows
        bottom = row * layer.stride[0] - layer.padding[0] + layer.weight.shape[2] - 1
        finished[row] = max(0, min(bottom // tall, last_band))
    for band, owned in enumerate(planes.owned.tolist()):
        held = {row for top, left, bottom, right in owned if right > left for row in range(top, bottom)}
        assert held == {row for row in range(high) if finished[row] == band}
        end = tall * (band + 1)
        begun = [row for row in range(high) if row * layer.stride[0] - layer.padding[0] < end]
        assert planes.unfinished[band] == sum(finished[row] > band for row in begun) * wide


@given(machines, drawn_layers)
def test_regions_hold_what_inputs_reach(arch, layer):
    (streams,) = layout(arch, layer)
    (down, across), (top, left) = layer.stride, layer.padding[:2]
    planes = streams.planes
    for number, doing in enumerate(streams.rounds):
        for pe in range(arch.pes):
            (y0, x0, y1, x1), (north, west, south, east) = planes.tile[doing.band, pe], planes.region[doing.band, pe]
            if y0 == y1 or x0 == x1:
                assert south <= north or east <= west
                continue
            rows, columns = (
                {(p + before - k) // stride for p in range(a, z) for k in range(size) if (p + before - k) % stride == 0}
                for a, z, before, stride, size in (
                    (y0, y1, top, down, layer.weight.shape[2]),
                    (x0, x1, left, across, layer.weight.shape[3]),
                )
            )
            assert rows <= set(range(north, south))
            assert columns <= set(range(west, east))
            if (down, across) == (1, 1):
                assert (rows, columns) == (set(range(north, south)), set(range(west, east)))
            assert south - north <= planes.pitch[0]
            assert east - west <= planes.pitch[1]
            tile, held = Tile(streams, number, pe), np.zeros(arch.banks, int)
            for channel in tile.output_channels():
                for row in range(north, south):
                    for column in range(west, east):
                        held[tile.bank(arch, (channel, row, column))] += 1
            assert held.max() <= arch.bank_entries or doing.outputs == 1 or not arch.fit_accumulators


def test_bands_shorter_than_the_kernel_carry_sums_over_several_bands():
    # one row a band, four rows a kernel, no padding: the first output is finished by the fourth band
    arch, layer = SINGLE._replace(iaram_bytes=10), ones(1, 2, (4, 2), (6, 4))
    streams, run = twins(arch, layer)
    assert streams.planes.owned[:, 0, ::2].tolist() == [[0, 0], [0, 0], [0, 0], [0, 1], [1, 2], [2, 3]]
    assert streams.planes.unfinished.tolist() == [3, 6, 9, 6, 3, 0]  # 3 columns
    assert run.counts.dram_sum_bytes.tolist() == [2 * 27 * 2 * 3]  # there and back, 2 channels, 3 bytes
    assert dram_sum_bytes(arch, streams) == 324


def test_bands_are_cut_until_a_region_fits_the_accumulators():
    layer = ones(1, 1, (1, 1), (8, 4))
    for sums, bands in ((32, 1), (31, 2), (16, 2), (15, 3), (12, 3), (11, 4), (4, 8), (3, 8)):
        arch = SINGLE._replace(banks=1, bank_entries=sums)
        streams, _ = twins(arch, layer)
        assert len(streams.planes.tile) == bands
        assert bool(violations(arch, (streams,))) == (sums < 4)


def test_a_later_band_can_have_the_largest_region():
    # stride 3, 5 rows a band, 3 a kernel: they reach outputs 0 and 1, 1 to 3, 3 and 4
    planes = cut_planes(SINGLE, ones(1, 4, (3, 1), (15, 1), stride=(3, 1)), 5)
    assert planes.region[:, 0, ::2].tolist() == [[0, 2], [1, 4], [3, 5]]
    assert planes.pitch == (3, 1)


def test_rounds_go_through_bands_groups_and_channels():
    arch = SINGLE._replace(iaram_bytes=10, group_channels=2)
    streams, _ = twins(arch, ones(1, 6, (1, 1), (2, 2))._replace(groups=2, activation=np.ones((2, 2, 2), np.int16)))
    assert [tuple(doing) for doing in streams.rounds] == [
        (band, group, 3 * group + first, min(2, 3 - first))
        for band in range(2)
        for group in range(2)
        for first in (0, 2)
    ]


def test_the_automatic_group_need_not_divide_the_channels():
    streams, run = twins(SINGLE._replace(banks=2, bank_entries=4), ones(2, 5, (1, 1), (1, 4)))
    assert [doing.outputs for doing in streams.rounds] == [2, 2, 1]
    assert run.counts.multiplies.sum() == 5 * 2 * 4
    assert channels_per_group(SINGLE._replace(banks=2, bank_entries=4), streams.planes, 5) == 2


def test_bands_load_activations_and_their_weights():
    # two PEs, two bands of a row: 3 and 3 entries of 20 bits each (8 bytes); 3 weights of 20 bits (8 bytes)
    arch = PLAIN._replace(iaram_bytes=8, dram_bytes_per_kcycle=7000)
    streams, run = twins(arch, ones(1, 3, (1, 1), (2, 6)))
    assert len(streams.planes.tile) == 2
    assert run.counts.dram_input_bytes.tolist() == [16, 16]
    assert run.counts.dram_weight_bytes.tolist() == [16]
    assert streams.load_cycles.tolist() == [0, -(-(16 + 8) // 7)]


@pytest.mark.parametrize("skip", [0, 1])
def test_outputs_go_to_dram_if_one_oaram_is_too_small(skip):
    arch = PLAIN._replace(skip_activations=skip, iaram_bytes=1, oaram_bytes=10)
    bits = 20 if skip else 16
    fits = 80 // bits
    assert output_bytes(arch, np.array([fits, fits])).tolist() == [0, 0]
    spilled = [-(-fits * bits // 8), -(-(fits + 1) * bits // 8)]
    assert output_bytes(arch, np.array([fits, fits + 1])).tolist() == spilled


@given(st.integers(0, 1 << 30), st.integers(1, 4), st.sampled_from([0.02, 0.1, 0.5]))
def test_stored_outputs_are_run_lengths_with_placeholders(seed, bits, share):
    (streams,) = layout(PLAIN, ones(1, 2, (1, 1), (9, 14)))
    rng = np.random.default_rng(seed)
    result = (rng.random((2, 9, 14)) < share).astype(np.int16)
    found = count_output_entries(PLAIN._replace(index_bits=bits), streams.planes, result)
    halves = result[:, :, :7], result[:, :, 7:]
    assert found.tolist() == [sum(to_run_lengths(one.ravel(), bits)[0].size for one in half) for half in halves]


def test_queues_drain_while_a_pe_waits_for_a_block_without_activations():
    # one bank of depth 4: channel 0 fills it; channel 1 is empty and its six vectors come one
    # a cycle; channel 2 finds room
    arch = SINGLE._replace(banks=1, bank_entries=32, dram_bytes_per_kcycle=5000)
    weight = np.zeros((12, 3, 1, 1))
    weight[:2, 0], weight[:, 1], weight[:2, 2] = 1, 1, 1
    layer = convolution(weight, [[[1, 1]], [[0, 0]], [[1, 1]]])
    _, run = twins(arch, layer)
    assert run.counts.multiplies.tolist() == [8]
    assert run.reasons.bank_stall.tolist() == [0]


@pytest.mark.parametrize("fifo", [1, 2, 3])
def test_a_block_that_the_fifo_does_not_hold_is_done_in_parts(fifo):
    # 5 vectors of weights, 3 of activations, read again for each part
    _, run = twins(SINGLE._replace(fifo_vectors=fifo), ones(1, 10, (1, 1), (1, 6)))
    assert run.counts.iaram_reads.tolist() == [3 * -(-5 // fifo)]
    assert run.counts.fifo_reads.tolist() == [15]


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_placeholders_are_multiplied_by_nothing(bits):
    weight, activation = np.zeros((40, 1, 1, 1)), np.zeros((1, 1, 40))
    weight[[0, 39]], activation[0, 0, [3, 39]] = 2, 3
    streams, run = twins(SINGLE._replace(index_bits=bits, banks=40, bank_entries=40), convolution(weight, activation))
    entries = [2 + 38 // (1 << bits), 2 + 3 // (1 << bits) + 35 // (1 << bits)]
    assert [streams.weights.value.size, streams.activations.value.size] == entries
    assert run.counts.entries.tolist() == [entries[0] * entries[1]]
    assert run.counts.multiplies.tolist() == [4]


def test_an_oaram_entry_has_a_zero_count_only_on_a_machine_that_skips():
    assert MACHINE.problem(PLAIN._replace(oaram_bytes=2)) == "oaram_bytes is 2; expected room for one entry of 20 bits"
    assert MACHINE.problem(PLAIN._replace(oaram_bytes=2, iaram_bytes=2, skip_activations=0)) is None


@pytest.mark.parametrize(("skip", "entry"), [(0, 16), (1, 20)])
def test_a_word_has_a_zero_count_only_on_a_machine_that_skips_its_kind(skip, entry):
    weights, activations = PLAIN._replace(skip_weights=skip), PLAIN._replace(skip_activations=skip)
    assert (weights.weight_entry_bits, weights.activation_entry_bits) == (entry, 20)
    assert (activations.weight_entry_bits, activations.activation_entry_bits) == (20, entry)
    slow = weights._replace(dram_bytes_per_kcycle=3)
    assert slow.vector_millicycles == -(-(10**6) * (2 * entry // 8) // 3)


def test_a_trace_of_any_length_is_the_beginning_of_the_long_one():
    arch = PLAIN._replace(group_channels=1, ppu_width=1)
    (streams,) = layout(arch, ones(1, 3, (1, 1), (1, 6)))
    whole = engine.run(arch, streams, 10**6)
    for length in range(whole.cycles + 2):
        np.testing.assert_array_equal(engine.run(arch, streams, length).trace, whole.trace[:, :length])
