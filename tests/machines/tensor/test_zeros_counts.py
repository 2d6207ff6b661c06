"""What is read where zero inputs are skipped, against a list of rows made here, formulas and a drawing."""

from math import ceil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.experts import drawn_experts, experts_for
from support.paths import EXAMPLES
from support.products import PLAIN, form_of, memory, product_with_zeros, skipping

from simulator.core.run import totals
from simulator.hardware.dram.presets import load_dram
from simulator.machines.tensor.engine.gathered_timing import Plan, time_plan
from simulator.machines.tensor.engine.run import run as run_engine
from simulator.machines.tensor.layout.experts import layout_experts
from simulator.machines.tensor.layout.folding import fold
from simulator.machines.tensor.layout.product import layout_product
from simulator.machines.tensor.model.units import run as run_model
from workloads.kinds.experts.layer import DrawnHidden
from workloads.kinds.matrix_product.operand import numbers_of
from workloads.kinds.matrix_product.shapes import product_of_shape
from zeroskip import show

FP8 = form_of("fp8")
WIDE = PLAIN._replace(
    skip_zero_inputs=1, columns=64, tile_k=1024, weight_format=FP8, dram=memory("lpddr5", 1000, 8, 64)
)


def kept(arch, depth):
    return depth if not arch.two_of_four else 2 * (depth // 4) + min(2, depth % 4)


def rows_read(arch, layer, stay):
    """Lines and bytes of weights, counted input for input: of each column tile and of the tokens that decide."""
    form, line, group = arch.weight_format, arch.line_bytes, 4 if arch.two_of_four else 1
    folded = fold(arch, layer.tokens, layer.outputs)
    active = numbers_of(layer.activation).element.significand != 0
    lines = size = 0
    for first in range(0, layer.outputs, folded.columns):
        columns = range(first, min(first + folded.columns, layer.outputs))
        for start in range(0, layer.tokens, layer.tokens if stay else folded.rows):
            used = active[start : layer.tokens if stay else start + folded.rows].any(axis=0)
            for begin in range(0, layer.inputs, group):
                if used[begin : begin + group].any():
                    stored = len(columns) * kept(arch, min(group, layer.inputs - begin))
                    row = ceil(stored * form.bits / 8) + (ceil(stored * 2 / 8) if arch.two_of_four else 0)
                    lines, size = lines + ceil(row / line), size + row
            for begin in range(0, layer.inputs, form.block or layer.inputs) if form.block else ():
                if used[begin : begin + form.block].any():
                    row = ceil(len({column // form.block_rows for column in columns}) * form.scale_bits / 8)
                    lines, size = lines + ceil(row / line), size + row
    return lines, size


@settings(max_examples=2 * EXAMPLES, deadline=None)
@given(
    skipping, st.integers(0, 1 << 30), st.integers(1, 9), st.integers(1, 300), st.integers(1, 40),
    st.sampled_from([0.0, 0.05, 0.3, 1.0]),
)  # fmt: skip
def test_rows_of_inputs_that_are_used_are_read_and_no_others(arch, seed, tokens, inputs, outputs, density):
    layer = product_with_zeros(arch, tokens, inputs, outputs, seed=seed, density=density)
    (streams,) = layout_product(arch, layer)
    loads = [load for tile in streams.tiles for step in tile.steps for load in step.loads if load.weights]
    found = sum(load.lines for load in loads), sum(load.part.bytes for load in loads)
    assert found == rows_read(arch, layer, streams.residency.weights)
    taken = [line for load in loads for line in range(load.first_line, load.first_line + load.lines)]
    times = 1 if streams.residency.weights else ceil(tokens / fold(arch, tokens, outputs).rows)
    assert all(taken.count(line) <= times for line in set(taken[:50]))


@settings(max_examples=EXAMPLES, deadline=None)
@given(skipping, st.integers(0, 1 << 30), st.integers(1, 5), st.integers(1, 200), st.integers(1, 20))
def test_tokens_of_zeros_read_no_weights_and_of_shapes_all(arch, seed, tokens, inputs, outputs):
    zeros = product_with_zeros(arch, tokens, inputs, outputs, seed=seed, density=0.0)
    counts = totals(run_engine(arch, layout_product(arch, zeros)[0]).counts)
    assert counts["dram_weight_bytes"] == 0
    shape = product_of_shape("p", arch.weight_format.name, tokens, inputs, outputs, bool(arch.two_of_four))
    (streams,) = layout_product(arch, shape)
    read = sum(load.part.bytes for tile in streams.tiles for step in tile.steps for load in step.loads if load.weights)
    full = shape._replace(activation=shape.activation._replace(code=np.ones((tokens, inputs), np.uint8)))
    if arch.weight_format.name == "fp8":
        assert read == rows_read(arch, full, streams.residency.weights)[1]
    assert read > 0


@pytest.mark.parametrize("density", [1 / 8, 1 / 4, 1 / 2, 1])
def test_the_gain_of_one_token_is_one_over_the_density(density):
    """Rows of 64 bytes are two whole lines: bytes and lines fall with the density, and the bitmap adds a bit each."""
    active = (np.arange(256) < 256 * density)[np.random.default_rng(0).permutation(256)][None]
    found = {}
    for skip in (0, 1):
        arch = WIDE._replace(skip_zero_inputs=skip)
        (streams,) = layout_product(arch, product_of_shape("p", "fp8", 1, 256, 64, active=active))
        found[skip] = totals(run_engine(arch, streams, output=False).counts)
    assert found[0]["dram_weight_bytes"] / found[1]["dram_weight_bytes"] == 1 / density
    moved = 256 / 32, 4 * 64 / 32
    assert found[0]["dram_lines"] == 256 * 2 + sum(moved)
    assert found[1]["dram_lines"] == 256 * density * 2 + sum(moved) + 1
    assert found[1]["dram_metadata_bytes"] == 256 / 8
    assert found[0]["array_cycles"] == found[1]["array_cycles"]
    assert found[0]["products_fp8"] == found[1]["products_fp8"]


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    st.integers(2, 5), st.integers(1, 3), st.integers(1, 3),
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 9)), min_size=1, max_size=9),
)  # fmt: skip
def test_channels_with_equal_work_take_as_long_as_one(channels, buffers, outputs, spans):
    """Each span of one channel becomes as many lines on each of several."""
    found = []
    for count in (1, channels):
        steps = len(spans)
        plan = Plan(
            steps=np.full(steps, 3, np.int64),
            begin=np.arange(steps + 1),
            spans=np.array(spans, np.int64) * count,
            after=np.zeros(steps, np.int64),
            last=np.arange(steps),
            drain=np.full(steps, 2, np.int64),
            outputs=np.array([(60 + i, 1) for i in range(steps)], np.int64) * count,
        )
        arch = WIDE._replace(memory_channels=count, operand_buffers=buffers + 1, output_buffers=outputs)
        times, dram = time_plan(arch, plan)
        assert dram.reads.tolist() == [sum(lines for _, lines in spans)] * count
        found.append(times)
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_drawn_pattern_follows_the_union_of_tokens():
    rng = np.random.default_rng(0)
    drawn = DrawnHidden(0.2, rng.random((3, 20_000), dtype=np.float32))
    for tokens in (1, 2, 8):
        share = drawn.used(1, tokens).mean()
        assert abs(share - (1 - 0.8**tokens)) < 0.01
        assert drawn.used(1, tokens + 1)[drawn.used(1, tokens)].all()


@pytest.mark.parametrize("runner", [run_model, run_engine])
def test_rows_of_the_second_matrix_are_asked_for_when_the_first_has_drained(runner):
    """One expert of a token: the memory rests from the last operands of the first matrix until its last drain."""
    arch = WIDE._replace(dram=load_dram("lpddr5", 2500), operand_buffers=4)
    layer = experts_for(arch, drawn_experts(0, 1, 1, 1, 64, 64, False))
    (streams,) = layout_experts(arch, layer)
    assert [stage.waits for stage in streams.stages] == [False, True]
    array, moving, _ = show(runner(arch, streams, 10**6).trace).split("\n")
    drained = array.rindex("d", 0, array.index("w", array.index("d"))) + 1
    assert set(moving[array.index("m") : drained]) == {"."}
    assert moving[drained] == "r"
    assert array[drained] == "w"
    (dense,) = layout_experts(arch._replace(skip_zero_inputs=0), layer)
    before = show(runner(arch._replace(skip_zero_inputs=0), dense, 10**6).trace).split("\n")
    assert before[1][before[0].index("m")] == "r"  # rows of the second matrix are on their way at once


@pytest.mark.parametrize("density", [0.0, 0.2, 1.0])
def test_the_first_matrix_of_an_expert_is_read_where_a_token_of_it_is_not_zero(density):
    """Two experts of a token each: a byte for each weight of the inputs that are not zero, of either token alone."""
    layer = experts_for(WIDE, drawn_experts(3, 2, 9, 1, 64, 48, density=density))
    (streams,) = layout_experts(WIDE, layer)
    nonzero = np.count_nonzero(numbers_of(layer.activation).element.significand, axis=1)
    ups = [tile for stage in streams.stages[::2] for tile in stage.tiles]
    read = [sum(load.part.codes for load in tile.steps[0].loads if load.weights) for tile in ups]
    assert len(np.unique(layer.choice)) == 2
    assert sorted(read) == sorted(48 * nonzero)
    assert (nonzero == 64).all() == (density == 1)


def test_gated_experts_read_all_rows_and_do_not_wait():
    layer = experts_for(WIDE, drawn_experts(0, 2, 3, 2, 64, 32, True))
    (streams,) = layout_experts(WIDE, layer)
    assert not any(stage.waits for stage in streams.stages)
    down = [tile for stage in streams.stages[2::3] for tile in stage.tiles]
    assert all(sum(load.part.codes for load in tile.steps[0].loads if load.weights) == 32 * 64 for tile in down)
