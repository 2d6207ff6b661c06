"""Timelines of the machine for pairs, drawn; each on model and engine."""

import numpy as np
import pytest
from support.points_machines import BASE

from simulator.core.trace import show
from simulator.machines.points.engine import run as engine
from simulator.machines.points.layout import layout
from simulator.machines.points.model import units as model
from workloads.kinds.sparse_convolution.compress import compress_sparse
from workloads.kinds.sparse_convolution.layer import SparseConvolution
from workloads.kinds.sparse_convolution.rulebook import Geometry

RUNNERS = pytest.mark.parametrize("runner", [model, engine], ids=["model", "engine"])
PLAIN = BASE._replace(
    rows=1, columns=1, latency=1, merge_width=4, block_pairs=4, buffers=2, cache_bytes=64, sum_buffer_bytes=64,
    dram_bits_per_kcycle=64_000,
)  # fmt: skip
ROW = [[2, 0, 0], [3, 0, 0], [5, 0, 0]]
"""Three voxels of a row; two of them are neighbours."""


def layer(places=ROW, shares_map=False):
    """A kernel of three along x over a row of seven cells: 1 pair, 3 pairs, 1 pair."""
    geometry = Geometry((7, 1, 1), (3, 1, 1), (1, 1, 1), (1, 0, 0), True)
    weight, values = np.ones((1, 1, 3, 1, 1), np.float32), np.ones((3, 1), np.float32)
    given = SparseConvolution("row", np.array(places, np.int32), geometry, weight, None, values, True)
    return compress_sparse(given)._replace(shares_map=shares_map)


def draw(runner, given, **changes):
    run = runner.run(arch := PLAIN._replace(**changes), *layout(arch, given), 1000)
    return show(run.trace).split("\n"), run


@RUNNERS
def test_pairs_are_found_gathered_multiplied_and_scattered(runner):
    # merging three inputs and three outputs takes two cycles an offset; blocks of 1, 3, 1 pairs take as many cycles to
    # gather and to multiply, a cycle of latency, and as many to scatter, as a pair's place fills the 64 bits that DRAM
    # takes in a cycle; with the three finished outputs the last has 112 bits
    trace, run = draw(runner, layer())
    assert trace == [
        "wwwmwwwmmmmddddd",
        "pppppp..........",
        "ppgpgggg........",
        ".....o.....ooooo",
    ]
    words = run.output.tolist()
    assert words[0] == words[1] == 2 * words[2] > 0


@RUNNERS
def test_the_map_of_the_layer_before_is_read_and_not_written(runner):
    # 96 bits of a pair, a weight and a feature, two cycles; three pairs and a weight are 208, four; outputs alone leave
    trace, _ = draw(runner, layer(shares_map=True))
    assert trace == [
        "wwmwwwmmmmdddd",
        "..............",
        "gggggggg......",
        "....o.....oooo",
    ]


@RUNNERS
def test_implicit_gemm_streams_a_row_for_each_output_of_a_tile(runner):
    # blocks of one pair stream three rows as well
    trace, run = draw(runner, layer(), dataflow=2, tile_sites=3)
    assert trace == [
        "wwwmmmwmmmmmmddd",
        "pppppp..........",
        "ppgpgggg........",
        ".......o...ooooo",
    ]
    assert int(run.counts.gated[0]) == 4


@RUNNERS
def test_sums_of_pairs_go_through_dram_where_they_are_scattered(runner):
    # a pair's place and its sum of 48 bits, read and written, are 160 bits: three cycles; of three pairs 480, eight
    trace, _ = draw(runner, layer(), dataflow=0)
    assert trace == [
        "wwwmwwwmmmmdddddddddddd",
        "pppppp.................",
        "ppgpgggg...............",
        ".....ooo...oooooooooooo",
    ]


@RUNNERS
def test_one_buffer_lets_gather_and_array_wait(runner):
    # gather waits until the array has done the block before; the array until its sums are scattered
    trace, _ = draw(runner, layer(), buffers=1)
    assert trace == [
        "wwwmwwwmmmwsssmddd",
        "pppppp............",
        "ppgpgggbbbg.......",
        ".....o.....ooo..oo",
    ]


@RUNNERS
def test_few_rows_wait_for_the_weights_of_the_next(runner):
    # three rows of weights load while a block's rows stream, of which blocks of one pair have one
    trace, _ = draw(runner, layer(), rows=3)
    assert trace == [
        "wwwmllwmmmmllddd",
        "pppppp..........",
        "ppgpgggg........",
        ".......o...ooooo",
    ]


@RUNNERS
def test_a_hash_table_is_filled_and_probed(runner):
    # without collisions: three insertions, and three probes an offset, all of cells in the grid
    _, run = draw(runner, layer(), hash_mapping=1, hash_ports=1, hash_slots=64)
    assert int(run.reasons.match[0]) == int(run.counts.hash_probes[0]) == 3 + 3 + 3 + 3
    assert int(run.counts.merged_places[0]) == 0
