"""Eyeriss v2: model and engine are equal in all, and compute the convolution."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from support.convolutions import drawn_convolution, drawn_convolutions, naive_convolution
from support.eyeriss import machines
from support.paths import EXAMPLES
from support.twin_laws import check_order_and_length, check_reasons

from simulator.core.run import first_difference
from simulator.machines.eyeriss_v2.arch import REASON_UNITS
from simulator.machines.eyeriss_v2.engine import run as engine
from simulator.machines.eyeriss_v2.layout.streams import layout
from simulator.machines.eyeriss_v2.model import units as model


@given(machines, drawn_convolutions)
def test_model_and_engine_are_equal_and_compute_the_convolution(arch, layer):
    (streams,) = layout(arch, layer)
    found, fast = model.run(arch, streams, 10**6), engine.run(arch, streams, 10**6)
    assert first_difference(found, fast) is None
    np.testing.assert_array_equal(found.output, naive_convolution(layer).ravel())
    check_reasons(fast, REASON_UNITS)


@settings(max_examples=EXAMPLES // 2)
@given(machines, drawn_convolutions, st.integers(0, 1 << 30))
def test_order_and_length_of_the_trace_do_not_matter(arch, layer, seed):
    (streams,) = layout(arch, layer)
    check_order_and_length(model, engine.run_without_output, arch, streams, seed)


@given(machines, st.integers(0, 1 << 30), st.integers(1, 3))
def test_twins_are_equal_where_words_of_weights_are_neither_full_nor_single(arch, seed, simd):
    """Several outputs of most inputs: their weights share words, the last of each column with padding."""
    layer = drawn_convolution(seed, 3, 5, (4, 3), (2, 2), density=0.7, active=0.7)
    (streams,) = layout(arch._replace(simd=simd), layer)
    found, fast = (twin.run(arch._replace(simd=simd), streams, 10**6) for twin in (model, engine))
    assert first_difference(found, fast) is None
