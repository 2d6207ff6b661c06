"""Small layers on SCNN, drawn cycle by cycle: PE 0, PE 1, ..., channel, PPUs.

PE: m multiply, s no room before a bank, w waiting for weights, d last products become sums, b waiting for other PEs,
p for the PPUs, t for a band from DRAM, . finished. Channel: b broadcast, f DRAM, q a FIFO is full. PPU: h halo,
c compress. Weights that are broadcast in a cycle are used from the next on; a product is part of a sum after two.
"""

import pytest
from support.scnn_layers import PLAIN, convolution

from simulator.core.trace import show
from simulator.machines.scnn.engine import run as engine
from simulator.machines.scnn.layout.streams import layout
from simulator.machines.scnn.model import units as model

RUNNERS = pytest.mark.parametrize("runner", [model, engine], ids=["model", "engine"])
SINGLE = PLAIN._replace(columns=1)
POINTS = [[[[1]]], [[[2]]], [[[3]]]]  # three output channels of one weight: vectors of 2 and 1


def draw(runner, arch, layer):
    return show(runner.run(arch, layout(arch, layer)[0], 1000).trace).split("\n")


@RUNNERS
def test_every_vector_of_weights_meets_every_vector_of_activations(runner):
    # 3 activations are vectors of 2 and 1: four steps; then 9 sums, 4 a cycle
    assert draw(runner, SINGLE, convolution(POINTS, [[[1, 2, 3]]])) == [
        "wmmmmd...",
        "b........",
        "......ccc",
    ]


@RUNNERS
def test_a_pe_with_fewer_activations_waits_at_the_barrier(runner):
    assert draw(runner, PLAIN, convolution(POINTS, [[[1, 2, 3, 4, 0, 0, 0, 1]]])) == [
        "wmmmmd...",
        "wmmdbb...",
        "b........",
        "......ccc",
    ]


@RUNNERS
def test_a_block_without_activations_takes_no_time_of_its_own(runner):
    # all weights are dropped in cycle 1, when they are there
    assert draw(runner, PLAIN, convolution(POINTS, [[[0, 0, 0]]])) == ["wd..", "wd..", "b...", "..cc"]


@RUNNERS
def test_the_ppus_drain_a_round_while_the_next_one_runs(runner):
    arch, layer = PLAIN._replace(group_channels=1, ppu_width=1), convolution(POINTS[:2], [[[1, 2, 3, 4, 0, 0, 0, 1]]])
    assert draw(runner, arch, layer) == [
        "wmmdwmmd....",
        "wmdbwmdb....",
        "b...b.......",
        "....cccccccc",
    ]
    # three sums a PE take longer than a round of two cycles
    assert draw(runner, arch, convolution(POINTS[:2], [[[0] * 6]])) == [
        "wdwdp...",
        "wdwdp...",
        "b.b.....",
        "..cccccc",
    ]


@RUNNERS
def test_sums_of_a_neighbours_outputs_are_sent_first(runner):
    # 3 weights in a row, padded: each PE reaches one output of the other's; then its own two
    layer = convolution([[[[1, 1, 1]]]], [[[1, 2, 3, 4]]], padding=(0, 1, 0, 1))
    assert draw(runner, PLAIN._replace(ppu_width=1), layer) == ["wmmd...", "wmmd...", "b......", "....hcc"]


@RUNNERS
def test_products_wait_before_a_bank_that_takes_one_a_cycle(runner):
    # one bank, two steps of 4 and 2 products. With one slot a product enters every other cycle: the slot is free again
    # one cycle after its product has left. With four slots the first step enters at once, the second when two are free.
    arch, layer = SINGLE._replace(banks=1, bank_entries=8), convolution([[[[1, 1]]]], [[[1, 2, 3]]])
    assert draw(runner, arch._replace(queue_depth=1), layer)[0] == "wmssssssmsssd."
    assert draw(runner, arch._replace(queue_depth=4), layer)[0] == "wmmssddd."


@RUNNERS
def test_dram_delivers_a_vector_in_its_time(runner):
    # 5 bytes a vector, 2 a cycle: the first is whole in cycle 2, the second in cycle 4
    assert draw(runner, SINGLE._replace(dram_bytes_per_kcycle=2000), convolution(POINTS, [[[1, 2, 3]]])) == [
        "wwwmwmmmd...",
        "ffbfb.......",
        ".........ccc",
    ]


@RUNNERS
def test_a_fifo_of_one_makes_the_pes_wait_for_each_other(runner):
    layer = convolution([[[[1], [1]]], [[[2], [1]]]], [[[1, 2, 3, 4, 0, 0, 0, 1]] * 3])
    assert draw(runner, PLAIN._replace(fifo_vectors=1), layer) == [
        "wmmmmmmwmmmmmmd....",
        "wmmwwwwwmmddbbb....",
        "bqqqqqqb...........",
        "...............cccc",
    ]


@RUNNERS
def test_a_layer_in_bands_waits_for_dram(runner):
    layer = convolution([[[[1]]]], [[[1, 2, 3], [1, 2, 3]]])  # 8 bytes hold 3 activations
    fast, slow = SINGLE._replace(iaram_bytes=8), SINGLE._replace(iaram_bytes=8, dram_bytes_per_kcycle=1000)
    assert draw(runner, fast, layer) == ["wmmdwmmd.", "b...b....", "....c...c"]
    assert draw(runner, slow, layer) == ["wwwwwmmdtttwwwwwmmd.", "ffffb......ffffb....", "........c..........c"]


@RUNNERS
def test_with_a_stride_only_those_meet_that_make_an_output(runner):
    # stride 2: weights 0 and 2 meet inputs 0, 2, 4 in two steps, weight 1 meets inputs 1 and 3 in one
    layer = convolution([[[[1, 2, 3]]]], [[[1, 2, 3, 4, 5]]], stride=(1, 2))
    assert draw(runner, SINGLE, layer) == ["wmmmd.", "b.....", ".....c"]
