"""The model and the engine of the machine for BEV pooling are equal, and their cycles and counts those of formulas."""

from functools import partial

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from support.bev_poolings import case
from support.paths import EXAMPLES
from support.twin_laws import check_order_and_length, check_twins
from support.why_laws import cycles_by_step

from simulator.machines.bevpool import MACHINE, model
from simulator.machines.bevpool.arch import REASON_UNITS
from simulator.machines.bevpool.engine import run as engine
from simulator.machines.bevpool.layout import layout

SEEDS = st.integers(0, 1 << 30)


def ceil(dividend, divisor):
    return -(-dividend // divisor)


def lengths_of(layer):
    """Points of each cell with one, in ascending order of the cells."""
    inside = layer.cell[layer.cell >= 0]
    return [int(np.count_nonzero(inside == cell)) for cell in sorted(set(inside.tolist()))]


@given(SEEDS)
def test_model_and_engine_are_equal_and_right(seed):
    arch, streams = case(seed)
    slow, fast = model.run(arch, streams, 10**6), engine.run(arch, streams, 10**6)
    check_twins(slow, fast, streams.layer, REASON_UNITS)


@given(SEEDS, st.integers(0, 15), st.integers(0, 8))
def test_words_at_the_ends_of_their_range_saturate_alike(seed, cloud_shift, shift):
    arch, streams = case(seed)
    rng, layer = np.random.default_rng(seed), streams.layer
    ends = np.array([-(1 << 15), -1, 0, 1, (1 << 15) - 1], np.int16)
    depth, activation = (rng.choice(ends, one.shape) for one in (layer.depth, layer.activation))
    layer = layer._replace(depth=depth, activation=activation, cloud_shift=cloud_shift, shift=shift)
    (streams,) = layout(arch, layer)
    check_twins(model.run(arch, streams, 10**6), engine.run(arch, streams, 10**6), layer, REASON_UNITS)


@settings(max_examples=EXAMPLES // 2)
@given(SEEDS, SEEDS)
def test_order_and_length_of_the_trace_do_not_matter(seed, order):
    arch, streams = case(seed)
    check_order_and_length(model, partial(engine.run, output=False), arch, streams, order)


@given(SEEDS)
def test_cycles_with_ranks_are_those_of_the_longest_cells(seed):
    """Without limits of DRAM; before the cells, a cloud that is not fused is made."""
    arch, streams = case(seed, ranks=1, dram_bits_per_kcycle=1 << 40)
    layer, lengths = streams.layer, lengths_of(streams.layer)
    passes = ceil(layer.outputs, arch.channels)
    ordered = sorted(lengths, reverse=True) if arch.by_length else lengths
    groups = [ordered[first : first + arch.lanes] for first in range(0, len(ordered), arch.lanes)]
    before = 1 if arch.fused and streams.buffered else 0
    if not arch.fused:
        before = ceil(layer.inputs, arch.lanes) * passes
    assert engine.run(arch, streams).cycles == before + sum(map(max, groups)) * passes


@given(SEEDS)
def test_cycles_of_prefix_sums(seed):
    """Keys, passes of the merger, a scan over points, a difference for each cell."""
    arch, streams = case(seed, ranks=0, fused=1, feature_buffer_bytes=0, dram_bits_per_kcycle=1 << 40)
    layer, hit = streams.layer, len(lengths_of(streams.layer))
    passes, runs, sorts = ceil(layer.outputs, arch.channels), ceil(layer.kept, arch.sort_width), 1
    while runs > 1:
        runs, sorts = ceil(runs, 2), sorts + 1
    wanted = ceil(layer.inputs, arch.lanes) + sorts * ceil(layer.kept, arch.sort_width)
    wanted += (ceil(layer.kept, arch.lanes) + ceil(hit, arch.lanes)) * passes
    assert engine.run(arch, streams).cycles == wanted


@given(SEEDS)
def test_counts_of_the_machine(seed):
    arch, streams = case(seed)
    layer, lengths = streams.layer, lengths_of(streams.layer)
    points, kept, channels, hit = layer.cell.size, sum(lengths), layer.outputs, len(lengths)
    counts = {name: int(one.sum()) for name, one in engine.run(arch, streams).counts._asdict().items()}
    features = layer.depth.size + layer.activation.size
    fits = 2 * features <= arch.feature_buffer_bytes
    sorts = 0 if arch.ranks else 1 + int(np.ceil(np.log2(ceil(kept, arch.sort_width))))
    assert counts.pop("lane_steps") == int(engine.run(arch, streams).reasons.add.sum())
    assert counts == {
        "multiplies": (kept if arch.fused else points) * channels,
        "additions": (kept + hit * (not arch.ranks)) * channels,
        "keys": points * (not arch.ranks), "merged_keys": sorts * kept,
        "buffer_reads": (kept if arch.fused else points) * (1 + channels), "output_writes": hit * channels,
        "dram_feature_bytes": 2 * (features if fits or not arch.fused else kept * (1 + channels)),
        "dram_cloud_bytes": 2 * (points + kept) * channels * (not arch.fused),
        "dram_rank_bytes": 4 * kept if arch.ranks else 8 * kept * (2 + 2 * sorts),
        "dram_sum_bytes": 0 if arch.ranks else 6 * channels * (kept + 2 * hit),
        "dram_output_bytes": 2 * hit * channels,
    }  # fmt: skip
    moved = sum(number for name, number in counts.items() if name.startswith("dram"))
    run = engine.run(arch, streams)
    assert 0 <= run.reasons.transfer[0] - 8000 * moved / arch.dram_bits_per_kcycle <= streams.step.size


@given(SEEDS)
def test_steps_leave_the_additions_over_all_lanes(seed):
    arch, streams = case(seed)
    run = engine.run(arch, streams)
    cycles, _ = cycles_by_step(MACHINE, arch, streams.layer, (streams,), run)
    fast = arch._replace(dram_bits_per_kcycle=1 << 40)
    assert 0 <= model.run(fast, *layout(fast, streams.layer)).cycles - cycles["memory"] <= streams.step.size
    assert cycles["memory"] - cycles["sort"] == int(run.reasons.merge[0])
    assert cycles["sort"] == int(run.reasons.add[0] + run.reasons.barrier[0])
    assert cycles["channels"] == ceil(int(run.counts.additions.sum()), arch.lanes * arch.channels)
    assert list(cycles.values()) == sorted(cycles.values(), reverse=True)
