"""Cambricon's model and engine are equal, whatever the order of processes, and compute the convolution."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from support.cambricon_machines import machines
from support.paths import EXAMPLES
from support.scnn_layers import drawn_layers, run_twins
from support.shuffled import Shuffled

from simulator.core.run import first_difference
from simulator.machines.cambricon.arch import REASON_UNITS
from simulator.machines.cambricon.engine import run as engine
from simulator.machines.cambricon.layout.streams import layout
from simulator.machines.cambricon.model import units as model


@settings(max_examples=2 * EXAMPLES)
@given(machines, drawn_layers)
def test_model_and_engine_are_equal_and_compute_the_convolution(arch, layer):
    _, fast = run_twins(layout, model, engine, arch, layer)
    for kind in REASON_UNITS.values():
        assert set(sum(getattr(fast.reasons, name) for name in kind).tolist()) == {fast.cycles}


@settings(max_examples=EXAMPLES // 2)
@given(machines, drawn_layers, st.integers(0, 1 << 30))
def test_order_and_length_of_the_trace_do_not_matter(arch, layer, seed):
    (streams,) = layout(arch, layer)
    calm, shaken = model.run(arch, streams, 40), model.run_in(Shuffled(seed), arch, streams, 40)
    assert first_difference(calm, shaken) is None
    np.testing.assert_array_equal(engine.run_without_output(arch, streams, 7).trace, calm.trace[:, :7])
