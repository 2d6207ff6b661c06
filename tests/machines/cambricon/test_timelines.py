"""Drawn timelines of Cambricon, each on the model and on the engine."""

import numpy as np
import pytest
from support.cambricon_machines import OWN, PLAIN
from support.scnn_layers import convolution

from simulator.core.trace import show
from simulator.machines.cambricon.engine import run as engine
from simulator.machines.cambricon.layout.streams import layout
from simulator.machines.cambricon.model import units as model

RUNNERS = pytest.mark.parametrize("runner", [model, engine], ids=["model", "engine"])


def connected(weight, inputs):
    """A fully connected layer: weights [outputs][inputs]."""
    return convolution(np.array(weight)[:, :, None, None], np.array(inputs)[:, None, None])


def draw(runner, arch, layer):
    return show(runner.run(arch, layout(arch, layer)[0], 100).trace).split("\n")


@RUNNERS
def test_a_shared_selector(runner):
    # the index keeps inputs 0, 2, 3 and 5 for both outputs; input 2 is zero: two pairs a cycle. The port sees requests
    # a cycle later, 8 bytes a cycle: 12 bytes of inputs, then 16 of weights and one of index; 4 bytes of outputs
    layer = connected([[1, 0, 1, 0, 0, 1], [1, 0, 1, 1, 0, 0]], [1, 1, 0, 1, 1, 1])
    assert draw(runner, PLAIN, layer) == [
        "wwwwwwmm..",
        ".ttttt...t",
    ]


@RUNNERS
def test_zero_inputs_take_no_cycle_but_the_window_of_synapses_does(runner):
    # 8 stored weights of which one input is not zero: four of them a cycle
    layer = connected([[1] * 8] * 2, [0, 0, 0, 0, 0, 0, 0, 1])
    arch = PLAIN._replace(chunks_per_cycle=64)
    assert draw(runner, arch, layer) == ["wwmm..", ".t...t"]
    assert draw(runner, arch._replace(synapse_window=8), layer) == ["wwm..", ".t..t"]


@RUNNERS
def test_a_window_without_a_weight_takes_a_cycle(runner):
    # inputs 0 and 15: a window of 8 reaches the second one only in its second cycle
    layer = connected([[1, *[0] * 14, 1]] * 2, [1] * 16)
    arch = PLAIN._replace(chunks_per_cycle=64)
    assert draw(runner, arch, layer) == ["wwmm..", ".t...t"]
    assert draw(runner, arch._replace(neuron_window=16), layer) == ["wwm..", ".t..t"]


@RUNNERS
def test_own_selectors_are_asynchronous(runner):
    # PE 0 has 5 weights, then one; PE 1 has one, then 3. Each output is sent when it is done
    layer = connected([[1, 1, 1, 1, 1, 0], [0, 0, 0, 0, 0, 1], [1, 0, 0, 0, 0, 0], [1, 1, 1, 0, 0, 0]], [1] * 6)
    arch = OWN._replace(chunks_per_cycle=64, step_rows=0)
    assert draw(runner, arch, layer) == [
        "wwmmmm..",
        "wwmmm...",
        ".t..t.tt",
    ]


@RUNNERS
def test_reading_steps_takes_a_cycle_after_so_many_selections(runner):
    layer = connected([[1] * 6] * 2, [1] * 6)
    arch = OWN._replace(chunks_per_cycle=64)
    assert [row.count("m") for row in draw(runner, arch._replace(step_rows=0), layer)[:2]] == [3, 3]
    assert [row.count("m") for row in draw(runner, arch._replace(step_rows=3), layer)[:2]] == [4, 4]
    assert [row.count("m") for row in draw(runner, arch._replace(step_rows=1), layer)[:2]] == [6, 6]


@RUNNERS
def test_a_single_slot_of_sb_waits_for_its_weights_after_each_load(runner):
    # 16 inputs, 4 outputs, 8 chunks of 8 bytes a cycle: 4 chunks of inputs, 4 of weights and 1 of outputs each
    layer = connected([[1] * 16] * 4, [1] * 16)
    arch = OWN._replace(chunks_per_cycle=8, chunk_bytes=8, sb_bytes=32, skip_weights=0)
    assert draw(runner, arch, layer) == [
        "wwwmmmmmmmmwwwmmmmmmmm..",
        "wwwmmmmmmmmwwwmmmmmmmm..",
        ".tt.........tt.........t",
    ]
    assert draw(runner, arch._replace(sb_bytes=64, sb_slots=2), layer) == [
        "wwwmmmmmmmmmmmmmmmm..",
        "wwwmmmmmmmmmmmmmmmm..",
        ".ttt........t.......t",
    ]


@RUNNERS
def test_inputs_come_in_two_halves_and_first_of_all(runner):
    # 3 outputs in a row, a tile each, 4 chunks of inputs and 9 of weights: two tiles are asked for in cycle 0;
    # inputs, weights and an output of the third one in cycle 18, when the first is done
    layer = convolution(np.ones((2, 4, 1, 4)), np.ones((4, 1, 6)))
    arch = PLAIN._replace(nbin_bytes=64, chunks_per_cycle=2, sb_bytes=64)
    assert draw(runner, arch._replace(loop_order=1), layer) == [
        "wwwwwwwwwwmmmmmmmmmmmmmmmmmmmmmmmm..",
        ".ttttttttttttt.....ttttttt.t.......t",
    ]
    # SB holds all weights, which are loaded once
    assert draw(runner, arch, layer) == [
        "wwwwwwwwwwmmmmmmmmmmmmmmmmmmmmmmmm..",
        ".ttttttttt.........ttt.....t.......t",
    ]


@RUNNERS
def test_weights_outermost_run_on_all_tiles_before_the_next_ones(runner):
    # 6 outputs of 8 inputs on 2 places, a tile each, two halves of NBin; a slot of SB has 8 weights of a PE. 4 outputs
    # run on both tiles, 4 cycles for each pair of outputs, before the last 2; 2 chunks a cycle: 2 of a tile's inputs,
    # 5 of a slot, 1 of outputs. The third load begins when the first slot's last job is done, in cycle 18
    layer = convolution(np.ones((6, 8, 1, 1)), np.ones((8, 1, 2)))
    arch = PLAIN._replace(nbin_bytes=32, chunks_per_cycle=2, sb_bytes=32, neuron_window=16)
    assert draw(runner, arch._replace(loop_order=2), layer) == [
        "wwwwwwmmmmmmmmmmmmmmmmmmmmmmmm..",
        ".ttttttt...t...tt..ttt.tt..t...t",
    ]
    # all 6 outputs run on a tile before the next one: three loads for each
    assert draw(runner, arch._replace(loop_order=1), layer) == [
        "wwwwwwmmmmmmmmmmmmmmmmmmmmmmmm..",
        ".ttttttt...ttt.ttt.ttt.ttt.t...t",
    ]
