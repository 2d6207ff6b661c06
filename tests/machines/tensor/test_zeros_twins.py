"""Model, engine and kernel agree on machines that skip inputs that are zero, on products and on experts."""

import numpy as np
import pytest
import simpy
from hypothesis import given, settings
from hypothesis import strategies as st
from support.experts import drawn_experts, experts_for, inputs_for
from support.paths import EXAMPLES
from support.products import FORMATS, PLAIN, form_of, memory, product_with_zeros, skipping
from support.shuffled import Shuffled
from support.tensor_twins import MANY, check

from simulator.core.registry import find
from simulator.core.run import first_difference
from simulator.machines.tensor.model.units import run_in

SPARSE = PLAIN._replace(skip_zero_inputs=1, memory_channels=3, dram=memory("lpddr5", 1000, 4, 8))


@settings(max_examples=3 * EXAMPLES, deadline=None)
@given(
    skipping,
    st.integers(0, 1 << 30),
    st.integers(1, 7),
    st.integers(1, 200),
    st.integers(1, 9),
    st.sampled_from([0.0, 0.03, 0.2, 0.6, 1.0]),
)
def test_twins_agree_on_products(arch, seed, tokens, inputs, outputs, density):
    layer = product_with_zeros(arch, tokens, inputs, outputs, density=density, seed=seed)
    found = check(arch, layer)
    machine, dense = find("tensor"), arch._replace(skip_zero_inputs=0)
    (streams,) = machine.layout(dense, layer)
    np.testing.assert_array_equal(found.output, machine.run_engine(dense, streams).output)


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    skipping,
    st.integers(0, 1 << 30),
    st.integers(1, 4),
    st.integers(1, 3),
    st.integers(0, 3),
    st.integers(1, 70),
    st.integers(1, 24),
    st.booleans(),
    st.sampled_from([0.1, 1.0, 30.0]),
    st.sampled_from([0.0, 0.1, 0.6, 1.0]),
)
def test_twins_agree_on_experts(arch, seed, tokens, chosen, others, inputs, width, gated, spread, density):
    given = drawn_experts(seed, tokens, chosen + others, chosen, inputs, width, gated, "uniform", spread, density)
    layer = experts_for(arch, given)
    found = check(arch, layer)
    machine, dense = find("tensor"), arch._replace(skip_zero_inputs=0)
    (streams,) = machine.layout(dense, layer)
    np.testing.assert_array_equal(found.output, machine.run_engine(dense, streams).output)


@pytest.mark.parametrize("gated", [False, True])
@pytest.mark.parametrize("two_of_four", [0, 1])
@pytest.mark.parametrize("name", FORMATS)
def test_experts_in_every_format(name, two_of_four, gated):
    arch = SPARSE._replace(weight_format=form_of(name), two_of_four=two_of_four)
    check(arch, experts_for(arch, drawn_experts(2, 2, 3, 2, inputs_for(name), 18, gated)))


@pytest.mark.parametrize("two_of_four", [0, 1])
@pytest.mark.parametrize("name", FORMATS)
def test_products_in_every_format(name, two_of_four):
    arch = SPARSE._replace(weight_format=form_of(name), two_of_four=two_of_four)
    check(arch, product_with_zeros(arch, 3, 150, 5))


@settings(max_examples=EXAMPLES // 4, deadline=None)
@given(skipping, st.integers(0, 1 << 30), st.booleans())
def test_the_order_of_processes_in_a_cycle_does_not_matter(arch, seed, gated):
    layer = experts_for(arch, drawn_experts(seed, 4, 5, 2, 66, 9, gated))
    (streams,) = find("tensor").layout(arch, layer)
    expected = run_in(simpy.Environment(), arch, streams, MANY)
    assert first_difference(run_in(Shuffled(seed), arch, streams, MANY), expected) is None
