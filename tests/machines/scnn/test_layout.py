"""How a convolution is laid out on SCNN, and what does not fit."""

import numpy as np
import pytest
from hypothesis import given
from support.layers import pictured
from support.scnn_layers import PLAIN, convolution, drawn, drawn_layers, machines

from simulator.config.load import parse_changes
from simulator.machines.scnn import MACHINE
from simulator.machines.scnn.engine import run as engine
from simulator.machines.scnn.layout.blocks import compress
from simulator.machines.scnn.layout.planes import channels_per_group
from simulator.machines.scnn.layout.streams import layout, violations
from workloads.compression.run_length import to_run_lengths
from workloads.errors import InputError
from zeroskip import load_arch

ARRAY = PLAIN._replace(rows=8, columns=8, banks=32)


def layer_of(high, wide, kernel, padding=0, channels=1, outputs=1):
    weight, activation = np.ones((outputs, channels, kernel, kernel)), np.ones((channels, high, wide))
    return convolution(weight, activation, padding=(padding,) * 4)


@given(machines, drawn_layers)
def test_tiles_and_owned_outputs_cover_the_planes_once(arch, layer):
    (streams,) = layout(arch, layer)
    for part, plane in ((streams.planes.tile, layer.activation.shape[1:]), (streams.planes.owned, layer.output_plane)):
        covered = np.zeros(plane, int)
        for top, left, bottom, right in part.reshape(-1, 4).tolist():
            covered[top:bottom, left:right] += 1
        assert (covered == 1).all()
    assert np.count_nonzero(streams.weights.value) == np.count_nonzero(layer.weight)
    assert np.count_nonzero(streams.activations.value) == np.count_nonzero(layer.activation)


@pytest.mark.parametrize(("plane", "busy"), [(28, 49), (14, 49), (7, 49), (56, 64), (13, 49), (27, 49)])
def test_tiles_are_ragged(plane, busy):
    (streams,) = layout(ARRAY, layer_of(plane, plane, 1))
    sizes = (streams.planes.tile[0, :, 2:] - streams.planes.tile[0, :, :2]).prod(axis=1)
    assert np.count_nonzero(sizes) == busy
    assert sizes.max() == (-(-plane // 8)) ** 2


def test_blocks_are_run_lengths():
    rng = np.random.default_rng(0)
    dense = np.where(rng.random((5, 90)) < 0.05, 7, 0).astype(np.int16)
    blocks = compress(dense, np.arange(90, dtype=np.int32), 4, 1)
    for b, row in enumerate(dense):
        held = slice(blocks.start[b], blocks.start[b + 1])
        zeros, stored = to_run_lengths(row, 4)
        np.testing.assert_array_equal(blocks.zeros[held], zeros)
        np.testing.assert_array_equal(blocks.value[held], stored)
    whole = compress(dense, np.arange(90, dtype=np.int32), 4, 0)
    assert whole.value.size == dense.size
    assert not whole.zeros.any()


def test_a_group_has_as_many_channels_as_the_banks_hold():
    arch = ARRAY._replace(bank_step=7)  # 1,024 sums
    (streams,) = layout(arch, layer_of(14, 14, 3, padding=1, outputs=70))
    assert streams.planes.pitch == (4, 4)
    assert [doing.outputs for doing in streams.rounds] == [64, 6]  # 64 x 16 sums fill all banks evenly
    assert channels_per_group(arch._replace(group_channels=8), streams.planes, 70) == 8
    assert channels_per_group(arch._replace(bank_step=0), streams.planes, 70) == 32  # 16 banks are never used


def test_a_layer_is_cut_into_as_few_bands_as_fit():
    arch = ARRAY._replace(iaram_bytes=40)  # 16 activations
    assert len(layout(arch, layer_of(32, 32, 1))[0].planes.tile) == 1
    assert len(layout(arch, layer_of(32, 32, 1, channels=2))[0].planes.tile) == 2
    assert violations(arch, layout(arch, layer_of(32, 32, 1, channels=4))) == []
    assert violations(arch, layout(arch, layer_of(32, 32, 1, channels=5))) == [
        "IARAM: PE 0 needs 20 entries for a tile of one row, 16 fit "
        "(the rest comes from DRAM: energy is counted, time is not)"
    ]
    (streams,) = layout(arch, layer_of(32, 32, 3, padding=1, channels=4))
    assert streams.planes.unfinished.tolist() == [2 * 32, 2 * 32, 2 * 32, 0]


def test_a_region_that_no_buffer_holds_is_named():
    arch = PLAIN._replace(rows=1, columns=1, bank_entries=2)
    assert violations(arch, layout(arch, layer_of(1, 17, 1))) == [
        "accumulators: a channel's region has 17 sums, 16 fit"
    ]


def test_figures_of_merit():
    arch = PLAIN._replace(columns=1)
    run = engine.run(arch, layout(arch, convolution([[[[1]]], [[[2]]], [[[3]]]], [[[1, 2, 3]]]))[0])
    found = MACHINE.figures(arch, run.cycles, run.counts).to_dict()
    assert (found["entries"], found["padding_entries"], found["multiplies"]) == (9, 0, 9)
    assert found["theoretical_cycles"] == 9 / 4
    assert found["load_balance"] == 4 / 9
    assert found["utilisation"] == 1 / 4
    assert MACHINE.units(ARRAY) == {"machine": 1, "pe": 64, "multiplier": 256}


def test_one_sided_machines_make_more_steps_and_the_same_products():
    layer = drawn(4, 1, 4, 8, (3, 3), (8, 8), 0.3, 0.4, (1, 1), (1, 1, 1, 1), bias=False, relu=True)
    runs = {}
    for weights, activations in ((1, 1), (1, 0), (0, 1), (0, 0)):
        arch = PLAIN._replace(skip_weights=weights, skip_activations=activations)
        runs[weights, activations] = engine.run(arch, layout(arch, layer)[0])
    steps = {key: int(run.counts.fifo_reads.sum()) for key, run in runs.items()}
    assert steps[1, 1] < min(steps[1, 0], steps[0, 1])
    assert max(steps[1, 0], steps[0, 1]) < steps[0, 0]
    assert len({int(run.counts.multiplies.sum()) for run in runs.values()}) == 1


@pytest.mark.parametrize("setting", ["rows=0", "banks=1025", "queue_depth=0", "weight_bits=8", "skip_weights=2"])
def test_limits_of_the_architecture(setting):
    key, _, value = setting.partition("=")
    with pytest.raises(InputError, match=rf"{key} is {value} \(set by the user\); expected "):
        load_arch("scnn", **parse_changes([setting]))


def test_what_cannot_run_is_named():
    with pytest.raises(InputError, match="pictured: its kind is fully connected; expected convolution"):
        layout(PLAIN, pictured("1", [1]))
    with pytest.raises(InputError, match="written: shift is 31; expected an integer from 0 to 30"):
        layout(PLAIN, convolution([[[[1]]]], [[[1]]], shift=31))
    assert MACHINE.problem(PLAIN._replace(iaram_bytes=2)) == "iaram_bytes is 2; expected room for one entry of 20 bits"
