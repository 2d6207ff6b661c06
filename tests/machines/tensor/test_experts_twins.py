"""Model, engine and kernel agree on mixtures of experts, on random tensor engines and in every number format."""

import numpy as np
import pytest
import simpy
from hypothesis import given, settings
from hypothesis import strategies as st
from support.experts import drawn_experts, experts_for, inputs_for
from support.paths import EXAMPLES
from support.products import FORMATS, PLAIN, form_of, machines, memory
from support.shuffled import Shuffled
from support.tensor_twins import MANY, check

from simulator.core.run import first_difference
from simulator.machines.tensor.layout.experts import layout_experts
from simulator.machines.tensor.model.units import run_in


@settings(max_examples=3 * EXAMPLES, deadline=None)
@given(
    machines,
    st.integers(0, 1 << 30),
    st.integers(1, 6),
    st.integers(1, 4),
    st.integers(0, 3),
    st.integers(1, 90),
    st.integers(1, 20),
    st.booleans(),
    st.sampled_from(["uniform", "zipf:1.2", "every"]),
    st.sampled_from([0.1, 1.0, 30.0]),
)
def test_twins_agree_with_the_kernel(arch, seed, tokens, chosen, others, inputs, width, gated, routing, spread):
    check(
        arch,
        experts_for(arch, drawn_experts(seed, tokens, chosen + others, chosen, inputs, width, gated, routing, spread)),
    )


@pytest.mark.parametrize("gated", [False, True])
@pytest.mark.parametrize("two_of_four", [0, 1])
@pytest.mark.parametrize("name", FORMATS)
def test_experts_in_every_format(name, two_of_four, gated):
    arch = PLAIN._replace(weight_format=form_of(name), two_of_four=two_of_four, dram=memory("lpddr5", 1000, 4, 8))
    check(arch, experts_for(arch, drawn_experts(2, 2, 3, 2, inputs_for(name), 18, gated)))


@settings(max_examples=EXAMPLES // 4, deadline=None)
@given(machines, st.integers(0, 1 << 30), st.booleans())
def test_the_order_of_processes_in_a_cycle_does_not_matter(arch, seed, gated):
    (streams,) = layout_experts(arch, experts_for(arch, drawn_experts(seed, 4, 5, 2, 66, 9, gated)))
    expected = run_in(simpy.Environment(), arch, streams, MANY)
    assert first_difference(run_in(Shuffled(seed), arch, streams, MANY), expected) is None


@pytest.mark.parametrize("gated", [False, True])
def test_numbers_beyond_fp32_are_its_largest_and_never_nan(gated):
    arch = PLAIN._replace(weight_format=form_of("bf16"))
    layer = drawn_experts(0, 3, 4, 3, 64, 8, gated, spread=1e30)
    output = check(arch, experts_for(arch, layer._replace(activation=layer.activation * np.float32(1e30)))).output
    assert np.isfinite(output).all()
    assert np.abs(output).max() == np.finfo(np.float32).max
