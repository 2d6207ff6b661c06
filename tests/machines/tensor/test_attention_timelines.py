"""Timelines and counts of attention as drawings and formulas: model and engine alike."""

import numpy as np
import pytest
from support.attentions import attention, attention_for
from support.paths import ROOT
from support.products import PLAIN, form_of

from simulator.hardware.dram.presets import load_dram
from simulator.machines.tensor.engine.attention import run_attention as run_engine
from simulator.machines.tensor.layout.attention import layout_attention
from simulator.machines.tensor.model.attention import run as run_model
from zeroskip import show

RUNNERS = pytest.mark.parametrize("runner", [run_model, run_engine])
MANY = 10**6


def run(runner, arch, layer):
    (streams,) = layout_attention(arch, layer)
    return runner(arch, streams, MANY)


def draw(runner, arch, layer):
    return show(run(runner, arch, layer).trace).split("\n")


@RUNNERS
def test_a_block_without_a_memory(runner):
    """One row, 8 wide, four keys on two columns: 2 x 2 cycles of scores, one of the pipeline, 4 scores in a cycle,

    twice; then four pairs a cycle for 8 outputs, two at once: 4 cycles, and a drain of 1 + 8 / 2.
    """
    layer = attention_for(PLAIN, attention(0, 1, 1, 1, 4, 8))
    assert draw(runner, PLAIN, layer) == [
        "mmmmvvvmmmmddddd",
        "................",
        ".....xe.........",
    ]


@RUNNERS
def test_scores_of_the_next_block_are_computed_while_one_is_weighed(runner):
    layer = attention_for(PLAIN, attention(0, 1, 1, 1, 8, 8))
    assert draw(runner, PLAIN, layer) == [
        "mmmmmmmmmmmmmmmmddddd",
        ".....................",
        ".....xe..xe..........",
    ]


def far(arch, keys=8):
    """The first block of 4 keys is near the query, all others are far; so they are skipped."""
    layer = attention(0, 1, 1, 1, keys, 8)
    key = np.full_like(layer.key, -8)
    key[:, :4] = 8
    return attention_for(arch, layer._replace(query=np.ones_like(layer.query), key=key))


@RUNNERS
def test_a_skipped_block_has_no_weights_and_no_values(runner):
    arch = PLAIN._replace(skip_thousandths=500)
    found = run(runner, arch, far(arch))
    whole = run(runner, PLAIN, far(PLAIN))
    assert (found.counts.blocks.sum(), found.counts.blocks_skipped.sum()) == (2, 1)
    assert found.reasons.exponential.sum() == whole.reasons.exponential.sum() / 2
    assert found.reasons.maximum.sum() == whole.reasons.maximum.sum()
    assert whole.counts.array_cycles.sum() - found.counts.array_cycles.sum() == 4
    assert found.cycles < whole.cycles


@RUNNERS
def test_two_arrays_compute_scores_and_values_at_the_same_time(runner):
    """As above: the values of the first block begin when it is weighed, while the scores of the second are computed.

    Two blocks take 8 cycles of scores; those of the second are decided on and weighed 3 cycles later, and take 4.
    """
    arch = PLAIN._replace(separate_arrays=1)
    found = run(runner, arch, attention_for(arch, attention(0, 1, 1, 1, 8, 8)))
    assert show(found.trace).split("\n") == [
        "mmmmmmmmmmmmmmmddddd",
        "....................",
        ".....xe..xe.........",
    ]
    assert found.counts.array_cycles.sum() == 2 * 4 + 2 * 4
    assert found.reasons.compute.sum() == 8 + 3 + 4


@RUNNERS
def test_skipping_saves_no_time_where_scores_have_an_array_of_their_own(runner):
    """Ten blocks, 4 cycles each of scores and of values; all but the first may be skipped."""
    cycles = {}
    for separate in (0, 1):
        for skip in (0, 500):
            arch = PLAIN._replace(separate_arrays=separate, skip_thousandths=skip, scores_ahead=4, pipeline_stages=0)
            cycles[separate, skip] = run(runner, arch, far(arch, 40)).cycles
    scores, value, decision, weights, drain = 40, 4, 1, 1, 4
    assert cycles[1, 0] == scores + decision + weights + value + drain
    assert cycles[1, 500] == scores + decision + drain
    assert cycles[0, 0] == 2 * scores + drain
    assert cycles[0, 500] == scores + value + decision + drain


@RUNNERS
def test_scores_are_ahead_of_the_values_by_as_many_blocks_on_two_arrays(runner):
    """A vector unit that takes 16 cycles a block, twice: scores of a block wait until there is room for them."""
    arch = PLAIN._replace(separate_arrays=1, vector_lanes=1, tile_queries=4)
    layer = attention_for(arch, attention(0, 1, 1, 4, 16, 8))
    (streams,) = layout_attention(arch, layer)
    found = runner(arch, streams, MANY)
    assert found.cycles == 8 + 1 + 4 * 2 * 16 + 8 + (1 + 16)
    assert found.trace[0].tobytes().decode().startswith("m" * 16 + "v")


@RUNNERS
def test_the_timeline_of_the_page(runner):
    """Three blocks on a memory; the scores of the third are computed when the values of the first are there."""
    arch = PLAIN._replace(skip_thousandths=500, dram=load_dram("lpddr5", 5000), value_on_demand=1, operand_capacity=1)
    drawn = draw(runner, arch, far(arch, 12))
    assert drawn == [
        "wwwwwwwwwwwmmmmmmmmwwwwmmmmmmmmvvddddd....",
        "rrrrrrrrrrrr.....rrrrrrr..............ssss",
        "................xe..x...........x.........",
    ]
    page = (ROOT / "docs" / "attention.md").read_text("utf-8")
    assert all(f" {line}\n" in page for line in drawn)


@RUNNERS
def test_values_of_skipped_blocks_are_not_loaded_where_they_wait_for_the_decision(runner):
    arch = PLAIN._replace(skip_thousandths=500, dram=load_dram("lpddr5", 1000), operand_capacity=1)
    block = 4 * 8 * 2
    for on_demand, blocks in ((0, 4), (1, 1)):
        layer = far(arch, 16)
        found = run(runner, arch._replace(value_on_demand=on_demand), layer)
        assert found.counts.dram_value_bytes.sum() == blocks * block
        assert found.counts.dram_key_bytes.sum() == 4 * block


@RUNNERS
@pytest.mark.parametrize(("capacity", "times"), [(1, 3), (1 << 20, 1)])
def test_keys_and_values_that_fit_are_loaded_once_for_all_tiles(runner, capacity, times):
    """Three tiles of four rows each on 8 keys."""
    arch = PLAIN._replace(operand_capacity=capacity, dram=load_dram("lpddr5", 1000))
    found = run(runner, arch, attention_for(arch, attention(0, 2, 1, 6, 8, 8)))
    assert found.counts.dram_key_bytes.sum() == found.counts.dram_value_bytes.sum() == times * 8 * 8 * 2


@RUNNERS
def test_counts_are_formulas(runner):
    """6 rows on 9 keys in blocks of 4, 4 and 1; two tiles, of 4 and 2 rows."""
    arch = PLAIN._replace(cache_format=form_of("fp8"))
    counts = run(runner, arch, attention_for(arch, attention(0, 2, 1, 3, 9, 18))).counts
    rows, keys, width = 6, 9, 18
    assert counts.products_16bit.sum() == 2 * rows * keys * width
    assert counts.maxima.sum() == counts.output_multiplies.sum() == rows * keys
    assert counts.exponentials.sum() == counts.weight_additions.sum() == rows * (keys + 3)
    assert counts.rescales.sum() == rows * 3 * (width + 1)
    assert counts.divisions.sum() == rows * width
    assert counts.decodes.sum() == 2 * 2 * keys * width  # keys and values, for both tiles
    assert counts.accumulations.sum() == rows * keys * 2 + rows * width * 3 * 2
    assert counts.dram_output_bytes.sum() == 4 * rows * width
    assert counts.blocks.sum() == 6
    # scores: 18 wide in 5 cycles for two rows and two keys; values: 18 columns in 9 turns
    assert counts.array_cycles.sum() == (2 + 1) * (2 * 5 + 2 * 5 + 5) + (2 + 1) * 9 * 3


@RUNNERS
def test_a_causal_tile_reads_no_key_after_its_last_query(runner):
    """Six queries on six keys, tiles of four rows: the first reads four keys, the second all."""
    layer = attention_for(PLAIN, attention(0, 1, 1, 6, 6, 4, causal=True))
    assert run(runner, PLAIN, layer).counts.maxima.sum() == 4 * 4 + 2 * 6


def test_dense_attention_takes_what_a_formula_says():
    """Where the vector unit is fast: scores and values of all blocks, the first's way through the units, and drains."""
    arch = PLAIN._replace(vector_lanes=64, pipeline_stages=0)
    layer = attention_for(arch, attention(0, 1, 1, 4, 40, 8))
    step = 2 * 2 * 2  # 4 rows, 4 keys, 8 wide on 2 x 2 units with 4 pairs a cycle
    value = 2 * 4 * 1
    assert run(run_engine, arch, layer).cycles == 10 * (step + value) + 4 * 8 // 2
