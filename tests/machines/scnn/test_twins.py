"""SCNN's laws on random machines and layers: model and engine are equal, and both obey."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.paths import EXAMPLES
from support.scnn_layers import PLAIN, drawn, drawn_layers, machines, run_twins, useful_pairs
from support.shuffled import Shuffled

from simulator.core.run import first_difference
from simulator.machines.scnn.arch import REASON_UNITS
from simulator.machines.scnn.engine import run as engine
from simulator.machines.scnn.layout.streams import layout, stored_activations
from simulator.machines.scnn.model import units as model


@given(machines, drawn_layers)
def test_model_and_engine_are_equal_and_compute_the_convolution(arch, layer):
    found, _ = run_twins(layout, model, engine, arch, layer)
    assert found.trace.shape == (arch.pes + 2, found.cycles)


@settings(max_examples=EXAMPLES // 2)
@given(machines, drawn_layers, st.integers(0, 1 << 30))
def test_the_order_of_processes_within_a_cycle_does_not_matter(arch, layer, seed):
    (streams,) = layout(arch, layer)
    calm, shaken = engine.run(arch, streams, 10**6), model.run_in(Shuffled(seed), arch, streams, 10**6)
    assert first_difference(calm, shaken) is None


@given(machines, drawn_layers)
def test_every_cycle_of_every_unit_has_one_reason(arch, layer):
    run = engine.run(arch, layout(arch, layer)[0], 10**6)
    for kind in REASON_UNITS.values():
        assert set(sum(getattr(run.reasons, name) for name in kind).tolist()) == {run.cycles}
    assert np.count_nonzero(run.trace[:-2] == ord("m")) == run.counts.fifo_reads.sum()


@given(machines, drawn_layers)
def test_counts_are_formulas_over_the_layer(arch, layer):
    (streams,) = layout(arch, layer)
    counts = engine.run(arch, streams).counts
    assert counts.multiplies.sum() == useful_pairs(layer)
    assert (counts.scatters == counts.multiplies).all()
    assert (counts.accumulations == counts.multiplies).all()
    assert (counts.entries >= counts.multiplies).all()
    assert (counts.fifo_reads * arch.multipliers >= counts.entries).all()
    assert (counts.fifo_writes == counts.broadcasts).all()
    assert (counts.iaram_reads <= counts.fifo_reads).all()
    bands = len(streams.planes.tile)
    assert counts.dram_weight_bytes.sum() == bands * -(-streams.weights.value.size * arch.weight_entry_bits // 8)
    spills = bands > 1 or stored_activations(streams).max() * arch.activation_entry_bits > 8 * arch.iaram_bytes
    assert (counts.dram_input_bytes.sum() > 0) == (spills and bool(stored_activations(streams).any()))


@given(machines, drawn_layers)
def test_timing_alone_is_the_same_timing(arch, layer):
    (streams,) = layout(arch, layer)
    whole, timed = engine.run(arch, streams, 50), engine.run_without_output(arch, streams, 50)
    assert timed.output.size == 0
    assert first_difference(whole._replace(output=timed.output), timed) is None


@given(machines, drawn_layers, st.integers(0, 60))
def test_a_short_trace_is_the_beginning_of_the_long_one(arch, layer, cycles):
    (streams,) = layout(arch, layer)
    whole, part = engine.run(arch, streams, 10**6), engine.run(arch, streams, cycles)
    np.testing.assert_array_equal(part.trace, whole.trace[:, :cycles])


@pytest.mark.parametrize("depth", [1, 2, 8])
@pytest.mark.parametrize("shape", [(4, 4), (6, 2), (16, 16)])
def test_wide_machines_and_shallow_queues(shape, depth):
    arch = PLAIN._replace(weights_per_vector=shape[0], activations_per_vector=shape[1], banks=64, queue_depth=depth)
    layer = drawn(1, 1, 2, 12, (3, 3), (8, 8), 0.9, 0.9, (1, 1), (1, 1, 1, 1), bias=False, relu=True)
    (streams,) = layout(arch, layer)
    assert first_difference(model.run(arch, streams, 10**6), engine.run(arch, streams, 10**6)) is None


def test_deeper_queues_never_take_longer():
    layer = drawn(2, 1, 4, 8, (3, 3), (8, 8), 0.7, 0.8, (1, 1), (1, 1, 1, 1), bias=False, relu=True)
    cycles = []
    for depth in range(1, 12):
        arch = PLAIN._replace(queue_depth=depth)
        cycles.append(engine.run(arch, layout(arch, layer)[0]).cycles)
    assert cycles == sorted(cycles, reverse=True)
    assert cycles[0] > cycles[-1]
