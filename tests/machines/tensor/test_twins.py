"""Model, engine and kernel agree on random tensor engines and layers, in every number format."""

import numpy as np
import pytest
import simpy
from hypothesis import given, settings
from hypothesis import strategies as st
from support.products import FORMATS, PLAIN, form_of, given_product, machines, memory, product_for
from support.shuffled import Shuffled
from support.tensor_twins import MANY, check

from simulator.core.run import first_difference
from simulator.machines.tensor.layout.product import layout_product as layout
from simulator.machines.tensor.model.units import run_in
from workloads.kinds.convolution.layer import Convolution
from workloads.kinds.matrix_product.compress import compress_product
from workloads.kinds.matrix_product.format import ProductFormat
from workloads.kinds.matrix_product.from_convolution import from_convolution


@settings(max_examples=300, deadline=None)
@given(
    machines,
    st.integers(0, 1 << 30),
    st.integers(1, 7),
    st.integers(1, 200),
    st.integers(1, 9),
    st.booleans(),
    st.booleans(),
    st.sampled_from([0.0, 1.0, 12.0]),
)
def test_twins_agree_with_the_kernel(arch, seed, tokens, inputs, outputs, bias, relu, spread):
    check(arch, product_for(arch, tokens, inputs, outputs, seed=seed, bias=bias, relu=relu, spread=spread))


@settings(max_examples=40, deadline=None)
@given(machines, st.integers(0, 1 << 30), st.integers(1, 3), st.integers(1, 2), st.integers(0, 1), st.integers(1, 3))
def test_twins_agree_on_convolutions(arch, seed, channels, stride, padding, side):
    rng = np.random.default_rng(seed)
    layer = Convolution(
        name="drawn",
        weight=rng.standard_normal((3, channels, side, side), dtype=np.float32),
        bias=None,
        activation=rng.standard_normal((channels, 4, 5), dtype=np.float32),
        relu=True,
        stride=(stride, stride),
        padding=(padding,) * 4,
        groups=1,
    )
    wanted = ProductFormat(arch.weight_format.name, bool(arch.two_of_four))
    check(arch, compress_product(from_convolution(layer), None, wanted))


@pytest.mark.parametrize("two_of_four", [0, 1])
@pytest.mark.parametrize("name", FORMATS)
def test_every_format(name, two_of_four):
    arch = PLAIN._replace(weight_format=form_of(name), two_of_four=two_of_four, dram=memory("lpddr5", 1000, 4, 8))
    check(arch, product_for(arch, 3, 150, 5))


@settings(max_examples=25, deadline=None)
@given(machines, st.integers(0, 1 << 30))
def test_the_order_of_processes_in_a_cycle_does_not_matter(arch, seed):
    (streams,) = layout(arch, product_for(arch, 3, 130, 5, seed=seed))
    expected = run_in(simpy.Environment(), arch, streams, MANY)
    assert first_difference(run_in(Shuffled(seed), arch, streams, MANY), expected) is None


def test_numbers_that_fp32_does_not_hold_are_infinite_and_never_nan():
    arch = PLAIN._replace(weight_format=form_of("bf16"))
    given = given_product(0, 3, 64, 4, bias=False)
    given = given._replace(weight=given.weight * np.float32(1e30), activation=given.activation * np.float32(1e30))
    output = check(arch, compress_product(given, None, ProductFormat("bf16"))).output
    assert np.isinf(output).any()
