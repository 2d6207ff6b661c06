"""Model, engine and kernel agree on attention, on random tensor engines."""

import pytest
import simpy
from hypothesis import given, settings
from hypothesis import strategies as st
from support.attentions import attention, attention_for
from support.paths import EXAMPLES
from support.products import PLAIN, form_of, machines, memory
from support.shuffled import Shuffled
from support.tensor_twins import MANY, check

from simulator.core.run import first_difference
from simulator.machines.tensor.layout.attention import layout_attention
from simulator.machines.tensor.model.attention import run_in


@settings(max_examples=3 * EXAMPLES, deadline=None)
@given(
    machines,
    st.integers(0, 1 << 30),
    st.integers(1, 2),
    st.integers(1, 3),
    st.integers(1, 6),
    st.integers(0, 14),
    st.integers(1, 20),
    st.booleans(),
    st.sampled_from([0.1, 1.0, 6.0]),
)
def test_twins_agree_with_the_kernel(arch, seed, key_heads, group, queries, more, width, causal, spread):
    layer = attention(seed, key_heads * group, key_heads, queries, queries + more, width, causal, spread)
    check(arch, attention_for(arch, layer))


@pytest.mark.parametrize("name", ["bf16", "fp16", "fp8", "mxfp8", "nvfp4", "mxfp4", "int8", "int4-g16", "codebook4"])
@pytest.mark.parametrize("on_demand", [0, 1])
def test_every_format_of_the_cache(name, on_demand):
    arch = PLAIN._replace(
        cache_format=form_of(name), value_on_demand=on_demand, dram=memory("lpddr5", 1000, 4, 8), skip_thousandths=500
    )
    check(arch, attention_for(arch, attention(1, 4, 2, 3, 17, 18, True, 4.0)))


@settings(max_examples=EXAMPLES // 4, deadline=None)
@given(machines, st.integers(0, 1 << 30))
def test_the_order_of_processes_in_a_cycle_does_not_matter(arch, seed):
    layer = attention_for(arch, attention(seed, 2, 1, 4, 13, 5, True, 3.0))
    (streams,) = layout_attention(arch, layer)
    expected = run_in(simpy.Environment(), arch, streams, MANY)
    assert first_difference(run_in(Shuffled(seed), arch, streams, MANY), expected) is None


@pytest.mark.parametrize("dram", [None, memory("lpddr5", 1000, 4, 8)])
def test_a_slow_vector_unit_holds_up_the_loader(dram):
    """Values wait for decisions, and the keys after them wait in the loader, with and without a memory."""
    arch = PLAIN._replace(vector_lanes=1, scores_ahead=9, value_on_demand=1, dram=dram)
    run = check(arch, attention_for(arch, attention(4, 2, 1, 3, 40, 4)))
    assert run.reasons.operand_wait.sum() > 0


@pytest.mark.parametrize("separate", [0, 1])
def test_outputs_wait_for_a_loader_that_waits_for_decisions(separate):
    """Tiles of one block, on a slow vector unit: the loader is late with outputs, of which one is held."""
    arch = PLAIN._replace(
        vector_lanes=1, scores_ahead=9, value_on_demand=1, output_buffers=1, separate_arrays=separate
    )  # fmt: skip
    run = check(arch, attention_for(arch, attention(4, 1, 1, 80, 4, 4)))
    assert run.reasons.write_wait.sum() > 0


def test_blocks_are_skipped_in_these_tests():
    arch = PLAIN._replace(skip_thousandths=900)
    run = check(arch, attention_for(arch, attention(3, 2, 1, 2, 40, 8, False, 6.0)))
    assert 0 < run.counts.blocks_skipped.sum() < run.counts.blocks.sum()
