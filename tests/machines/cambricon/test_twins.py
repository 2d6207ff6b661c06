"""Cambricon's model and engine are equal, whatever the order of processes, and compute the convolution."""

from hypothesis import given, settings
from hypothesis import strategies as st
from support.cambricon_machines import machines
from support.paths import EXAMPLES
from support.scnn_layers import drawn_layers, run_twins
from support.twin_laws import check_order_and_length, check_reasons

from simulator.machines.cambricon.arch import REASON_UNITS
from simulator.machines.cambricon.engine import run as engine
from simulator.machines.cambricon.layout.streams import layout
from simulator.machines.cambricon.model import units as model


@settings(max_examples=2 * EXAMPLES)
@given(machines, drawn_layers)
def test_model_and_engine_are_equal_and_compute_the_convolution(arch, layer):
    _, fast = run_twins(layout, model, engine, arch, layer)
    check_reasons(fast, REASON_UNITS)


@settings(max_examples=EXAMPLES // 2)
@given(machines, drawn_layers, st.integers(0, 1 << 30))
def test_order_and_length_of_the_trace_do_not_matter(arch, layer, seed):
    (streams,) = layout(arch, layer)
    check_order_and_length(model, engine.run_without_output, arch, streams, seed)
