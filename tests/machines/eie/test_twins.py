"""EIE's laws on random machines and layers: model and engine are equal, and both obey."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.layers import PLAIN, drawn, drawn_layers, machines
from support.paths import EXAMPLES
from support.shuffled import Shuffled

from kernels_ref.fully_connected import multiply
from simulator.core.run import Run, chain, first_difference
from simulator.machines.eie import engine, model
from simulator.machines.eie.arch import REASON_UNITS
from simulator.machines.eie.layout.streams import entries_per_row, layout


def reference(layer):
    shape = layer.shift, layer.outputs, layer.relu
    return multiply(*layer.columns, layer.codebook, layer.activation, *shape, layer.initial)


@settings(max_examples=3 * EXAMPLES)
@given(machines, drawn_layers)
def test_model_and_engine_are_equal_and_compute_what_the_reference_kernel_computes(arch, layer):
    passes = layout(arch, layer)
    found = chain([model.run(arch, one, 10**6) for one in passes])
    fast = chain([engine.run(arch, one, 10**6) for one in passes])
    assert first_difference(found, fast) is None
    np.testing.assert_array_equal(found.output, reference(layer))
    assert found.trace.shape == (arch.pes + 1, found.cycles)


@given(machines, drawn_layers, st.integers(0, 1 << 30))
def test_sums_that_begin_with_a_bias(arch, layer, seed):
    """Sums of any size: equal twins, the kernel's output, one register write more for each bias, no other cycle."""
    rng = np.random.default_rng(seed)
    words = rng.integers(-(1 << 15), 1 << 15, layer.outputs) * (rng.random(layer.outputs) < 0.7)
    biased = layer._replace(initial=words.astype(np.int16))
    passes = layout(arch, biased)
    found = chain([model.run(arch, one, 10**6) for one in passes])
    fast = chain([engine.run(arch, one, 10**6) for one in passes])
    assert first_difference(found, fast) is None
    np.testing.assert_array_equal(found.output, reference(biased))
    plain = chain([engine.run(arch, one, 10**6) for one in layout(arch, layer)])
    assert (plain.cycles, plain.trace.tolist()) == (fast.cycles, fast.trace.tolist())
    more = fast.counts.accumulator_writes - plain.counts.accumulator_writes
    step = layer.outputs if not arch.batching else arch.pes * arch.activation_registers
    expected = np.zeros(arch.pes, np.int64)
    for output in np.flatnonzero(words):
        expected[output % step % arch.pes] += 1
    assert more.tolist() == expected.tolist()


@given(machines, drawn_layers, st.integers(0, 1 << 30))
def test_the_order_of_processes_within_a_cycle_does_not_matter(arch, layer, seed):
    for streams in layout(arch, layer):
        calm, shaken = engine.run(arch, streams, 10**6), model.run_in(Shuffled(seed), arch, streams, 10**6)
        assert first_difference(calm, shaken) is None


@given(machines, drawn_layers)
def test_every_cycle_of_every_unit_has_one_reason(arch, layer):
    run = chain([engine.run(arch, one, 10**6) for one in layout(arch, layer)])
    pe = sum(getattr(run.reasons, name) for name in REASON_UNITS["PE"])
    control = sum(getattr(run.reasons, name) for name in REASON_UNITS["control"])
    assert set(pe.tolist()) == set(control.tolist()) == {run.cycles}
    letters = {"m": "multiplies", "p": "padding", "b": "broadcasts"}
    for letter, name in letters.items():
        assert np.count_nonzero(run.trace == ord(letter)) == getattr(run.counts, name).sum()


@given(machines, drawn_layers)
def test_counts_are_formulas_over_the_layer(arch, layer):
    passes = layout(arch, layer)
    counts = chain([engine.run(arch, one) for one in passes]).counts
    active = np.flatnonzero(layer.activation)
    stored = sum(int(layer.columns.start[j + 1] - layer.columns.start[j]) for j in active)
    assert counts.broadcasts.sum() == active.size * len(passes)
    assert (counts.queue_pushes == counts.queue_pops).all()
    assert (counts.pointer_reads == active.size * len(passes)).all()
    assert counts.multiplies.sum() == stored
    assert (counts.entries == counts.multiplies + counts.padding).all()
    assert counts.activation_writes.sum() == layer.outputs
    assert counts.activation_reads.sum() == layer.inputs * len(passes)
    per_row = entries_per_row(arch)
    assert (counts.spmat_row_reads <= counts.entries).all()
    assert (counts.spmat_row_reads * per_row >= counts.entries - counts.entries % per_row).all()


@given(machines, drawn_layers)
def test_timing_alone_is_the_same_timing(arch, layer):
    for streams in layout(arch, layer):
        whole, timed = engine.run(arch, streams, 50), engine.run_without_output(arch, streams, 50)
        assert timed.output.size == 0
        assert first_difference(whole._replace(output=timed.output), timed) is None


@given(machines, drawn_layers, st.integers(0, 60))
def test_a_short_trace_is_the_beginning_of_the_long_one(arch, layer, cycles):
    streams = layout(arch, layer)[0]
    whole = engine.run(arch, streams, 10**6)
    for runner in (model, engine):
        np.testing.assert_array_equal(runner.run(arch, streams, cycles).trace, whole.trace[:, :cycles])


def naive_row_reads(streams, arch):
    """Walk every entry of every broadcast slice, as the hardware does, and count changes of the row."""
    reads = np.zeros(arch.pes, np.int64)
    for k in range(arch.pes):
        kept = None
        for j in np.flatnonzero(streams.activation):
            for address in range(streams.pointer[j, k], streams.pointer[j + 1, k]):
                row = address // entries_per_row(arch)
                reads[k] += row != kept
                kept = row
    return reads


@pytest.mark.parametrize("width", [8, 16, 32, 64, 96, 128, 512])
def test_rows_are_read_once_while_they_are_kept(width):
    arch = PLAIN._replace(pes=3, spmat_width_bits=width)
    (streams,) = layout(arch, drawn(1, 60, 50, 0.3, 0.4, bias=True, relu=False))
    np.testing.assert_array_equal(engine.run(arch, streams).counts.spmat_row_reads, naive_row_reads(streams, arch))


def test_deeper_queues_and_fewer_entries_never_take_longer():
    layer = drawn(2, 64, 96, 0.3, 0.6, bias=False, relu=False)
    cycles = []
    for depth in range(1, 20):
        arch = PLAIN._replace(pes=8, queue_depth=depth)
        cycles.append(engine.run_without_output(arch, layout(arch, layer)[0]).cycles)
    assert cycles == sorted(cycles, reverse=True)


def test_the_first_difference_names_its_place():
    arch = PLAIN
    run = engine.run(arch, layout(arch, drawn(3, 8, 8, 0.5, 1.0, bias=False, relu=False))[0], 100)
    other = run.trace.copy()
    other[1, 4] = ord("?")
    assert (
        first_difference(run, run._replace(trace=other))
        == f"trace of unit 1 in cycle 4: {chr(run.trace[1, 4])!r} against '?'"
    )
    output = run.output.copy()
    output[5] += 1
    assert first_difference(run, run._replace(output=output)) == f"output[5] is {run.output[5]} against {output[5]}"
    assert first_difference(run, run._replace(cycles=1)) == f"cycles: {run.cycles} against 1"
    pushes = run.counts._replace(queue_pushes=run.counts.queue_pushes + 1)
    assert first_difference(run, Run(*run[:2], pushes, *run[3:])).startswith("counts: queue_pushes[0] is ")
