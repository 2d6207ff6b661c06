"""Small gradients and small selection units for tests: drawn at random, or written down."""

import numpy as np
from hypothesis import strategies as st

from simulator.config.load import load_arch
from simulator.machines.selection.arch import Arch
from workloads.kinds.gradient.compress import compress_gradient
from workloads.kinds.gradient.layer import Gradient

PLAIN = load_arch("selection").arch._replace(
    lanes=2,
    beat_slots=2,
    sample_slots=1,
    insert_cycles=1,
    queue_entries=4,
    candidate_entries=16,
    bins=1 << 16,
    dram_bytes_per_cycle=40,
)
"""Two lanes, whose beat takes a cycle of the memory in every pass; digits of 15 and 16 bits."""
KINDS_OF_NUMBERS = "normal", "whole", "bits"


def drawn(seed, size, density, kind="normal", momentum=0.9):
    """A gradient of normal numbers, of small whole numbers with many equal ones, or of numbers of any exponent."""
    rng = np.random.default_rng(seed)
    arrays = [rng.standard_normal(size) for _ in range(3)]
    if kind == "whole":
        arrays = [np.round(one) for one in arrays]
    if kind == "bits":
        arrays = [np.ldexp(one, rng.integers(-140, 90, size)) for one in arrays]
    gradient, velocity, residual = (one.astype(np.float32) for one in arrays)
    return compress_gradient(Gradient("drawn", gradient, velocity, residual, momentum, density), None, rng)


def given(residual, count, start=0, stride=1, samples=None, top=1):
    """A tensor whose accumulated elements are these: velocity and gradient are zero, and so is the momentum."""
    values = np.array(residual, np.float32)
    layer = Gradient("given", 0 * values, 0 * values, values, 0.0, 1.0)
    found = compress_gradient(layer, None, np.random.default_rng(0))
    many = values.size // stride if samples is None else samples
    return found._replace(wanted=count, start=start, stride=stride, samples=many, top=top)


def with_threshold(layer, sample):
    """The same with another sample, so that any threshold occurs; sample: start, stride, top as shares of what fits."""
    start, stride, top = sample
    every = 1 + int(stride * min(layer.elements - 1, 40))
    samples = layer.elements // every
    return layer._replace(start=int(start * every), stride=every, samples=samples, top=1 + int(top * (samples - 1)))


shares = st.floats(0, 0.999)
layers = st.builds(
    with_threshold,
    st.builds(
        drawn,
        st.integers(0, 1 << 30),
        st.integers(1, 120),
        st.sampled_from([0.01, 0.1, 0.3, 0.9, 1.0]),
        st.sampled_from(KINDS_OF_NUMBERS),
        st.sampled_from([0.0, 0.5, 0.9]),
    ),
    st.tuples(shares, shares, shares),
)
machines = st.builds(
    Arch,
    lanes=st.integers(1, 12),
    beat_slots=st.integers(1, 5),
    sample_slots=st.integers(1, 4),
    insert_cycles=st.integers(1, 5),
    queue_entries=st.integers(1, 50),
    candidate_entries=st.integers(1, 100),
    bins=st.sampled_from([2, 4, 16, 256, 1 << 16]),
    dram_bytes_per_cycle=st.integers(1, 300),
    value_bits=st.just(32),
    run_bits=st.just(16),
)
