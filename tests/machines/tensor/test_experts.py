"""Experts on the tensor engine: timelines as drawings, and counts and cycles against formulas."""

from math import ceil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.experts import drawn_experts, experts_for
from support.products import PLAIN, folded, form_of, machines

from simulator.core.run import totals
from simulator.hardware.dram.presets import load_dram
from simulator.machines.tensor.engine.run import run as run_engine
from simulator.machines.tensor.layout.experts import layout_experts
from simulator.machines.tensor.layout.streams import Role, violations
from simulator.machines.tensor.model.units import run as run_model
from workloads.errors import InputError
from workloads.kinds.experts.shapes import experts_of_shape
from zeroskip import show

RUNNERS = pytest.mark.parametrize("runner", [run_model, run_engine])
WIDE = PLAIN._replace(columns=64, drain_width=64)
"""A tile holds all outputs; drains take a cycle for the pipeline and one for the sums."""
GATED = st.booleans()


def shape_for(arch, choice, inputs, width, gated=False):
    """Without values; as many experts as the greatest choice asks for."""
    choice = np.array(choice)
    return experts_of_shape("e", arch.weight_format.name, choice, choice.max() + 1, inputs, width, gated)


def draw(runner, arch, layer):
    (streams,) = layout_experts(arch, layer)
    return show(runner(arch, streams, 10**6).trace).split("\n")


def counts_of(arch, layer):
    (streams,) = layout_experts(arch, layer)
    return totals(run_engine(arch, streams, output=False).counts)


def kept(arch, inputs):
    return inputs if not arch.two_of_four else 2 * (inputs // 4) + min(2, inputs % 4)


def ranges(size, step):
    return [range(first, min(first + step, size)) for first in range(0, size, step)]


@RUNNERS
def test_two_experts_follow_each_other(runner):
    """Of each, 64 inputs to 2 in 4 cycles, and 2 to 64 in one; no cycle between them."""
    layer = shape_for(WIDE, [[0], [1]], 64, 2)
    assert draw(runner, WIDE, layer) == ["mmmmddmdd" * 2, "." * 18, "." * 18]


@RUNNERS
@pytest.mark.parametrize(("lanes", "drain", "vector"), [(4, "dd", "e"), (1, "ddd", "ee")])
def test_a_gate_is_a_stage_and_its_exponentials_end_a_drain(runner, lanes, drain, vector):
    """The vector unit computes two exponentials, `lanes` in a cycle."""
    arch = WIDE._replace(vector_lanes=lanes)
    array, memory, units = draw(runner, arch, shape_for(arch, [[0], [1]], 64, 2, gated=True))
    assert array == f"mmmmddmmmm{drain}mdd" * 2
    assert units == ("." * (10 + len(drain) - len(vector)) + vector + "...") * 2
    assert set(memory) == {"."}


@RUNNERS
def test_an_expert_of_several_tokens_is_computed_once(runner):
    """Two tokens share a tile of two rows; three take two tiles."""
    assert draw(runner, WIDE, shape_for(WIDE, [[0], [0]], 64, 2))[0] == "mmmmddmddd"
    assert draw(runner, WIDE, shape_for(WIDE, [[0]] * 3, 64, 2))[0] == "mmmmddmmmmdd" + "mddd" + "mdd"


@RUNNERS
def test_operands_of_the_next_stage_are_loaded_while_one_computes(runner):
    """With a slow array nothing is waited for after the first step, across matrices and experts."""
    arch = WIDE._replace(dram=load_dram("lpddr5", 1250), depth_4bit=1, memory_channels=8)
    array, memory, _ = draw(runner, arch, shape_for(arch, [[0], [1]], 64, 64))
    assert "w" not in array.lstrip("w")
    assert array.count("m") == 4 * 64
    first = array.index("m")
    assert memory[:first] == "r" * first
    assert "r" in memory[first:]


@RUNNERS
def test_outputs_are_written_with_the_last_expert_of_a_token(runner):
    """Token 0 ends with expert 1, token 1 with expert 2: nothing is written after expert 0."""
    arch = WIDE._replace(dram=load_dram("lpddr5", 1250), depth_4bit=1, output_buffers=4)
    layer = shape_for(arch, [[0, 1], [0, 2]], 64, 64)
    (streams,) = layout_experts(arch, layer)
    downs = [tile for stage in streams.stages if stage.role is Role.SHARE for tile in stage.tiles]
    assert [tile.output.part.bytes for tile in downs] == [0, 256, 256]
    assert [tile.kept_bytes for tile in downs] == [512, 0, 0]
    assert [tile.read_bytes for tile in downs] == [0, 256, 256]
    array, memory, _ = draw(runner, arch, layer)
    assert "s" not in memory[: array.index("d", 4 * 64)]


@settings(max_examples=100, deadline=None)
@given(
    machines,
    st.integers(0, 1 << 30),
    st.integers(1, 6),
    st.integers(1, 3),
    st.integers(1, 90),
    st.integers(1, 20),
    GATED,
)
def test_events_are_formulas_of_the_shape(arch, seed, tokens, chosen, inputs, width, gated):
    layer = experts_for(arch, drawn_experts(seed, tokens, chosen + 2, chosen, inputs, width, gated))
    found, form = counts_of(arch, layer), arch.weight_format
    pairs, ups = tokens * chosen, 2 if gated else 1
    event = {"fp4": "products_fp4", "fp8": "products_fp8", "int8": "products_int8", "half": "products_16bit"}
    products = pairs * (ups * width * kept(arch, inputs) + inputs * kept(arch, width))
    assert found[event[form.multiplier]] == products
    assert sum(found[one] for one in event.values()) == products
    sums = pairs * (ups * width + inputs)
    after = pairs * ((3 if gated else 1) * width + inputs)  # SiLU or a square; shares
    assert found["output_multiplies"] == after + (sums if form.tensor_scale else 0)
    assert found["output_additions"] == pairs * (inputs + (width if gated else 0))
    assert found["exponentials"] == found["divisions"] == (pairs * width if gated else 0)
    if not arch.quantise_output:
        assert found["dram_output_bytes"] == 4 * tokens * inputs
        assert found["quantiser_multiplies"] == (pairs * width if form.activation_bits <= 8 else 0)


@settings(max_examples=100, deadline=None)
@given(
    machines,
    st.integers(0, 1 << 30),
    st.integers(1, 9),
    st.integers(1, 3),
    st.integers(1, 90),
    st.integers(1, 20),
    GATED,
)
def test_weights_of_chosen_experts_alone_are_loaded(arch, seed, tokens, chosen, inputs, width, gated):
    """Counted tile by tile from the choices: once for an expert, or once for each of its row tiles."""
    layer = experts_for(arch, drawn_experts(seed, tokens, chosen + 3, chosen, inputs, width, gated))
    (streams,) = layout_experts(arch, layer)
    bits, total = arch.weight_format.bits, 0
    for expert in range(chosen + 3):
        count = sum(expert in row for row in layer.choice.tolist())
        times = min(count, 1) if streams.residency.weights else ceil(count / arch.rows)
        for outputs, depth in [(width, inputs)] * (2 if gated else 1) + [(inputs, width)]:
            for columns in ranges(outputs, arch.columns):
                for places in ranges(depth, arch.tile_k):
                    total += times * ceil(len(columns) * kept(arch, len(places)) * bits / 8)
    found = counts_of(arch, layer)
    assert found["dram_weight_bytes"] == total
    codes = sum(ceil(tokens * len(one) * arch.weight_format.activation_bits / 8) for one in ranges(inputs, arch.tile_k))
    assert found["dram_activation_bytes"] == codes
    lines = [load.first_line for tile in streams.tiles for step in tile.steps for load in step.loads]
    if streams.residency.weights or max(layer.tokens_of(one).size for one in layer.numbers) <= arch.rows:
        assert len(set(lines)) == len(lines)


@settings(max_examples=60, deadline=None)
@given(
    machines.map(lambda arch: arch._replace(dram=None)),
    st.integers(0, 1 << 30),
    st.integers(1, 9),
    st.integers(1, 90),
    st.integers(1, 20),
    GATED,
)
def test_cycles_without_a_memory_are_those_of_the_tiles(arch, seed, tokens, inputs, width, gated):
    layer = experts_for(arch, drawn_experts(seed, tokens, 5, 2, inputs, width, gated))
    (streams,) = layout_experts(arch, layer)
    whole, most = arch, max(sum(expert in row for row in layer.choice.tolist()) for expert in range(5))
    arch = folded(arch, most, max(width, inputs))
    cycles = vector = 0
    for expert in range(5):
        rows = ranges(sum(expert in row for row in layer.choice.tolist()), arch.rows)
        for stage, (outputs, depth) in enumerate([(width, inputs)] * (2 if gated else 1) + [(inputs, width)]):
            steps = sum(ceil(kept(arch, len(one)) / arch.depth) for one in ranges(depth, arch.tile_k))
            for columns in ranges(outputs, arch.columns):
                for row in rows:
                    size = len(row) * len(columns)
                    lanes = ceil(size / arch.vector_lanes) if gated and stage == 1 else 0
                    cycles += steps + arch.pipeline_stages + max(ceil(size / arch.drain_width), lanes)
                    vector += lanes
    found = run_engine(whole, streams, output=False)
    assert found.cycles == cycles
    assert int(found.reasons.exponential.sum()) == vector


@pytest.mark.parametrize("name", ["nvfp4", "fp8", "bf16"])
def test_bytes_of_weights_are_those_of_distinct_experts(name):
    arch = PLAIN._replace(weight_format=form_of(name), rows=8, columns=16, tile_k=128, operand_capacity=1 << 30)
    for choice in ([[0, 1], [0, 1]], [[0, 1], [2, 3]], [[0, 5], [5, 9]]):
        found, distinct = counts_of(arch, shape_for(arch, choice, 256, 64)), len(np.unique(choice))
        assert found["dram_weight_bytes"] * 8 == distinct * 2 * 256 * 64 * arch.weight_format.bits


def test_partial_sums_and_what_is_between_the_matrices_pass_the_sram():
    """FP8, 3 tokens of two experts each: hidden numbers are a byte; partial outputs are written and read once."""
    arch = PLAIN._replace(weight_format=form_of("fp8"), rows=4, columns=64, tile_k=64)
    layer = shape_for(arch, [[0, 1], [0, 2], [1, 2]], 64, 32)
    found = counts_of(arch, layer)
    hidden, partial = 6 * 32, 4 * 3 * 64
    assert found["operand_writes"] == 3 * 2 * 64 * 32 + 3 * 64 + hidden + partial
    assert found["operand_reads"] == 3 * 2 * 64 * 32 + 6 * 64 + hidden + partial
    gated = counts_of(arch, shape_for(arch, [[0, 1], [0, 2], [1, 2]], 64, 32, gated=True))
    assert gated["operand_writes"] - found["operand_writes"] == 3 * 64 * 32 + 4 * hidden
    assert gated["operand_reads"] - found["operand_reads"] == 3 * 64 * 32 + 6 * 64 + 4 * hidden


@pytest.mark.parametrize(("more", "times"), [(0, 1), (-1, 3)])
def test_weights_are_loaded_once_for_all_tokens_where_two_column_tiles_fit(more, times):
    """FP8, 6 tokens on rows of 2: 2 x 2 x 64 bytes of weights, 6 x 64 of inputs, 6 x 64 between the matrices."""
    arch = PLAIN._replace(weight_format=form_of("fp8"), operand_capacity=256 + 384 + 384 + more)
    layer = shape_for(arch, [[0]] * 6, 64, 64)
    assert counts_of(arch, layer)["dram_weight_bytes"] == times * 2 * 64 * 64
    assert violations(arch, layout_experts(arch, layer)) == ([] if more == 0 else [
        "operand SRAM: 2 steps take 1,024 bytes, of 1,023"
    ])  # fmt: skip


def test_more_steps_than_a_run_may_have():
    arch = PLAIN._replace(rows=1, columns=1)
    with pytest.raises(InputError, match="steps of tile_k places; expected at most 2,097,152"):
        layout_experts(arch, shape_for(arch, [[0]] * 100, 4096, 4096))
