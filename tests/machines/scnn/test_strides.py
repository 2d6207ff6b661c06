"""Strides up to 60: what is laid out follows the weights and inputs that there are, not the square of the stride."""

import time
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from support.paths import EXAMPLES
from support.scnn_layers import PLAIN, convolution, drawn, layers_up_to, machines, naive, run_twins

from simulator.core.run import first_difference
from simulator.machines.scnn.engine import run as engine
from simulator.machines.scnn.layout.streams import layout, stored_activations
from simulator.machines.scnn.model import units as model
from simulator.machines.scnn.model.tile import Tile, read_activations, read_weights
from workloads.compression.run_length import to_run_lengths
from workloads.kinds import kind_of
from zeroskip import load_arch, run

long_strides = layers_up_to(channels=2, kernel=7, plane=16, stride=60, padding=40)


def phase_of(layer, row, column):
    """The phase of a place in the kernel or in the padded input."""
    return row % layer.stride[0], column % layer.stride[1]


def input_phase(layer, row, column):
    """The phase of a place in the input."""
    return phase_of(layer, row + layer.padding[0], column + layer.padding[1])


def meeting_pairs(layer):
    """Pairs of a non-zero weight and a non-zero input of one phase, counted by channel and phase."""
    outputs, inputs = layer.outputs // layer.groups, layer.weight.shape[1]
    weights = Counter(
        (k // outputs * inputs + c, phase_of(layer, i, j)) for k, c, i, j in np.argwhere(layer.weight).tolist()
    )
    active = Counter((c, input_phase(layer, y, x)) for c, y, x in np.argwhere(layer.activation).tolist())
    return sum(count * active[key] for key, count in weights.items())


def stored_in_tile(arch, layer, tile):
    """Entries of one tile, int: a block for each channel and each phase of its places."""
    top, left, bottom, right = tile
    places = [(y, x) for y in range(top, bottom) for x in range(left, right)]
    blocks = {}
    for y, x in places:
        blocks.setdefault(input_phase(layer, y, x), []).append((y, x))
    if not arch.skip_activations:
        return len(places) * layer.inputs
    words = ([plane[place] for place in block] for block in blocks.values() for plane in layer.activation)
    return sum(to_run_lengths(np.array(block), arch.index_bits)[0].size for block in words)


@settings(max_examples=EXAMPLES // 2)
@given(machines, long_strides)
def test_model_engine_and_convolution_agree_for_long_strides(arch, layer):
    found, _ = run_twins(layout, model, engine, arch, layer)
    assert found.counts.multiplies.sum() == meeting_pairs(layer)


@given(machines, long_strides)
def test_phases_are_those_of_the_stored_weights(arch, layer):
    (streams,) = layout(arch, layer)
    stored = layer.weight if arch.skip_weights else np.ones_like(layer.weight)
    expected = {phase_of(layer, i, j) for _, _, i, j in np.argwhere(stored).tolist()}
    assert streams.phases == tuple(sorted(expected))
    blocks = len(streams.phases) * layer.inputs + 1
    assert streams.activations.start.size == streams.planes.tile.shape[0] * arch.pes * blocks + 1


@given(machines, long_strides)
def test_inputs_that_no_weight_meets_are_stored_all_the_same(arch, layer):
    (streams,) = layout(arch, layer)
    expected = [[stored_in_tile(arch, layer, tile) for tile in band] for band in streams.planes.tile.tolist()]
    assert stored_activations(streams).tolist() == expected
    assert np.count_nonzero(streams.activations.value) == np.count_nonzero(layer.activation)


@given(machines, long_strides)
def test_blocks_hold_the_weights_and_inputs_of_their_phase_and_channel(arch, layer):
    (streams,) = layout(arch, layer)
    for number, work in enumerate(streams.rounds):
        outputs = range(work.first_output, work.first_output + work.outputs)
        for phase, place in enumerate(streams.phases):
            for c, block in enumerate(streams.weight_blocks(phase, number)):
                expected = [
                    (layer.weight[k, c, i, j], k, i, j)
                    for k in outputs
                    for i, j in np.argwhere(layer.weight[k, c]).tolist()
                    if phase_of(layer, i, j) == place
                ]
                assert [one for one in read_weights(streams, number, phase, block) if one.value] == expected
            for pe in range(arch.pes):
                tile = Tile(streams, number, pe)
                (top, left, bottom, right) = tile.inputs
                for c, block in enumerate(streams.activation_blocks(phase, number, pe), work.first_input):
                    expected = [
                        (layer.activation[c, y, x], y, x)
                        for y, x in np.argwhere(layer.activation[c]).tolist()
                        if input_phase(layer, y, x) == place and top <= y < bottom and left <= x < right
                    ]
                    found = read_activations(streams, tile, phase, block)
                    assert [one for one in found if one.value] == expected


@pytest.mark.parametrize("name", ["scnn_8x8", "scnn_paper"])
@pytest.mark.parametrize("stride", [1, 3, 7, 16, 31, 48, 60])
def test_a_grouped_and_padded_layer_of_any_stride_is_its_reference_kernel(name, stride):
    arch, padding = load_arch(name).arch, (1, 2, 3, 0)
    layer = drawn(stride, 2, 3, 4, (5, 3), (66, 61), 0.6, 0.5, (stride, stride), padding, bias=True, relu=True)
    run = engine.run(arch, layout(arch, layer)[0])
    np.testing.assert_array_equal(run.output, kind_of(layer).reference(layer))
    assert run.counts.multiplies.sum() == meeting_pairs(layer)


@pytest.mark.parametrize("stride", [(1, 1), (5, 48)])
def test_a_layer_without_weights_has_no_phase(stride):
    layer = drawn(0, 1, 2, 3, (2, 3), (9, 9), 0.0, 0.7, stride, (0, 1, 1, 0), bias=True, relu=False)
    (streams,) = layout(PLAIN, layer)
    run = engine.run(PLAIN, streams, 1000)
    assert first_difference(model.run(PLAIN, streams, 1000), run) is None
    np.testing.assert_array_equal(run.output, naive(layer))
    assert streams.phases == ()
    assert run.counts.broadcasts.tolist() == [0]
    assert stored_activations(streams).sum() > 0


def test_the_model_reads_activations_only_for_blocks_with_weights(monkeypatch):
    # stride 50: each of the three weights is in a phase and channel without any other
    weight = np.zeros((1, 2, 2, 2))
    weight[0, 0, 0, 0], weight[0, 0, 1, 1], weight[0, 1, 1, 0] = 1, 2, 3
    layer = convolution(weight, np.ones((2, 60, 60)), stride=(50, 50))
    arch, read = PLAIN._replace(bank_entries=1000, iaram_bytes=1 << 20), []

    def count(*given):
        read.append(given[2:])
        return read_activations(*given)

    monkeypatch.setattr(model, "read_activations", count)
    run = model.run(arch, layout(arch, layer)[0])
    assert len(read) == 3 * arch.pes
    assert run.counts.broadcasts.tolist() == [3]


def test_a_long_stride_takes_about_as_much_cpu_time_as_none():
    arch = load_arch("scnn_8x8").arch

    def seconds(stride):
        layer = drawn(0, 1, 3, 4, (3, 3), (60, 60), 0.8, 0.8, (stride, stride), (0, 0, 0, 0), bias=False, relu=True)
        spent = []
        for _ in range(3):
            begin = time.process_time()
            engine.run(arch, layout(arch, layer)[0])
            spent.append(time.process_time() - begin)
        return min(spent)

    assert seconds(48) < 20 * seconds(1)  # about as many seconds; 48 x 48 phases took 600 times as many


def test_a_stride_beyond_the_plane_takes_no_memory(tmp_path):
    weight, image = np.ones((2, 3, 3, 3)), np.ones((3, 5, 7))
    for stride in ((8, 8), (65_000, 65_000), (1, 65_000)):
        np.savez(tmp_path / "x.npz", weight=weight, activation=image, stride=np.array(stride), padding=np.array([1, 1]))
        for machine in ("scnn", "dcnn"):
            assert run(machine, tmp_path / "x.npz").total().output_matches_reference
