"""Eyeriss v2: drawn timelines of small layers, on model and engine."""

import pytest
from support.eyeriss import PLAIN
from support.scnn_layers import convolution

from simulator.core.trace import show
from simulator.machines.eyeriss_v2.engine import run as engine
from simulator.machines.eyeriss_v2.layout.streams import layout
from simulator.machines.eyeriss_v2.model import units as model

RUNNERS = pytest.mark.parametrize("runner", [model, engine], ids=["model", "engine"])
ONE_PE = PLAIN._replace(pe_columns=1, tile_inputs=3, ideal_mesh=1)

# Weights by input channel, outputs 0 and 1 in a tile and output 2 in another: 1 3 | 1, - - | 1, 2 - | 1.
# Inputs of place 0: 1 2 -, of place 1: - 2 5.
LAYER = convolution(
    [[[[1]], [[0]], [[2]]], [[[3]], [[0]], [[0]]], [[[1]], [[1]], [[1]]]],
    [[[1, 0]], [[2, 2]], [[0, 5]]],
)


def draw(runner, arch, layer):
    run = runner.run(arch, layout(arch, layer)[0], 1000)
    assert run.output.tolist() == [1, 10, 3, 0, 3, 7]
    return show(run.trace).split("\n")


@RUNNERS
def test_a_zero_input_costs_nothing_and_an_empty_column_makes_no_bubble(runner):
    # first tile: two weights for input 1, none for 2, then none for 2, one for 5; second tile: one for each input
    assert draw(runner, ONE_PE, LAYER)[0] == "mmm" + "mmmm"


@RUNNERS
def test_with_bubbles_each_input_with_an_empty_column_takes_a_cycle(runner):
    assert draw(runner, ONE_PE._replace(bubble=1), LAYER)[0] == "mmeem" + "mmmm"


@RUNNERS
def test_two_weights_of_a_column_take_a_cycle_and_an_odd_one_too(runner):
    assert draw(runner, ONE_PE._replace(simd=2), LAYER)[0] == "mm" + "mmmm"


@RUNNERS
def test_the_pipeline_is_filled_in_each_pass(runner):
    assert draw(runner, ONE_PE._replace(simd=2, fill_cycles=2), LAYER)[0] == "ffmm" + "ffmmmm"


@RUNNERS
def test_the_slowest_pe_decides_unless_the_mesh_does(runner):
    # A PE for each channel and tile; PEs of a column add up. 12 + 7 bytes come in 5 cycles, 6 bytes leave in 2. A
    # router brings 4 inputs in 4 cycles, and a lane moves 2 x 2 sums in 4.
    assert draw(runner, PLAIN._replace(pe_rows=3, tile_inputs=1), LAYER) == [
        "wwwwwmmiiww",
        "wwwwwmbiiww",
        "wwwwwbbiiww",
        "wwwwwmmiiww",
        "wwwwwmbiiww",
        "wwwwwmbiiww",
        "lllll....ll",
        ".....dddd..",
        ".....ssss..",
    ]


@RUNNERS
def test_outputs_leave_after_the_last_pass(runner):
    arch = PLAIN._replace(pe_columns=1, tile_inputs=3, dram_bytes_per_kcycle=1000, weight_port_bits=48)
    arch = arch._replace(input_port_bits=100, sum_port_bits=480)
    # tiles of 3 words and 3 addresses, 6 bytes each; all inputs are 7 bytes and come with the first; each pass moves
    # its 4 inputs (of 12 bits) in a cycle and its sums in one; 4 + 2 bytes of outputs leave at the end
    rows = draw(runner, arch, LAYER)
    assert rows == [
        "w" * 13 + "mmm" + "w" * 6 + "mmmm" + "w" * 6,
        "l" * 13 + "..." + "l" * 6 + "...." + "l" * 6,
        "." * 13 + "d.." + "." * 6 + "d..." + "." * 6,
        "." * 13 + "s.." + "." * 6 + "s..." + "." * 6,
    ]
    assert draw(runner, arch._replace(prefetch=1), LAYER) == [
        "w" * 13 + "mmm" + "w" * 3 + "mmmm" + "w" * 6,
        "l" * 13 + "llllll" + "...." + "l" * 6,
        "." * 13 + "d.." + "..." + "d..." + "." * 6,
        "." * 13 + "s.." + "..." + "s..." + "." * 6,
    ]
