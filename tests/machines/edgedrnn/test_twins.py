"""Model, engine and kernel are equal on random machines and GRUs; counts are what formulas say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.gru_layers import TINY, cases, of_machine
from support.shuffled import Shuffled
from support.twin_laws import check_twins

from simulator.core.run import first_difference
from simulator.machines.edgedrnn import MACHINE
from simulator.machines.edgedrnn.engine.run import compute
from simulator.machines.edgedrnn.engine.timing import time_layer
from simulator.machines.edgedrnn.layout.streams import layout
from simulator.machines.edgedrnn.model import units as model
from simulator.machines.edgedrnn.model.units import run as run_model
from workloads.kinds.gru.compress import balanced_columns

NEVER = 1 << 15
"""A threshold that no change reaches."""


@given(cases())
@settings(deadline=None, max_examples=150)
def test_model_engine_and_kernel_are_equal(case):
    arch, gru = case
    (streams,) = layout(arch, gru)
    slow, fast = run_model(arch, streams, 10**6), MACHINE.run_engine(arch, streams, 10**6)
    check_twins(slow, fast, gru, MACHINE.reason_units)


@given(cases(), st.integers(0, 1 << 20))
@settings(deadline=None, max_examples=40)
def test_the_order_of_processes_in_a_cycle_does_not_matter(case, seed):
    arch, gru = case
    (streams,) = layout(arch, gru)
    calm, shaken = run_model(arch, streams, 10**6), model.run_in(Shuffled(seed), arch, streams, 10**6)
    assert first_difference(calm, shaken) is None


@given(cases())
@settings(deadline=None, max_examples=60)
def test_counts_are_sums_over_what_was_sent(case):
    arch, gru = case
    (streams,) = layout(arch, gru)
    run, steps = MACHINE.run_engine(arch, streams), len(gru.activation)
    requests = beats = marks = multiplies = 0
    for one, sent in zip(gru.layers, compute(streams).changed, strict=True):
        requests += int(sent.sum())
        marks += int((~sent[:, [one.inputs, -1]]).sum())
        each = -(-one.cells // arch.pes)
        for column in np.nonzero(sent)[1]:
            if arch.sparse_columns:
                parts = [np.count_nonzero(one.weight[column, :, pe :: arch.pes]) for pe in range(arch.pes)]
                beats, multiplies = beats + max(1, *parts), multiplies + sum(parts)
            else:
                beats, multiplies = beats + 3 * each, multiplies + 3 * one.cells
    counts, cells = run.counts, sum(one.cells for one in gru.layers) * steps
    assert int(counts.elements[0]) == steps * sum(len(one.weight) for one in gru.layers)
    assert int(counts.column_requests[0]) == int(counts.delta_writes[0]) == requests
    assert int(counts.list_pushes[0]) == int(counts.list_pops[0]) == requests + marks
    assert int(counts.weight_beats[0]) == beats
    assert int(counts.multiplies.sum()) == int(counts.accumulator_writes.sum()) == multiplies
    assert int(counts.entries.sum()) == beats * arch.pes == multiplies + int(counts.padding.sum())
    assert int(counts.accumulator_reads.sum()) == multiplies + 4 * cells
    assert int(counts.table_lookups.sum()) == int(counts.element_multiplies.sum()) == 3 * cells
    assert int(counts.state_reads.sum()) == int(counts.state_writes.sum()) == cells
    assert int(counts.dram_weight_bytes[0]) == beats * arch.pes * (2 if arch.sparse_columns else 1)
    assert int(counts.dram_input_bytes[0]) == 2 * gru.activation.size
    assert int(counts.dram_output_bytes[0]) == 2 * steps * gru.layers[-1].cells


@given(cases())
@settings(deadline=None, max_examples=60)
def test_the_least_time_of_a_step_is_a_sum_of_its_pipeline(case):
    """Where nothing is sent: each element, both turns of the encoder, the PEs' pipeline, and the new states."""
    arch, gru = case
    arch = arch._replace(list_depth=8)
    (streams,) = layout(arch, gru._replace(input_threshold=NEVER, state_threshold=NEVER))
    step = 0
    for one in gru.layers:
        last = len(one.weight) + arch.encoder_cycles + arch.phase_cycles + 1
        states = arch.activation_steps * -(-one.cells // arch.pes) + arch.activation_pipeline
        step += last + arch.pipeline_cycles + states
    if not any(sent.any() for sent in compute(streams).changed):
        assert MACHINE.run_engine(arch, streams).cycles == step * len(gru.activation) + arch.run_overhead


@given(st.integers(0, 10**6), st.integers(1, 3))
@settings(deadline=None, max_examples=30)
def test_where_the_stream_is_the_bottleneck_a_step_is_its_beats_and_the_pipeline(seed, layers):
    """Every element is sent: no wait but before the first column of a layer."""
    arch = TINY._replace(encoder_cycles=3, phase_cycles=2, pipeline_cycles=3, activation_steps=5, activation_pipeline=6)
    gru = of_machine(seed, arch, layers=layers, inputs=4, cells=6, steps=1)
    (streams,) = layout(arch, gru)
    for one in streams.layers:
        timing = time_layer(arch, one, np.ones(len(one.beats), bool))
        begin = arch.encoder_cycles + 1 + arch.fetch_cycles
        states = arch.activation_steps * 3 + arch.activation_pipeline
        assert timing.cycles == begin + 9 * len(one.beats) + arch.pipeline_cycles + states


@given(st.integers(0, 10**6), st.sampled_from([1, 5, 64, 300]))
@settings(deadline=None, max_examples=40)
def test_a_deeper_list_and_a_faster_memory_never_cost_cycles(seed, threshold):
    gru = of_machine(seed, TINY._replace(input_threshold=threshold), layers=2, inputs=5, cells=7, steps=3)

    def cycles(**changes):
        arch = TINY._replace(**changes)
        return MACHINE.run_engine(arch, *layout(arch, gru)).cycles

    assert cycles(list_depth=1) >= cycles(list_depth=2) >= cycles(list_depth=100)
    assert cycles(fetch_cycles=5) >= cycles(fetch_cycles=2) >= cycles()
    assert cycles(beat_cycles=3) >= cycles(beat_cycles=2) >= cycles()
    assert cycles(pes=1) >= cycles(pes=7)


@given(st.integers(0, 10**6), st.integers(1, 6), st.sampled_from([0.1, 0.3, 0.5, 0.9]))
def test_balanced_columns_keep_as_many_weights_in_each_pe(seed, pes, density):
    weights = np.random.default_rng(seed).standard_normal((7, 3, 2 * pes)).astype(np.float32)
    keep = balanced_columns(weights, density, pes)
    for pe in range(pes):
        kept = keep[:, :, pe::pes].reshape(7, -1)
        assert (kept.sum(axis=1) == round(6 * density)).all()
        values = np.abs(weights[:, :, pe::pes]).reshape(7, -1)
        for row, mask in zip(values, kept, strict=True):
            assert row[mask].min(initial=np.inf) >= row[~mask].max(initial=0)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"most_cells": 3}, "memories of states and sums: 4 elements of a layer, 3 fit"),
        ({"most_layers": 1}, "memories of states and sums: 2 layers, 1 fit"),
    ],
)
def test_what_does_not_fit_is_said(changes, sentence):
    arch = TINY._replace(**changes)
    streams = layout(arch, of_machine(1, arch, layers=2))
    assert MACHINE.violations(arch, streams) == [sentence]
    ((key, most),) = changes.items()
    assert MACHINE.violations(arch._replace(**{key: most + 1}), streams) == []


def test_a_beat_is_whole_bytes():
    assert MACHINE.problem(TINY._replace(sparse_columns=1, index_bits=3, pes=1)) is not None
    assert MACHINE.problem(TINY._replace(sparse_columns=1, index_bits=4, pes=2)) is None
