"""Small SIGMAs for tests, written down and drawn at random, and products whose zeros are written down."""

import numpy as np
from hypothesis import strategies as st

from simulator.config.load import load_arch
from simulator.machines.sigma.arch import Arch
from workloads.kinds.matrix_product.compress import compress_product
from workloads.kinds.matrix_product.layer import MatrixProduct

PLAIN = load_arch("sigma").arch._replace(
    flex_dpes=2,
    multipliers=2,
    slab=4,
    port_bits=36,
    stationary_bits=16,
    filter_stationary=1,
    skip_empty_columns=0,
    distribution_stages=1,
    multiply_stages=1,
    accumulate_stages=0,
)
"""Four multipliers; the port sends a slab's bitmap and two values in a cycle; sums come three cycles after a column."""

machines = st.builds(
    Arch,
    flex_dpes=st.integers(1, 4),
    multipliers=st.sampled_from([1, 2, 4, 8]),
    slab=st.integers(1, 40),
    port_bits=st.integers(1, 400),
    stationary_bits=st.integers(1, 130),
    value_bits=st.just(16),
    sum_bits=st.just(32),
    distribution_stages=st.integers(0, 2),
    multiply_stages=st.integers(0, 2),
    accumulate_stages=st.integers(0, 2),
    stationary_activations=st.integers(0, 1),
    filter_stationary=st.integers(0, 1),
    skip_empty_columns=st.integers(0, 1),
    sram_bytes=st.sampled_from([8, 600, 100_000]),
    wait_for_dram=st.integers(0, 1),
    dram_bits_per_kcycle=st.sampled_from([500, 20_000, 900_000]),
)


def product(weight, activation, bias=None, relu=False):
    """A product of small numbers: weights [outputs, inputs], activations [tokens, inputs]."""
    arrays = [np.array(one, np.float32) for one in (weight, activation)]
    added = None if bias is None else np.array(bias, np.float32)
    return compress_product(MatrixProduct("given", arrays[0], added, arrays[1], relu))


def drawn(seed, tokens, inputs, outputs, density, active, bias=True, relu=False):
    """A product whose shares of weights and of inputs that are not zero are these, more or less."""
    rng = np.random.default_rng(seed)
    weight, activation = (
        rng.standard_normal(shape) * (rng.random(shape) < share)
        for shape, share in (((outputs, inputs), density), ((tokens, inputs), active))
    )
    return product(weight, activation, rng.standard_normal(outputs) if bias else None, relu)


shares = st.sampled_from([0.0, 0.05, 0.3, 0.7, 1.0])
products = st.builds(
    drawn,
    st.integers(0, 1 << 30),
    st.integers(1, 8),
    st.integers(1, 60),
    st.integers(1, 14),
    shares,
    shares,
    st.booleans(),
    st.booleans(),
)
