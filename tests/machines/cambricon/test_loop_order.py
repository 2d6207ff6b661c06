"""The bytes of DRAM of each order by formulas over buffers and shapes; the order that is chosen has the fewest."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.cambricon_machines import OWN, PLAIN, machines
from support.scnn_layers import convolution, drawn_layers

from simulator.machines.cambricon.arch import BYTES
from simulator.machines.cambricon.engine import run as engine
from simulator.machines.cambricon.layout.plan import choose
from simulator.machines.cambricon.layout.streams import layout
from simulator.machines.cambricon.layout.tiles import pieces
from simulator.machines.cambricon.model import units as model

TILES, WEIGHTS = 1, 2
WIDE = PLAIN._replace(
    skip_weights=0, neuron_window=1 << 16, synapse_window=1 << 16, sb_bytes=1 << 16, nbin_bytes=1 << 16,
    nbout_bytes=1 << 16,
)  # fmt: skip
"""Buffers that hold everything; tests make one of them small."""


def ceil(dividend, divisor):
    return -(-dividend // divisor)


def dense(channels, outputs, kernel, plane):
    return convolution(np.ones((outputs, channels, kernel, kernel)), np.ones((channels, plane, plane)))


def moved(arch, layer, order):
    """Bytes of weights, index and inputs, which the engine's counts and the model's agree on."""
    arch = arch._replace(loop_order=order)
    (streams,) = layout(arch, layer)
    counts = engine.run_without_output(arch, streams).counts
    assert all(getattr(counts, name) == getattr(model.run(arch, streams).counts, name) for name in BYTES)
    return [int(getattr(counts, name).sum()) for name in BYTES[:3]]


@pytest.mark.parametrize("slots", [1, 2])
@pytest.mark.parametrize("outputs", [2, 6, 16, 20])
def test_one_piece_moves_all_weights_a_tile_or_all_inputs_a_filling_of_sb(outputs, slots):
    # 4 channels, a plane of 5 x 6, kernels of 1 x 1; a half of NBin has 5 places: 6 tiles
    layer = convolution(np.ones((outputs, 4, 1, 1)), np.ones((4, 5, 6)))
    arch = WIDE._replace(nbin_bytes=2 * 5 * 4 * 2, sb_bytes=slots * 4 * 3 * 2, sb_slots=slots)  # 3 outputs of a PE
    weights, inputs, tiles = 2 * outputs * 4, 2 * 4 * 30, 6
    fillings = ceil(ceil(outputs, arch.pes), 3 * slots)
    assert moved(arch, layer, TILES) == [weights * tiles, 0, inputs]
    assert moved(arch, layer, WEIGHTS) == [weights, 0, inputs * fillings]
    least = min((weights * tiles + inputs, TILES), (weights + inputs * fillings, WEIGHTS))
    assert sum(moved(arch, layer, 0)) == least[0]
    assert layout(arch, layer)[0].weights_outermost == (least[1] == WEIGHTS)


@pytest.mark.parametrize("pieces", [1, 2, 3, 4])
def test_pieces_are_loaded_again_for_each_batch_unless_nbin_or_nbout_is_large(pieces):
    """Two pieces stay in the two halves of NBin, and all sums of a tile in NBout make the second visit to it needless.

    6 outputs are 3 batches; kernels of 1 x 1 on a plane of 2 x 2, of which each half of NBin has one place.
    """
    layer = dense(channels=8 * pieces, outputs=6, kernel=1, plane=2)
    arch = WIDE._replace(nbin_bytes=2 * 8 * 2, nbout_bytes=32)  # 5 sums in a half: fewer than outputs
    inputs, weights = 2 * layer.activation.size, 2 * layer.weight.size
    again = 3 if pieces > 2 else 1
    assert moved(arch, layer, TILES) == [weights * 4, 0, inputs * again]
    assert moved(arch, layer, WEIGHTS) == [weights, 0, inputs * again]  # SB holds all of it
    large = arch._replace(nbout_bytes=2 * 6 * 3)
    assert moved(large, layer, TILES) == [weights * 4, 0, inputs]


@pytest.mark.parametrize("own", [False, True])
def test_without_room_for_the_weights_of_a_batch_tiles_are_outermost(own):
    """A PE's SB holds 16 weights in both slots; an output has 24."""
    layer = dense(channels=24, outputs=4, kernel=1, plane=3)
    arch = (OWN if own else PLAIN)._replace(skip_weights=0, sb_bytes=32, sb_slots=2)
    assert not layout(arch._replace(loop_order=WEIGHTS), layer)[0].weights_outermost
    assert moved(arch, layer, WEIGHTS) == moved(arch, layer, TILES) == moved(arch, layer, 0)
    room = arch._replace(sb_bytes=48)
    assert layout(room._replace(loop_order=WEIGHTS), layer)[0].weights_outermost


def test_overlapping_tiles_load_their_edges_twice():
    """Kernels of 3 x 3 on 3 places in a row: tiles of one place each, 3 columns of 5."""
    layer = convolution(np.ones((2, 1, 3, 3)), np.ones((1, 3, 5)))
    arch = WIDE._replace(nbin_bytes=2 * 9 * 2)
    assert moved(arch, layer, TILES) == [3 * 2 * 18, 0, 2 * 3 * 9]
    padded = layer._replace(padding=(1, 1, 1, 1))  # 3 rows of 5 places: their inputs without the padding
    rows, columns = [2, 3, 2], [2, 3, 3, 3, 2]
    assert moved(arch, padded, TILES) == [15 * 2 * 18, 0, 2 * sum(rows) * sum(columns)]


def test_more_pieces_make_larger_tiles_and_fewer_bytes():
    """64 channels by 3 x 3 on 6 x 6 outputs; `piece_rows` allows as many pieces as have so many rows of multipliers."""
    layer = dense(channels=64, outputs=8, kernel=3, plane=8)
    arch = WIDE._replace(nbin_bytes=2 * 64 * 9 * 2, sb_bytes=1024, sb_slots=2)  # 512 weights of 576
    rows = 64 * 9 // arch.multipliers
    found = {}
    for many in (1, 8, 64):
        allowed = arch._replace(piece_rows=rows // many)
        (streams,) = layout(allowed, layer)
        found[many] = choose(allowed, layer).bytes
        assert len(streams.pieces) <= max(many, len(layout(arch, layer)[0].pieces))
    assert found[1] == choose(arch, layer).bytes  # as few as the buffers allow
    assert found[8] < found[1] / 2
    assert found[64] < found[1] / 2


@given(machines, drawn_layers)
def test_the_formula_of_the_choice_is_what_a_run_moves(arch, layer):
    (streams,) = layout(arch, layer)
    counts = engine.run_without_output(arch, streams).counts
    found = sum(int(getattr(counts, name).sum()) for name in BYTES[:3])
    assert choose(arch, layer).bytes == found


@given(machines, drawn_layers)
def test_the_choice_has_the_fewest_bytes(arch, layer):
    plain = arch._replace(piece_rows=0)
    tiles, weights, best = (choose(plain._replace(loop_order=order), layer).bytes for order in (TILES, WEIGHTS, 0))
    assert best == min(tiles, weights)
    assert choose(arch._replace(loop_order=0), layer).bytes <= best


@given(machines, drawn_layers)
def test_each_order_does_the_same_work(arch, layer):
    """Products, selections and sums do not depend on the order, while the pieces are the same."""
    runs = []
    for order in (TILES, WEIGHTS):
        one = arch._replace(loop_order=order, piece_rows=0)
        runs.append(engine.run(one, *layout(one, layer)))
    tiles, weights = runs
    assert tiles.output.tolist() == weights.output.tolist()
    for name in ("multiplies", "padding", "neuron_reads", "sum_writes", "dram_output_bytes"):
        assert getattr(tiles.counts, name).tolist() == getattr(weights.counts, name).tolist()


@given(machines, drawn_layers, st.integers(1, 2))
def test_no_more_than_the_slots_of_sb_and_the_halves_of_nbin_are_in_use(arch, layer, order):
    """From its first job to its last one a load or content keeps its place: a later one needs another's."""
    arch = arch._replace(loop_order=order)
    (streams,) = layout(arch, layer)
    jobs = streams.jobs
    for first, end in zip(jobs.start[:-1], jobs.start[1:], strict=True):
        for used, places in ((jobs.load[first:end], arch.sb_slots), (jobs.content[first:end], 2)):
            names = np.unique(used)
            begin = [np.flatnonzero(used == one)[0] for one in names]
            last = [np.flatnonzero(used == one)[-1] for one in names]
            assert all(last[n] < begin[n + places] for n in range(len(names) - places))


@pytest.mark.parametrize("multipliers", [3, 8, 16, 40])
def test_a_slot_of_sb_that_holds_less_than_a_row_of_multipliers_cuts_pieces(multipliers):
    arch = PLAIN._replace(multipliers=multipliers, sb_bytes=32, nbin_bytes=400, index_bytes=400)
    layer = dense(54, 2, 1, 1)
    room = 32 // 2 // 2  # bytes, slots, bytes of a weight
    row = min(multipliers, room)
    (streams,) = layout(arch, layer)
    counts = engine.run_without_output(arch, streams).counts
    assert int(counts.multiplies.sum()) == 2 * 54
    parts = pieces(arch, layer, [np.arange(54)])
    assert (np.diff(parts).ravel()[:-1] == room // row * row).all()
    assert parts[-1, 1] == 54
